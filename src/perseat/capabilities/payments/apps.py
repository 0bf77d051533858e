"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Payments as a Django app."""

    name = "perseat.capabilities.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"
