"""Customers on account get their seats at once, as long as all they owe stays within the limit."""

from __future__ import annotations

import pytest
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin, state_of
from tests.makers import moment

from perseat.domain.fulfillment import OrderState
from perseat.domain.parties import PaymentTerms
from perseat.journeys.checkout import PaymentMethodNotOffered

pytestmark = pytest.mark.django_db


def on_account(*, limit_minor: int) -> Story:
    customer = makers.make_customer(payment_terms=PaymentTerms.ON_ACCOUNT, credit_limit_minor=limit_minor)
    service = makers.make_service(customer, seats={"basic": 1}, started_on="2026-11-15")
    return Story(customer=customer, service_id=service.pk, owner_id=makers.make_member(customer).pk)


def test_within_the_limit_the_seats_come_at_once_and_the_invoice_is_due_later() -> None:
    story = on_account(limit_minor=2277)

    order = story.order("2026-11-22", {"basic": 4}, payment_method="on_account")

    assert state_of(order) is OrderState.PAID
    assert story.held() == {"basic": 4}
    invoice = story.document(order)
    assert (story.open_minor(order), str(invoice.due_on)) == (2277, "2026-12-06")
    assert_books_hold(story.customer, now=moment("2026-11-22"))


def test_a_cent_beyond_the_limit_the_order_waits_for_its_money() -> None:
    story = on_account(limit_minor=2276)

    order = story.order("2026-11-22", {"basic": 4}, payment_method="on_account")

    assert state_of(order) is OrderState.AWAITING_PAYMENT
    assert story.held() == {"basic": 1}


def test_what_is_owed_already_counts_against_the_limit() -> None:
    story = on_account(limit_minor=3000)
    story.order("2026-11-22", {"basic": 4}, payment_method="on_account")

    order = story.order("2026-11-22", {"basic": 5}, payment_method="on_account")

    assert state_of(order) is OrderState.AWAITING_PAYMENT
    assert_books_hold(story.customer, now=moment("2026-11-22"))


def test_a_prepaid_customer_cannot_choose_to_pay_later() -> None:
    story = begin({"basic": 1})

    with pytest.raises(PaymentMethodNotOffered):
        story.order("2026-11-22", {"basic": 4}, payment_method="on_account")
    assert story.customer.orders.filter(accepted_at__gte=moment("2026-11-22")).count() == 0
