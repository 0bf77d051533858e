"""Seats go up, across and down again, and every figure follows from the documents."""

from __future__ import annotations

import pytest
from tests.journeys.books import assert_books_hold
from tests.makers import accept, make_customer, make_member, make_service, moment, quote

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.journeys.checkout import get_checkout

pytestmark = pytest.mark.django_db


def held(service_id: int) -> dict[str, int]:
    from perseat.capabilities.subscriptions.models import Subscription

    rows = Subscription.objects.filter(service_id=service_id, ended_on=None).select_related("offer__edition")
    return {row.offer.edition.code: row.held_seats for row in rows}


def test_one_basic_seat_becomes_four() -> None:
    customer = make_customer()
    service = make_service(customer, seats={"basic": 1}, started_on="2026-11-15")
    owner = make_member(customer)
    now = moment("2026-11-22")

    quote_id = quote(customer, service_id=service.pk, wanted={"basic": 4}, user_id=owner.pk, now=now)
    figures = get_checkout(customer_id=customer.pk, quote_id=quote_id, now=now).figures
    order_id = accept(customer, quote_id=quote_id, user_id=owner.pk, now=now)

    # 3 seats × 9.00 × 23 of 30 days = 20.70, with 10 % GST 22.77
    assert (figures.net_minor, figures.tax_minor, figures.due_today_minor) == (2070, 207, 2277)
    assert figures.to_pay_minor == 2277
    assert figures.recurring_total_minor == 3960
    assert held(service.pk) == {"basic": 1}, "unpaid seats are not held"
    document = Document.objects.get(order_id=order_id)
    assert document.total_minor == 2277
    assert_books_hold(customer, now=now)
