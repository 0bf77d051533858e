"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class SubscriptionsConfig(AppConfig):
    """Subscriptions as a Django app."""

    name = "perseat.capabilities.subscriptions"
    label = "subscriptions"
    default_auto_field = "django.db.models.BigAutoField"
