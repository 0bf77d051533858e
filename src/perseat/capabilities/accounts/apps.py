"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts as a Django app."""

    name = "perseat.capabilities.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
