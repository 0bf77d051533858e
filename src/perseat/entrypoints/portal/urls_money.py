"""Addresses of what a customer buys and pays: services, seats, checkout, orders, invoices."""

from __future__ import annotations

from django.urls import URLPattern, path

from perseat.entrypoints.portal import (
    checkout,
    home,
    invoice,
    invoices,
    options,
    order,
    services,
    statement,
    summary,
    undo_plan,
)

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("services/", services.services, name="services"),
    path("services/<int:service_id>/", summary.summary, name="service"),
    path("services/<int:service_id>/licenses/", summary.licenses, name="service-licenses"),
    path("services/<int:service_id>/options/", options.options, name="options"),
    path("services/<int:service_id>/options/preview/", options.preview, name="options-preview"),
    path("services/<int:service_id>/undo-plan/", undo_plan.undo_plan, name="undo-plan"),
    path("checkout/<uuid:quote_id>/", checkout.checkout, name="checkout"),
    path("orders/<int:order_id>/", order.order, name="order"),
    path("orders/<int:order_id>/progress/", order.progress, name="order-progress"),
    path("orders/<int:order_id>/pay/", order.pay, name="order-pay"),
    path("orders/<int:order_id>/withdraw/", order.withdraw, name="order-withdraw"),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/statement/", statement.statement, name="statement"),
    path("invoices/statement.csv", statement.statement_csv, name="statement-csv"),
    path("invoices/<str:number>/", invoice.invoice, name="invoice"),
    path("invoices/<str:number>/pdf/", invoice.invoice_pdf, name="invoice-pdf"),
    path("invoices/<str:number>/xml/", invoice.invoice_xml, name="invoice-xml"),
]
