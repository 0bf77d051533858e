"""What the billing team does by hand: goodwill, a charge, another recipient, a closed month; and the books hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ledger.actions import record_entry
from perseat.capabilities.ledger.models import Account, LedgerEntry
from perseat.capabilities.ledger.months import MonthIsClosed, list_closed_months
from perseat.capabilities.payments.queries import get_open_minor
from perseat.journeys.billing_acts import ActRefused, charge_by_hand, close_month, give_goodwill

pytestmark = pytest.mark.django_db
CLERK = "clerk@provider.example"
DAY = makers.moment("2026-11-20")


def clerk() -> int:
    return makers.clerk_id(CLERK)


def first_invoice(story: Story) -> Document:
    return Document.objects.filter(customer=story.customer).order_by("pk")[0]


def test_goodwill_is_a_credit_note_with_a_reason_and_a_name() -> None:
    story = begin({"basic": 2})
    invoice = first_invoice(story)

    number = give_goodwill(invoice.number, amount_minor=500, reason="Mail was slow", staff_id=clerk(), now=DAY)

    note = Document.objects.get(number=number)
    assert (note.kind, note.net_minor, note.tax_minor, note.reason) == ("credit_note", -500, -50, "Mail was slow")
    assert note.corrects == invoice
    assert note.lines.get().text == f"Goodwill for {invoice.number}: Mail was slow"
    entry = LedgerEntry.objects.get(reference=number)
    assert (entry.reason, entry.recorded_by) == ("Mail was slow", CLERK)
    assert AuditEntry.objects.filter(verb="gave goodwill", actor=CLERK).exists()
    assert story.balance() == 550
    assert story.held() == {"basic": 2}
    assert_books_hold(story.customer, now=DAY)


def test_goodwill_first_closes_what_is_open_and_never_exceeds_the_invoice() -> None:
    story = begin({"basic": 2})
    story.renew("2026-12-15")
    invoice = Document.objects.order_by("pk").last()
    assert invoice is not None
    day = makers.moment("2026-12-16")
    give_goodwill(invoice.number, amount_minor=1000, reason="Sorry", staff_id=clerk(), now=day)
    assert get_open_minor(invoice) == 1980 - 1100
    with pytest.raises(ActRefused, match=r"at most 8\.00 AUD"):
        give_goodwill(invoice.number, amount_minor=801, reason="More", staff_id=clerk(), now=day)
    assert_books_hold(story.customer, now=day)


def test_a_double_click_gives_once() -> None:
    story = begin({"basic": 2})
    invoice = first_invoice(story)
    numbers = {
        give_goodwill(invoice.number, amount_minor=500, reason="Slow", staff_id=clerk(), now=DAY) for _ in range(2)
    }
    assert len(numbers) == 1
    assert story.balance() == 550


def test_no_charge_is_larger_than_what_can_be_given_back() -> None:
    story = begin({"basic": 2})

    def charge(quantity: int) -> str:
        return charge_by_hand(
            story.customer.pk, text="Moving", quantity=quantity, unit_price=Decimal(10**9), category="S",
            reason=f"Agreed {quantity}", staff_id=clerk(), now=DAY,
        )  # fmt: skip

    with pytest.raises(ActRefused, match="more than can be right"):
        charge(1000)
    largest = charge(999)
    give_goodwill(largest, amount_minor=999 * 10**11, reason="Never agreed", staff_id=clerk(), now=DAY)
    assert_books_hold(story.customer, now=DAY)


def test_two_charges_that_differ_in_their_words_are_two_invoices() -> None:
    story = begin({"basic": 2})
    numbers = [
        charge_by_hand(
            story.customer.pk, text=text, quantity=1, unit_price=Decimal(50), category="S", reason="By phone",
            staff_id=clerk(), now=DAY,
        )
        for text in ("Setting up a printer", "Moving a mailbox", "Moving a mailbox")
    ]  # fmt: skip
    assert numbers[1:] == [numbers[1]] * 2, "a double click"
    assert numbers[0] != numbers[1]


def test_seats_given_back_after_goodwill_are_credited_as_if_there_were_none() -> None:
    story = begin({"basic": 2})
    give_goodwill(first_invoice(story).number, amount_minor=100, reason="Slow", staff_id=clerk(), now=DAY)
    story.buy("2026-11-25", {"basic": 1})
    assert_books_hold(story.customer, now=makers.moment("2026-11-25"))


def test_a_charge_by_hand_is_an_invoice_and_no_subscription_is_touched() -> None:
    story = begin({"basic": 2})
    number = charge_by_hand(
        story.customer.pk, text="Moving mailboxes, hours", quantity=3, unit_price=Decimal("120.50"), category="S",
        reason="Agreed by phone", staff_id=clerk(), now=DAY,
    )  # fmt: skip
    invoice = Document.objects.get(number=number)
    assert (invoice.kind, invoice.net_minor, invoice.tax_minor) == ("invoice", 36150, 3615)
    assert invoice.lines.get().text == "Moving mailboxes, hours"
    assert story.held() == {"basic": 2}
    assert_books_hold(story.customer, now=DAY)
    with pytest.raises(ActRefused):
        charge_by_hand(
            story.customer.pk, text="Nothing", quantity=1, unit_price=Decimal("0.001"), category="S", reason="None",
            staff_id=clerk(), now=DAY,
        )  # fmt: skip


def test_nothing_is_dated_into_a_closed_month_not_even_by_the_database() -> None:
    story = begin({"basic": 2}, started_on="2026-10-15")
    with pytest.raises(ActRefused, match="not charged yet"):
        close_month(date(2026, 11, 1), reason="Filed", staff_id=clerk(), now=makers.moment("2026-12-10"))
    story.renew("2026-11-15")
    with pytest.raises(ActRefused, match="not over"):
        close_month(date(2026, 11, 1), reason="Filed", staff_id=clerk(), now=makers.moment("2026-12-01"))
    close_month(date(2026, 11, 1), reason="Filed", staff_id=clerk(), now=makers.moment("2026-12-10"))
    assert [(each.starts_on, each.closed_by) for each in list_closed_months()] == [(date(2026, 11, 1), CLERK)]
    with pytest.raises(MonthIsClosed):
        close_month(date(2026, 10, 1), reason="Filed", staff_id=clerk(), now=makers.moment("2026-12-10"))

    with pytest.raises(DatabaseError, match="month is closed"), transaction.atomic():
        record_entry(
            customer_number="C-1", currency="AUD", amounts={Account.BANK: 1, Account.BALANCE: -1}, description="Late",
            reference="x", idempotency_key="late", occurred_on=date(2026, 11, 30), recorded_at=DAY,
        )  # fmt: skip
    late = first_invoice(story)
    values = {
        field.attname: getattr(late, field.attname)
        for field in Document._meta.concrete_fields
        if field.attname not in ("id", "number", "sequence")
    }
    with pytest.raises(DatabaseError, match="month is closed"), transaction.atomic():
        Document.objects.create(**values, number="INV-999999", sequence=999999)


def test_a_period_charged_after_its_month_was_closed_is_dated_on_the_first_open_day() -> None:
    story = begin({"basic": 2}, started_on="2026-10-15")
    story.renew("2026-11-15")
    close_month(date(2026, 11, 1), reason="Filed", staff_id=clerk(), now=makers.moment("2026-12-10"))
    other = makers.make_customer()
    makers.make_adopted_service(other, seats={"basic": 1}, billing_starts_on="2026-11-20")
    assert makers.renew(other, now=makers.moment("2026-12-10")) == 1
    document = Document.objects.get(customer=other)
    assert document.issued_on == date(2026, 12, 1)
    assert document.lines.get().start == date(2026, 11, 20)
    assert_books_hold(other, now=makers.moment("2026-12-10"))
