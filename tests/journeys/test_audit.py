"""The nightly audit: what it finds, what it says, and that nobody is billed on whose books do not hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import makers
from tests.journeys.cast import Story, begin
from tests.journeys.tampering import tamper

from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.ledger.cases import list_open_cases
from perseat.capabilities.payments.queries import get_open_minor, get_owed_minor
from perseat.capabilities.subscriptions.models import Subscription
from perseat.entrypoints.cli import audit as command
from perseat.journeys.audit import BooksStillDiffer, audit_customers, audit_everything, settle_case
from perseat.journeys.audit_common import audit_series
from perseat.journeys.audit_reading import load_books
from perseat.journeys.billing_acts import charge_by_hand
from perseat.journeys.parking import ServiceIsParked
from perseat.journeys.product_summary import get_product_summary

pytestmark = pytest.mark.django_db
NIGHT = makers.moment("2026-12-20")


def a_life() -> Story:
    """Bought, changed, given back, renewed: an invoice of each kind, and a credit note."""
    story = begin({"basic": 5})
    story.buy("2026-11-20", {"basic": 3, "premium": 2})
    story.buy("2026-11-25", {"basic": 1, "premium": 2})
    story.renew("2026-12-15")
    return story


def differences(story: Story) -> list[str]:
    return [str(each) for _number, found in audit_customers([story.customer.pk], now=NIGHT) for each in found]


def test_books_that_hold_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    story = a_life()
    assert differences(story) == []
    assert command.main(now=NIGHT) == 0
    assert capsys.readouterr().out == "All books hold.\n"
    story.customer.refresh_from_db()
    assert story.customer.parked_reason == ""
    assert list_open_cases() == ()


def test_a_changed_amount_is_found_the_document_is_named_and_the_customer_is_parked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    story = a_life()
    other = begin({"standard": 1})
    document = Document.objects.filter(customer=story.customer).order_by("pk")[1]
    tamper(
        "document", "UPDATE document SET net_minor = net_minor - 100, total_minor = total_minor - 100 WHERE id = %s",
        document.pk,
    )  # fmt: skip

    assert command.main(now=NIGHT) == 1

    said = capsys.readouterr().out
    assert f"{story.customer.number}: {document.number}: was changed after it was issued" in said
    assert f"{document.number}: net of the lines: expected" in said
    assert other.customer.number not in said
    story.customer.refresh_from_db()
    assert "audit" in story.customer.parked_reason
    (case,) = list_open_cases()
    assert case.customer_number == story.customer.number
    assert any(each.subject == document.number and each.expected != each.found for each in case.differences)
    with pytest.raises(ServiceIsParked):
        story.quote("2026-12-20", {"basic": 9})
    assert story.renew("2027-01-15") == 0
    assert other.renew("2026-12-15") == 1


TAMPERINGS = {
    "a line's amount": (
        "UPDATE document_line SET amount_minor = amount_minor + 1 WHERE kind = 'charge'",
        "line 1: expected",
    ),
    "a line's seats": ("UPDATE document_line SET seats = seats + 1 WHERE reason = 'renewed'", "renewal of"),
    "the quote": ("UPDATE quote_line SET unit_price = unit_price + 1", "of the quote, unit_price"),
    "the tax": ("UPDATE document_tax SET tax_minor = tax_minor + 1", "tax of S 10"),
    "the buyer": ("UPDATE document SET buyer = jsonb_set(buyer, '{name}', '\"Somebody else\"')", "was changed"),
    "an entry": ("UPDATE ledger_line SET amount_minor = amount_minor * 2", "account revenue"),
    "a deleted entry": ("DELETE FROM ledger_line WHERE account IN ('bank', 'balance')", "account bank"),
    "an allocation": ("UPDATE allocation SET amount_minor = amount_minor - 1", "account receivable"),
    "a payment": ("UPDATE payment SET amount_minor = amount_minor + 5", "account balance"),
    "the seats held": (
        "UPDATE subscription SET held_seats = held_seats + 1 WHERE ended_on IS NULL",
        "seats held (by the history): expected",
    ),
    "the history": ("UPDATE seat_movement SET seats = seats + 1", "seats held (by the history): expected"),
    "a period": ("UPDATE renewed_period SET ends_on = ends_on + 1", "billed through"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_every_kind_of_tampering_is_found(what: str) -> None:
    story = a_life()
    statement, said = TAMPERINGS[what]
    tamper(statement.split()[1 if statement.startswith("UPDATE") else 2], statement)
    found = differences(story)
    assert any(said in each for each in found), found


def test_a_credit_that_gives_too_much_is_found_by_the_arithmetic() -> None:
    """The line disagrees with the rules, which is said beside everything else that no longer fits."""
    story = a_life()
    credit = DocumentLine.objects.filter(reason="returned").get()
    tamper("document_line", "UPDATE document_line SET amount_minor = amount_minor - 10 WHERE id = %s", credit.pk)
    found = differences(story)
    original = credit.credits_line
    assert original is not None
    assert any(f"credit of {original.document.number}, line {original.number}" in each for each in found)


def test_a_missing_document_is_a_gap_in_its_series_and_breaks_the_chain() -> None:
    story = begin({"basic": 1})
    story.renew("2026-12-15")
    story.renew("2027-01-15")
    victim = Document.objects.order_by("pk")[1]
    tamper("renewed_period", "UPDATE renewed_period SET document_id = NULL WHERE document_id = %s", victim.pk)
    tamper("document_tax", "DELETE FROM document_tax WHERE document_id = %s", victim.pk)
    tamper("document_line", "DELETE FROM document_line WHERE document_id = %s", victim.pk)
    tamper("document", "DELETE FROM document WHERE id = %s", victim.pk)

    said = [str(each) for each in audit_series()]
    assert said == ["INV-000003: follows in its series: expected 2, found 3"]
    everything = list(audit_everything(now=makers.moment("2027-01-20")))
    assert any(f"ledger document:{victim.number}" in each.subject for _number, each in everything)
    assert {case.customer_number for case in list_open_cases()} == {"", story.customer.number}


def test_the_last_document_cannot_vanish_either() -> None:
    begin({"basic": 1})
    tamper("number_series", "UPDATE number_series SET last_number = last_number + 1 WHERE prefix = 'INV'")
    assert [str(each) for each in audit_series()] == ["series INV: last number: expected 2, found 1"]


def test_a_case_is_closed_only_when_the_books_hold_again_and_billing_goes_on() -> None:
    story = a_life()
    row = Subscription.objects.filter(service_id=story.service_id, ended_on=None).first()
    assert row is not None
    Subscription.objects.filter(pk=row.pk).update(held_seats=row.held_seats + 4)
    assert differences(story)
    (case,) = list_open_cases()

    with pytest.raises(BooksStillDiffer):
        settle_case(case.case_id, reason="Looked at it", actor="clerk@provider.example", now=NIGHT)
    story.customer.refresh_from_db()
    assert story.customer.parked_reason

    Subscription.objects.filter(pk=row.pk).update(held_seats=row.held_seats)
    settle_case(case.case_id, reason="Seats set right", actor="clerk@provider.example", now=NIGHT)
    assert list_open_cases() == ()
    assert story.renew("2027-01-15") == 1


def test_a_second_night_keeps_one_case() -> None:
    story = a_life()
    tamper("payment", "UPDATE payment SET amount_minor = amount_minor + 5")
    assert differences(story)
    assert differences(story)
    assert len(list_open_cases()) == 1


def test_the_number_of_queries_does_not_grow_with_the_customers() -> None:
    ids = [a_life().customer.pk]
    with CaptureQueriesContext(connection) as one:
        load_books(ids, now=NIGHT)
    ids += [begin({"basic": 2}).customer.pk for _ in range(3)]
    with CaptureQueriesContext(connection) as many:
        load_books(ids, now=NIGHT)
    assert len(many) == len(one) <= 26


def test_the_whole_audit_asks_as_much_for_many_customers_as_for_one() -> None:
    ids = [a_life().customer.pk]
    with CaptureQueriesContext(connection) as one:
        assert not list(audit_customers(ids, now=NIGHT))
    ids += [a_life().customer.pk for _ in range(3)]
    with CaptureQueriesContext(connection) as many:
        assert not list(audit_customers(ids, now=NIGHT))
    assert len(many) == len(one) <= 50


def test_what_is_owed_elsewhere_stands_beside_what_is_owed_for_the_service() -> None:
    story = a_life()
    number = charge_by_hand(
        story.customer.pk, text="Migration", quantity=1, unit_price=Decimal(50), category="S", reason="Agreed",
        staff_id=makers.clerk_id("clerk@provider.example"), now=NIGHT,
    )  # fmt: skip

    summary = get_product_summary(customer_id=story.customer.pk, service_id=story.service_id, today=date(2026, 12, 20))

    invoice = Document.objects.get(number=number)
    owed = get_owed_minor(story.customer.pk, currency="AUD")
    assert number in summary.owed_elsewhere.sources
    assert number not in summary.owed.sources
    assert summary.owed_elsewhere.amount_minor == get_open_minor(invoice)
    assert summary.owed.amount_minor + summary.owed_elsewhere.amount_minor == owed
    assert differences(story) == []
