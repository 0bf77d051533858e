"""Perseat: a portal and billing engine that sells Microsoft 365 by the seat."""

from __future__ import annotations
