"""Django's registration of this capability."""

from __future__ import annotations

from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    """Provisioning as a Django app."""

    name = "perseat.capabilities.provisioning"
    label = "provisioning"
    default_auto_field = "django.db.models.BigAutoField"
