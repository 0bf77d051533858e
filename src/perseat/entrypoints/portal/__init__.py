"""The Client Area: pages for a customer's people."""

from __future__ import annotations
