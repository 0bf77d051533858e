"""Subscriptions: what a customer holds, on which terms, and what is planned."""

from __future__ import annotations
