"""Ledger: every movement of money as a balanced, append-only entry."""

from __future__ import annotations
