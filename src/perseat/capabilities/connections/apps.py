"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    """Connections as a Django app."""

    name = "perseat.capabilities.connections"
    label = "connections"
    default_auto_field = "django.db.models.BigAutoField"
