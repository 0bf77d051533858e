"""A closed month takes nothing more, and nothing that comes late breaks on it: it is dated on the first open day."""

from __future__ import annotations

from datetime import date

import pytest
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin, state_of
from tests.journeys.gateway import SHOP, Gateway
from tests.journeys.outside import make_world
from tests.journeys.test_refusal import refuse_purchases

from perseat.capabilities.accounts.queries import NotStaff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ledger.models import LedgerEntry
from perseat.capabilities.ledger.months import record_closed_month
from perseat.capabilities.payments.models import Payment
from perseat.domain.fulfillment import OrderState
from perseat.journeys.billing_acts import close_month, give_goodwill
from perseat.journeys.paying import ReceivedInFuture, check_payment, reverse_receipt, start_gateway_payment
from perseat.journeys.recipient import correct_recipient
from perseat.journeys.repaying import return_money
from perseat.journeys.withdrawal import lapse_orders
from perseat.ports.payment_gateway import GatewayOutcome

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
NOW = makers.moment("2026-12-03")
IN_NOVEMBER = makers.moment("2026-11-24")


def close(first_day: date = NOVEMBER, *, day: str = "2026-12-03") -> None:
    close_month(first_day, reason="Filed", staff_id=makers.clerk_id(), now=makers.moment(day))


def days_of(*, after: int) -> set[date]:
    return set(LedgerEntry.objects.filter(pk__gt=after).values_list("occurred_on", flat=True))


def last_entry() -> int:
    return LedgerEntry.objects.order_by("-pk")[0].pk


def test_a_receipt_of_the_closed_month_is_dated_on_the_first_open_day_and_says_so() -> None:
    story = begin({"basic": 1})
    story.renew("2026-11-15")
    order = story.order("2026-11-28", {"basic": 4})
    close()
    before = last_entry()

    number = story.document(order).number
    makers.pay(number, amount_minor=story.open_minor(order), now=NOW, received_on=date(2026, 11, 30))

    received = LedgerEntry.objects.get(pk__gt=before, description__startswith="Payment received")
    assert received.occurred_on == DECEMBER
    assert "of 2026-11-30, whose month is closed" in received.description
    assert Payment.objects.order_by("-pk")[0].received_on == date(2026, 11, 30)
    assert state_of(order) is OrderState.PAID, "it began in December: the days before are credited in December"
    late = story.customer.documents.get(reason="The seats started later than they were ordered.")
    assert late.issued_on == date(2026, 12, 3)
    assert_books_hold(story.customer, now=NOW)


def test_money_is_dated_when_the_bank_had_it() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-20", {"basic": 4})
    makers.pay(story.document(order).number, amount_minor=100, now=IN_NOVEMBER, received_on=date(2026, 11, 22))
    assert LedgerEntry.objects.filter(description="Payment received").order_by("-pk")[0].occurred_on == date(
        2026, 11, 22
    )
    with pytest.raises(ReceivedInFuture):
        makers.pay(
            story.document(order).number,
            amount_minor=100,
            now=makers.moment("2026-11-24"),
            received_on=date(2026, 11, 25),
        )


def test_renewals_of_a_customer_who_was_parked_are_dated_on_the_first_open_day() -> None:
    story = begin({"basic": 2}, started_on="2026-10-15")
    makers.make_member(story.customer)
    Customer.objects.filter(pk=story.customer.pk).update(parked_reason="Looked at")
    assert story.renew("2026-12-20") == 0
    record_closed_month(NOVEMBER, actor="x", reason="Filed", now=NOW)  # whoever closes it by hand in the tables
    Customer.objects.filter(pk=story.customer.pk).update(parked_reason="")

    assert story.renew("2026-12-20") == 2

    late, in_time = story.customer.documents.order_by("pk")[1:]
    assert (late.issued_on, late.lines.get().start) == (DECEMBER, date(2026, 11, 15))
    assert late.reason == "Of 2026-11-15. It is dated later because the books of that month are closed."
    assert (in_time.issued_on, in_time.reason) == (date(2026, 12, 15), "")
    assert_books_hold(story.customer, now=makers.moment("2026-12-20"))


def test_notices_and_answers_of_the_gateway_that_come_late() -> None:
    story, gateway = begin({"basic": 1}), Gateway()
    order = story.order("2026-11-29", {"basic": 2})
    address = start_gateway_payment(
        gateway.outside, customer_id=story.customer.pk, order_id=order.pk, gateway="sandbox",
        return_address=SHOP, now=makers.moment("2026-11-29"),
    )  # fmt: skip
    page = gateway.open_page(address)
    close()
    before = last_entry()

    gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=NOW)
    gateway.tell(page, outcome=GatewayOutcome.SUCCEEDED, now=NOW)
    check_payment(gateway.outside, Payment.objects.get(method="sandbox").pk, now=NOW)

    assert days_of(after=before) == {date(2026, 12, 3)}
    assert state_of(order) is OrderState.PAID
    assert_books_hold(story.customer, now=NOW)


def test_goodwill_another_recipient_a_reversal_and_a_return_for_a_closed_month() -> None:
    story = begin({"basic": 3})
    story.buy("2026-11-20", {"basic": 2})
    close()
    before, clerk = last_entry(), makers.clerk_id()
    invoice = story.customer.documents.order_by("pk")[0]
    give_goodwill(invoice.number, amount_minor=100, reason="Slow", staff_id=clerk, now=NOW)
    return_money(
        story.customer.pk,
        amount_minor=100,
        payment_id=None,
        bank_reference="OUT-1",
        reason="Asked",
        staff_id=clerk,
        now=NOW,
    )
    Customer.objects.filter(pk=story.customer.pk).update(legal_name="Acme Holdings Pty Ltd")
    correct_recipient(invoice.number, reason="Name", staff_id=clerk, now=NOW)
    reverse_receipt(payment_id=Payment.objects.order_by("pk")[0].pk, reason="bounced", staff_id=clerk, now=NOW)
    assert days_of(after=before) == {date(2026, 12, 3)}
    assert_books_hold(story.customer, now=NOW)


def test_an_order_of_the_closed_month_lapses() -> None:
    story = begin({"basic": 1})
    order = story.order("2026-11-28", {"basic": 4})
    close()
    lapse_orders(makers.moment("2026-12-20"))
    assert state_of(order) is OrderState.CANCELLED
    assert_books_hold(story.customer, now=makers.moment("2026-11-28"))


def test_a_refusal_of_an_order_of_the_closed_month() -> None:
    world = make_world(seats={"basic": 1})
    order_id = world.order(premium=1)
    story = Story(customer=world.customer, service_id=world.service.pk, owner_id=world.owner.pk)
    month = world.now().date().replace(day=1)
    record_closed_month(month, actor="x", reason="Filed", now=world.now())
    refuse_purchases(world)

    world.deliver(order_id)

    credit = Document.objects.filter(order_id=order_id).order_by("-pk")[0]
    assert credit.kind == "credit_note"
    assert credit.issued_on > world.now().date()
    assert story.balance() >= 0
    assert_books_hold(world.customer, now=world.now())


def test_only_the_billing_team_closes_a_month() -> None:
    story = begin({"basic": 1})
    with pytest.raises(NotStaff):
        close_month(NOVEMBER, reason="x", staff_id=story.owner_id, now=NOW)
