"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class RenewalsConfig(AppConfig):
    """Renewals as a Django app."""

    name = "perseat.capabilities.renewals"
    label = "renewals"
    default_auto_field = "django.db.models.BigAutoField"
