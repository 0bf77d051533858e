"""Customers: who buys from the provider, who may log in for them, and their tenant."""

from __future__ import annotations
