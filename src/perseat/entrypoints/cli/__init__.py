"""The perseat program's commands."""

from __future__ import annotations
