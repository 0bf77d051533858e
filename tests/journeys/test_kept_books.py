"""Lives on real tables whose books are kept in tests/domain/books, where the audit is tried on them field by field."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from pytest_django.fixtures import Settings
from tests import makers
from tests.domain import kept_books
from tests.domain.kept_books import Kept
from tests.journeys.cast import Story, begin
from tests.journeys.outside import make_world
from tests.journeys.providers import sell_from_germany
from tests.journeys.returning import wait, world_with_window
from tests.journeys.tampering import as_owner
from tests.journeys.test_refusal import refuse_purchases
from tests.journeys.test_refused_after_renewal import a_month_later
from tests.journeys.test_tampering_found import a_life

from perseat.capabilities.catalog.actions import set_price, set_tax_rate
from perseat.capabilities.catalog.models import Offer
from perseat.capabilities.customers.models import Customer
from perseat.domain.audit_facts import CustomerBooks
from perseat.domain.parties import TaxTreatment
from perseat.journeys.audit import compare_figures
from perseat.journeys.audit_reading import load_books
from perseat.journeys.audit_reading_summaries import read_summaries

pytestmark = pytest.mark.django_db
Life = tuple[Customer, str]


def monthly() -> Life:
    """Everything that a document can be issued for, and a month later."""
    return a_life().customer, "2027-01-02"


def yearly() -> Life:
    """A year charged by the month: fewer seats wait for its end, and an announced price counts from there."""
    story = begin({"basic": 3, "premium": 1}, started_on="2025-11-15", term="P1Y", policy="renewal")
    story.buy("2025-12-01", {"basic": 4})
    story.renew("2025-12-15")
    story.order("2026-01-03", {"basic": 2, "premium": 0})
    known = makers.moment("2026-05-01")
    for offer in Offer.objects.filter(edition__code="basic"):
        set_price(
            offer.pk,
            currency="AUD",
            unit_price=Decimal("9.50"),
            starts_on=date(2026, 6, 1),
            now=known,
        )
    for month in range(1, 13):
        story.renew(f"2026-{month:02}-15")
    story.buy("2026-12-20", {"basic": 3})
    return story.customer, "2026-12-28"


def window() -> Life:
    """Seats taken over, raised, given back in time and too late, with a plan that the renewal carries out."""
    world = world_with_window(term="P1M", basic=4, standard=2)
    makers.renew(world.customer, now=world.now())
    world.deliver(world.order(basic=6, standard=3))
    wait(world, days=2)
    world.deliver(world.order(basic=5))
    wait(world, days=9)
    world.deliver(world.order(standard=1))
    wait(world, days=11)
    makers.renew(world.customer, now=world.now())
    wait(world, days=9)
    makers.renew(world.customer, now=world.now())
    return world.customer, world.now().isoformat()


def refused() -> Life:
    """A change of edition that Microsoft refuses after the next period was charged."""
    world = make_world(seats={"basic": 3}, upgrades=False)
    makers.renew(world.customer, now=world.now())
    order_id = world.order(basic=1, premium=2)
    refuse_purchases(world)
    a_month_later(world)
    world.deliver(order_id)
    return world.customer, world.now().isoformat()


def reverse_charge() -> Life:
    """A customer abroad whose charges carry no tax, whatever the rates at home."""
    makers.make_catalog(currency="EUR", country="DE", tax_rate="19", tax_label="USt")
    customer = makers.make_customer(
        currency="EUR", country="AT", tax_number="ATU13585627", tax_treatment=TaxTreatment.REVERSE_CHARGE
    )
    story = begin({"basic": 2}, customer=customer)
    set_tax_rate(
        "DE", category="S", label="USt", rate=Decimal(20), starts_on=date(2026, 12, 1), now=makers.moment("2026-11-20")
    )
    story.renew("2026-12-15")
    story.buy("2026-12-20", {"basic": 1, "standard": 1})
    return story.customer, "2026-12-28"


def restarted() -> Life:
    """Taken over in the middle of a month, given up altogether, and begun once more; the last invoice is unpaid."""
    customer = makers.make_customer()
    service = makers.make_adopted_service(customer, seats={"basic": 2}, billing_starts_on="2026-10-20")
    story = Story(customer=customer, service_id=service.pk, owner_id=makers.make_member(customer).pk)
    story.renew("2026-10-20")
    story.buy("2026-10-25", {"basic": 3})
    story.renew("2026-11-20")
    story.buy("2026-11-25", {"basic": 0})
    story.buy("2026-12-28", {"standard": 2})
    story.renew("2027-01-28")
    return story.customer, "2027-01-29"


LIVES: dict[str, Callable[[], Life]] = {
    each.__name__: each for each in (monthly, yearly, window, refused, reverse_charge, restarted)
}


@pytest.mark.parametrize("name", LIVES)
def test_the_tables_tell_the_books_that_are_kept(name: str, settings: Settings) -> None:
    _count_from_one()
    if name == "reverse_charge":
        sell_from_germany(settings)
    customer, now = LIVES[name]()
    (books,) = load_books([customer.pk], now=makers.moment(now) if len(now) == 10 else datetime.fromisoformat(now))
    assert compare_figures(books) == ()
    kept = Kept(books=_without_hashes(books), summaries=tuple(read_summaries([books])[customer.pk]))

    told = _named_anew(kept_books.as_text(kept), number=books.number)

    file = kept_books.FOLDER / f"{name}.json"
    if os.environ.get("KEEP_BOOKS"):
        file.write_text(told, encoding="utf-8")
    assert told == file.read_text(encoding="utf-8")


def test_every_life_that_is_kept_can_be_lived_again() -> None:
    assert set(kept_books.names()) == set(LIVES)


def _count_from_one() -> None:
    """So that keys are the same each time; with the transaction the sequences are put back."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()")
        for (sequence,) in cursor.fetchall():
            cursor.execute(f'ALTER SEQUENCE "{sequence}" RESTART')


def _without_hashes(books: CustomerBooks) -> CustomerBooks:
    """They cover whom a document was sent to, and each maker of customers gives another name."""
    return replace(books, documents=tuple(replace(each, expected_hash="", found_hash="") for each in books.documents))


def _named_anew(text: str, *, number: str) -> str:
    """Customers and references of receipts are counted through all tests of a process."""
    found = list(dict.fromkeys(re.findall(r"statement-\d+", text)))
    named = re.sub(r"statement-\d+", lambda match: f"receipt-{found.index(match[0]) + 1}", text)
    return named.replace(f'"{number}"', '"C-1"')
