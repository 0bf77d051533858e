"""The addresses of this door."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from perseat.entrypoints.webhooks import partner_center, payments

app_name = "webhooks"
urlpatterns: list[URLPattern | URLResolver] = [
    path("partner-center/", partner_center.partner_center, name="partner-center"),
    path("payments/<slug:gateway>/", payments.payments, name="payments"),
]
