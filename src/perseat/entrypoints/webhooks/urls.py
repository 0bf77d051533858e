"""The addresses of this door."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from perseat.entrypoints.webhooks import payments

app_name = "webhooks"
urlpatterns: list[URLPattern | URLResolver] = [
    path("payments/<slug:gateway>/", payments.payments, name="payments"),
]
