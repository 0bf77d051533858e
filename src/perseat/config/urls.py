"""Every address of the web server, door by door."""

from __future__ import annotations

from django.urls import include, path

from perseat.config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/", include("perseat.entrypoints.api.urls")),
    path("webhooks/", include("perseat.entrypoints.webhooks.urls")),
    path("sandbox-gateway/", include("perseat.entrypoints.sandbox_gateway.urls")),
    path("backoffice/", include("perseat.entrypoints.backoffice.urls")),
    path("", include("perseat.entrypoints.portal.urls")),
]
