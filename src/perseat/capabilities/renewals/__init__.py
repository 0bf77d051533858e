"""Renewals: which periods of which services were charged, once each."""

from __future__ import annotations
