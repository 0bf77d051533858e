"""Tells Django about this capability."""

from __future__ import annotations

from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    name = "perseat.capabilities.collections"
    label = "collections"
