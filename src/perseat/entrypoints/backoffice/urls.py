"""The addresses of this door."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from perseat.entrypoints.backoffice import (
    books_case,
    customer,
    customer_add,
    customer_invite,
    customer_tenant,
    customer_terms,
    customers,
    deliveries,
    delivery,
    home,
    invoice,
    invoices,
    order,
    orders,
    payment,
    payment_add,
    payments,
    question,
    questions,
    staff,
)

_pages: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("customers/", customers.customers, name="customers"),
    path("customers/add/", customer_add.customer_add, name="customer-add"),
    path("customers/<str:number>/", customer.customer, name="customer"),
    path("customers/<str:number>/terms/", customer_terms.customer_terms, name="customer-terms"),
    path("customers/<str:number>/invite/", customer_invite.customer_invite, name="customer-invite"),
    path("customers/<str:number>/tenant/", customer_tenant.customer_tenant, name="customer-tenant"),
    path(
        "customers/<str:number>/tenant/<int:tenant_row_id>/",
        customer_tenant.customer_subscriptions,
        name="customer-subscriptions",
    ),
    path(
        "customers/<str:number>/tenant/<int:tenant_row_id>/agreement/",
        customer_tenant.agreement,
        name="customer-agreement",
    ),
    path("orders/", orders.orders, name="orders"),
    path("orders/<int:order_id>/", order.order, name="order"),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/<str:number>/", invoice.invoice, name="invoice"),
    path("invoices/<str:number>/pdf/", invoice.invoice_pdf, name="invoice-pdf"),
    path("invoices/<str:number>/xml/", invoice.invoice_xml, name="invoice-xml"),
    path("payments/", payments.payments, name="payments"),
    path("payments/add/", payment_add.payment_add, name="payment-add"),
    path("payments/<int:payment_id>/", payment.payment, name="payment"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<int:delivery_id>/", delivery.delivery, name="delivery"),
    path("deliveries/<int:delivery_id>/try-again/", delivery.try_again, name="delivery-try-again"),
    path("deliveries/<int:delivery_id>/stop/", delivery.stop, name="delivery-stop"),
    path("deliveries/<int:delivery_id>/give-up/", delivery.give_up, name="delivery-give-up"),
    path("questions/", questions.questions, name="questions"),
    path("questions/<int:question_id>/", question.question, name="question"),
    path("questions/<int:question_id>/close/", question.close, name="question-close"),
    path("books/<int:case_id>/", books_case.books_case, name="books-case"),
    path("staff/", staff.staff, name="staff"),
    path("staff/<int:user_id>/role/", staff.change_role, name="staff-role"),
]

urlpatterns: list[URLPattern | URLResolver] = [path("", include((_pages, "office")))]
