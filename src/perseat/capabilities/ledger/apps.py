"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Ledger as a Django app."""

    name = "perseat.capabilities.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
