"""Doors: one request, one call, one reply. Doors read the clock and render; they decide nothing."""

from __future__ import annotations
