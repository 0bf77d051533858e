"""Wiring: which integration stands behind each port. Read by doors only."""

from __future__ import annotations
