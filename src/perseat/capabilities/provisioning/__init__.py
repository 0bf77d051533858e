"""Provisioning: each intention towards the supplier, and every attempt to carry it out."""

from __future__ import annotations
