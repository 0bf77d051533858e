"""Money comes by card or bank: in time, late, in parts, too much, twice, for nothing known, and back again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin, state_of
from tests.journeys.gateway import SHOP, Gateway
from tests.makers import clerk_id, moment, pay

from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.models import GatewayNotice, Payment
from perseat.capabilities.payments.queries import list_unmatched_notices
from perseat.domain.fulfillment import OrderState, PaymentState
from perseat.integrations.sandbox_gateway.payments import SandboxPayment
from perseat.journeys.paying import (
    AmountNotPositive,
    CannotBeReversed,
    DocumentUnknown,
    GatewayUnknown,
    OrderCannotBePaid,
    ReceiptAlreadyRecorded,
    check_payment,
    list_payments_to_check,
    reverse_receipt,
    start_gateway_payment,
    take_notice,
)
from perseat.ports.payment_gateway import ForgedNotice, GatewayOutcome

pytestmark = pytest.mark.django_db

DAY = "2026-11-22"
NOW = moment(DAY)


def start(story: Story, gateway: Gateway, order: Order, *, day: str = DAY) -> SandboxPayment:
    address = start_gateway_payment(
        gateway.outside,
        customer_id=story.customer.pk,
        order_id=order.pk,
        gateway="sandbox",
        return_address=f"{SHOP}/orders/{order.pk}/",
        now=moment(day),
    )
    return gateway.open_page(address)


def test_a_card_payment_starts_the_order() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    page = start(story, gateway, order)
    assert (page.amount_minor, page.currency) == (2277, "AUD")

    gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=NOW)

    assert state_of(order) is OrderState.PAID
    assert story.held() == {"basic": 4}
    assert_books_hold(story.customer, now=NOW)


def test_a_notice_that_is_repeated_changes_nothing() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    page = start(story, gateway, story.order(DAY, {"basic": 4}))

    for notice_id in ("one", "one", "another"):
        gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=NOW, notice_id=notice_id)

    assert Payment.objects.filter(method="sandbox").count() == 1
    assert GatewayNotice.objects.count() == 2
    assert story.balance() == 0
    assert_books_hold(story.customer, now=NOW)


def test_a_forged_notice_is_refused_and_leaves_no_trace() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    page = start(story, gateway, order)

    with pytest.raises(ForgedNotice):
        gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=NOW, secret="whsec_c29tZWJvZHkgZWxzZQ==")

    assert not GatewayNotice.objects.exists()
    assert state_of(order) is OrderState.AWAITING_PAYMENT


def test_a_notice_with_another_amount_is_kept_for_the_staff() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    page = start(story, gateway, order)

    gateway.tell(replace(page, amount_minor=1), outcome=GatewayOutcome.SUCCEEDED, now=NOW)

    assert state_of(order) is OrderState.AWAITING_PAYMENT
    assert [notice.amount_minor for notice in list_unmatched_notices()] == [1]


def test_a_notice_of_an_unknown_payment_is_kept_for_the_staff() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    page = start(story, gateway, story.order(DAY, {"basic": 4}))

    gateway.tell(replace(page, gateway_reference="sandbox_else"), outcome=GatewayOutcome.SUCCEEDED, now=NOW)

    assert [notice.gateway_reference for notice in list_unmatched_notices()] == ["sandbox_else"]


def test_a_notice_that_comes_before_we_know_the_reference_is_not_lost() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    page = start(story, gateway, order)
    Payment.objects.filter(method="sandbox").update(gateway_reference="")
    gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=NOW)
    assert state_of(order) is OrderState.AWAITING_PAYMENT

    start(story, gateway, order)

    assert state_of(order) is OrderState.PAID
    assert list_unmatched_notices() == ()
    assert_books_hold(story.customer, now=NOW)


def test_starting_twice_is_one_payment() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})

    assert start(story, gateway, order) == start(story, gateway, order)
    assert Payment.objects.filter(method="sandbox").count() == 1


def test_a_declined_card_can_be_tried_again() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    first = start(story, gateway, order)
    gateway.tell(first, outcome=GatewayOutcome.DECLINED, now=NOW)

    second = start(story, gateway, order)
    gateway.tell(second, outcome=GatewayOutcome.SUCCEEDED, now=NOW)

    assert first.gateway_reference != second.gateway_reference
    assert state_of(order) is OrderState.PAID
    assert_books_hold(story.customer, now=NOW)


def test_a_decline_told_after_the_success_changes_nothing() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    page = start(story, gateway, order)
    gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=NOW)

    gateway.tell(page, outcome=GatewayOutcome.DECLINED, now=NOW)

    assert Payment.objects.get(method="sandbox").state == PaymentState.SUCCEEDED
    assert state_of(order) is OrderState.PAID


def test_when_no_notice_comes_the_gateway_is_asked() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    page = start(story, gateway, order)
    (payment_id,) = list_payments_to_check(started_before=moment("2026-11-23"))

    check_payment(gateway.outside, payment_id, now=NOW)
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    gateway.decided[page.gateway_reference] = GatewayOutcome.SUCCEEDED
    check_payment(gateway.outside, payment_id, now=NOW)
    check_payment(gateway.outside, payment_id, now=NOW)

    assert state_of(order) is OrderState.PAID
    assert_books_hold(story.customer, now=NOW)


def test_an_order_that_is_paid_cannot_be_paid_again() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.buy(DAY, {"basic": 4})

    with pytest.raises(OrderCannotBePaid):
        start(story, gateway, order)


def test_paid_by_card_and_by_bank_the_second_money_is_balance() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order(DAY, {"basic": 4})
    page = start(story, gateway, order)
    story.pay(DAY, order)

    gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=NOW)

    assert story.balance() == 2277
    assert_books_hold(story.customer, now=NOW)


def test_an_unknown_gateway_is_said_to_be_unknown() -> None:
    with pytest.raises(GatewayUnknown):
        take_notice(Gateway().outside, gateway="other", body=b"{}", headers={}, now=NOW)


def test_a_part_payment_starts_nothing_until_the_rest_arrives() -> None:
    story = begin({"basic": 1})
    order = story.order(DAY, {"basic": 4})

    story.pay(DAY, order, amount_minor=2000)
    assert (state_of(order), story.open_minor(order)) == (OrderState.AWAITING_PAYMENT, 277)
    story.pay(DAY, order, amount_minor=277)

    assert (state_of(order), story.open_minor(order)) == (OrderState.PAID, 0)
    assert_books_hold(story.customer, now=NOW)


def test_what_is_paid_too_much_becomes_balance() -> None:
    story = begin({"basic": 1})
    order = story.order(DAY, {"basic": 4})

    story.pay(DAY, order, amount_minor=5000)

    assert (state_of(order), story.balance()) == (OrderState.PAID, 5000 - 2277)
    assert_books_hold(story.customer, now=NOW)


def test_a_receipt_can_name_the_payment_reference() -> None:
    story = begin({"basic": 1})
    order = story.order(DAY, {"basic": 4})
    reference = story.document(order).payment_reference

    pay(f" {reference[:4]} {reference[4:].lower()} ", amount_minor=2277, now=NOW)

    assert state_of(order) is OrderState.PAID


def test_a_reversed_receipt_opens_what_it_settled() -> None:
    story = begin({"basic": 1})
    order = story.order(DAY, {"basic": 4})
    payment_id = story.pay(DAY, order, amount_minor=3000)

    reverse_receipt(payment_id=payment_id, reason="bounced", staff_id=clerk_id(), now=NOW)

    assert (story.open_minor(order), story.balance()) == (2277, 0)
    assert_books_hold(story.customer, now=NOW)
    with pytest.raises(CannotBeReversed):
        reverse_receipt(payment_id=payment_id, reason="again", staff_id=clerk_id(), now=NOW)


def test_a_reversed_receipt_whose_rest_was_used_opens_all_that_it_settled() -> None:
    story = begin({"basic": 1})
    order = story.order(DAY, {"basic": 4})
    payment_id = story.pay(DAY, order, amount_minor=5000)
    second = story.order("2026-11-23", {"basic": 5})

    reverse_receipt(payment_id=payment_id, reason="bounced", staff_id=clerk_id(), now=moment("2026-11-24"))

    assert story.open_minor(order) == 2277
    assert story.open_minor(second) == story.document(second).total_minor
    assert_books_hold(story.customer, now=moment("2026-11-24"))


def test_one_line_of_the_bank_statement_is_recorded_once() -> None:
    story = begin({"basic": 1})
    order = story.order(DAY, {"basic": 4})
    number = story.document(order).number
    pay(number, amount_minor=100, now=NOW, reference="line 7")

    with pytest.raises(ReceiptAlreadyRecorded):
        pay(number, amount_minor=100, now=NOW, reference="line 7")


@pytest.mark.parametrize("amount_minor", [0, -5])
def test_an_amount_of_nothing_is_no_receipt(amount_minor: int) -> None:
    with pytest.raises(AmountNotPositive):
        pay("INV-000001", amount_minor=amount_minor, now=NOW)


def test_money_for_a_document_that_does_not_exist_is_refused() -> None:
    with pytest.raises(DocumentUnknown):
        pay("INV-999999", amount_minor=5, now=NOW)
