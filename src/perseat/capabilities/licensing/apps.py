"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class LicensingConfig(AppConfig):
    """Licensing as a Django app."""

    name = "perseat.capabilities.licensing"
    label = "licensing"
    default_auto_field = "django.db.models.BigAutoField"
