"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Catalog as a Django app."""

    name = "perseat.capabilities.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
