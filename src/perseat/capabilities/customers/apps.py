"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Customers as a Django app."""

    name = "perseat.capabilities.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"
