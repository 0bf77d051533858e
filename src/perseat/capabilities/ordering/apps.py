"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class OrderingConfig(AppConfig):
    """Ordering as a Django app."""

    name = "perseat.capabilities.ordering"
    label = "ordering"
    default_auto_field = "django.db.models.BigAutoField"
