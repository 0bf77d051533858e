"""The addresses of this door, as `integrations.sandbox_gateway.payments` names them."""

from __future__ import annotations

from django.urls import path

from perseat.entrypoints.sandbox_gateway import outcome, page, refund

app_name = "sandbox_gateway"
urlpatterns = [
    path("pay/<str:token>/", page.page, name="page"),
    path("payments/<str:reference>/", outcome.outcome, name="outcome"),
    path("payments/<str:reference>/refunds/<str:refund_id>/", refund.refund, name="refund"),
]
