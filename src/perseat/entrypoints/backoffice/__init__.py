"""The back office: pages for the provider's staff."""

from __future__ import annotations
