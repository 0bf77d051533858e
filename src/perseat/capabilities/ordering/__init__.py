"""Ordering: quotes (stored, immutable) and the orders made from them."""

from __future__ import annotations
