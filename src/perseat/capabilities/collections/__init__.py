"""Collections: what happens to documents that are not paid in time."""

from __future__ import annotations
