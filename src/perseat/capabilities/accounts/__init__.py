"""Accounts: people who can log in, and the record of who did what."""

from __future__ import annotations
