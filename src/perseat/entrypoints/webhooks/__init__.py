"""What other systems tell us: signed notices of payments and of Microsoft."""

from __future__ import annotations
