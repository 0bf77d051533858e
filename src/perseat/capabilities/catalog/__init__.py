"""Catalog: editions, offers, dated prices and tax rates."""

from __future__ import annotations
