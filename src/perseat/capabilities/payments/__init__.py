"""Payments: money received, and what it was used for."""

from __future__ import annotations
