"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    """Invoicing as a Django app."""

    name = "perseat.capabilities.invoicing"
    label = "invoicing"
    default_auto_field = "django.db.models.BigAutoField"
