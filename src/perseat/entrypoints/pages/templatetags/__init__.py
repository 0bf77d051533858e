"""Filters and tags that every template may load: `money`, `days`, `fields`, `navigation`."""

from __future__ import annotations
