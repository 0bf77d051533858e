"""The law of quotes, at both doors: frozen, accepted once, and refused with the reason when what it rests on moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import Settings
from tests.entrypoints.api.calling import Program, program_of
from tests.entrypoints.portal.reading import words
from tests.journeys.books import assert_books_hold
from tests.journeys.outside import World, make_world
from tests.makers import make_user, pay, quote

from perseat.capabilities.catalog import actions as catalog
from perseat.capabilities.catalog.models import Edition, Offer, UpgradePath
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order, Quote, QuoteLine
from perseat.domain.fulfillment import OrderState
from perseat.domain.parties import TaxTreatment
from perseat.domain.rights import StaffRole
from perseat.journeys.billing_acts import give_goodwill
from perseat.journeys.checkout import MovedBecause
from perseat.journeys.renewal_round import renew_customer

WANTED = {"basic": 1, "premium": 2}  # one upgraded, one new


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What a door said: why, and the quote that it offers instead."""

    sentence: str
    fresh: UUID | None


class Page:
    """The checkout in a browser."""

    def __init__(self, world: World) -> None:
        self._client = Client()
        self._client.force_login(world.owner)

    def accept(self, quote_id: UUID, *, method: str = "bank_transfer", replace: bool = False) -> int | Refused:
        posted = {"payment_method": method, **({"replace": "yes"} if replace else {})}
        answer = self._client.post(f"/checkout/{quote_id}/", posted)
        assert answer.status_code == 302, words(answer)
        place = answer.headers["Location"]
        if place.startswith("/orders/"):
            return int(place.strip("/").split("/")[1])
        fresh = UUID(place.strip("/").split("/")[1]) if place.startswith("/checkout/") else None
        return Refused(sentence=words(self._client.get(place)), fresh=fresh)


class Api:
    """A program, with a key of its own for each try."""

    def __init__(self, world: World) -> None:
        self._program: Program = program_of(world, world.owner)

    def accept(self, quote_id: UUID, *, method: str = "bank_transfer", replace: bool = False) -> int | Refused:
        body = {"payment_method": method, "replace_open_order": replace}
        answer = self._program.post(f"/quotes/{quote_id}/accept", body, key=f"try-{Order.objects.count()}-{quote_id}")
        if answer.status == 200:
            order_id: int = answer.json["id"]
            return order_id
        assert (answer.status, answer.json["code"]) == (409, "quote_has_moved"), answer.json
        fresh = answer.json["fresh_quote"]
        sentence = f"{answer.json['reason']}: {answer.json['sentence']}"
        return Refused(sentence=sentence, fresh=UUID(fresh["id"]) if fresh else None)


DOORS: list[type[Page | Api]] = [Page, Api]


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    made = make_world(seats={"basic": 2})
    settings.OUTSIDE = made.outside
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    renew_customer(made.customer.pk, now=made.now())
    first = Document.objects.get()
    pay(first.number, amount_minor=first.total_minor, now=made.now())
    return made


@pytest.fixture(params=DOORS, ids=["page", "api"])
def door(request: pytest.FixtureRequest, world: World) -> Any:
    return request.param(world)


def quoted(world: World, **wanted: int) -> UUID:
    return quote(
        world.customer, service_id=world.service.pk, wanted=wanted or WANTED, user_id=world.owner.pk, now=world.now()
    )


def today(world: World) -> date:
    return Quote.objects.latest("pk").day


def offer(code: str) -> int:
    return Offer.objects.get(edition__code=code).pk


def a_price(world: World) -> None:
    catalog.set_price(
        offer("premium"), currency="AUD", unit_price=Decimal("31.00"), starts_on=today(world), now=world.now()
    )


def a_price_to_come(world: World) -> None:
    later = today(world) + timedelta(days=1)
    catalog.set_price(offer("premium"), currency="AUD", unit_price=Decimal("31.00"), starts_on=later, now=world.now())


def a_tax_rate(world: World) -> None:
    catalog.set_tax_rate("AU", category="S", label="GST", rate=Decimal("12.5"), starts_on=today(world), now=world.now())


def an_upgrade_path(_world: World) -> None:
    UpgradePath.objects.filter(source__code="basic", target__code="premium").delete()


def a_tax_treatment(world: World) -> None:
    Customer.objects.filter(pk=world.customer.pk).update(tax_treatment=TaxTreatment.EXEMPT)


def an_edition_off_sale(_world: World) -> None:
    Offer.objects.filter(edition__code="premium").update(is_on_sale=False)


def a_maximum(_world: World) -> None:
    Edition.objects.filter(code="premium").update(maximum_seats=1)


def the_balance(world: World) -> None:
    number = Document.objects.earliest("pk").number
    clerk = make_user(staff_role=StaffRole.CLERK)
    give_goodwill(number, amount_minor=100, reason="A slow start", staff_id=clerk.pk, now=world.now())


def the_seats(world: World) -> None:
    order_id = world.order(basic=3)
    assert Order.objects.get(pk=order_id).state == OrderState.PAID


def the_day(world: World) -> None:
    world.clock.move(timedelta(days=1))


MOVES: list[tuple[Callable[[World], None], MovedBecause, str, bool]] = [
    (a_price, MovedBecause.PRICES, "What this quote was computed from has changed", True),
    (a_price_to_come, MovedBecause.PRICES, "What this quote was computed from has changed", True),
    (a_tax_rate, MovedBecause.PRICES, "What this quote was computed from has changed", True),
    (an_upgrade_path, MovedBecause.PRICES, "What this quote was computed from has changed", True),
    (a_tax_treatment, MovedBecause.PRICES, "What this quote was computed from has changed", True),
    (an_edition_off_sale, MovedBecause.PRICES, "What this quote was computed from has changed", False),
    (a_maximum, MovedBecause.PRICES, "What this quote was computed from has changed", False),
    (the_balance, MovedBecause.BALANCE, "Your balance has changed", True),
    (the_seats, MovedBecause.SEATS, "The seats have changed", True),
    (the_day, MovedBecause.EXPIRED, "This quote is no longer valid", True),
]


@pytest.mark.parametrize(("move", "reason", "sentence", "has_fresh"), MOVES, ids=[each[0].__name__ for each in MOVES])
def test_a_quote_whose_ground_moved_is_refused_with_the_reason_and_a_fresh_one(
    world: World,
    door: Page | Api,
    move: Callable[[World], None],
    reason: MovedBecause,
    sentence: str,
    has_fresh: bool,  # noqa: FBT001
) -> None:
    stale = quoted(world)
    move(world)
    orders, documents = Order.objects.count(), Document.objects.count()

    refused = door.accept(stale)

    assert isinstance(refused, Refused)
    assert sentence in refused.sentence
    assert isinstance(door, Page) or refused.sentence.startswith(f"{reason}: ")
    assert (Order.objects.count(), Document.objects.count()) == (orders, documents), "nothing was written"
    assert (refused.fresh is not None) == has_fresh
    if refused.fresh is not None:
        assert Quote.objects.get(public_id=refused.fresh).wanted == WANTED
        assert isinstance(door.accept(refused.fresh), int), "the fresh one holds"
    assert_books_hold(Customer.objects.get(pk=world.customer.pk), now=world.now())


def test_what_does_not_concern_the_quote_does_not_stop_it(world: World, door: Page | Api) -> None:
    quote_id = quoted(world)
    catalog.set_tax_rate("NZ", category="S", label="GST", rate=Decimal(15), starts_on=today(world), now=world.now())
    catalog.set_price(offer("premium"), currency="EUR", unit_price=Decimal(1), starts_on=today(world), now=world.now())

    assert isinstance(door.accept(quote_id), int)


@pytest.mark.parametrize(
    ("zone", "last_moment"),
    [
        ("Australia/Sydney", datetime(2026, 11, 22, 12, 59, 59, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 11, 22, 18, 29, 59, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 23, 7, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_quote_ends_at_midnight_where_the_customer_is(
    world: World, door: Page | Api, zone: str, last_moment: datetime
) -> None:
    Customer.objects.filter(pk=world.customer.pk).update(time_zone=zone)
    world.clock.move(last_moment - timedelta(seconds=30) - world.now())
    kept, late = quoted(world), quoted(world)
    world.clock.move(timedelta(seconds=30))

    order_id = door.accept(kept)
    world.clock.move(timedelta(seconds=1))
    refused = door.accept(late, replace=True)

    assert isinstance(order_id, int), "a second before midnight it still holds"
    assert Quote.objects.get(public_id=kept).expires_at == last_moment + timedelta(seconds=1)
    assert isinstance(refused, Refused)
    assert "This quote is no longer valid" in refused.sentence
    assert Order.objects.get(pk=order_id).documents.get().issued_on == Quote.objects.get(public_id=kept).day


def test_a_replay_gives_the_same_order_whatever_became_of_it(world: World, door: Page | Api) -> None:
    first, second = quoted(world), quoted(world, basic=1, premium=3)

    order = door.accept(first)
    again = door.accept(first)
    replaced = door.accept(second, replace=True)
    world.clock.move(timedelta(days=3))
    after = door.accept(first)

    assert order == again == after
    assert isinstance(order, int)
    assert isinstance(replaced, int)
    assert Order.objects.get(pk=order).state == OrderState.CANCELLED
    assert Order.objects.get(pk=replaced).replaces_id == order
    assert Order.objects.count() == 2
    assert_books_hold(world.customer, now=world.now())


def test_one_door_finds_the_order_of_the_other(world: World) -> None:
    quote_id = quoted(world)

    assert Page(world).accept(quote_id) == Api(world).accept(quote_id) == Order.objects.get().pk


def as_the_application(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE perseat_app")
        cursor.execute(statement)


@pytest.mark.parametrize("rows", [Quote, QuoteLine], ids=["quote", "quote_line"])
def test_the_database_changes_no_quote(world: World, rows: type[Quote | QuoteLine]) -> None:
    quoted(world)
    table = rows._meta.db_table
    column = "to_pay_minor" if rows is Quote else "amount_minor"

    for statement in (f"UPDATE {table} SET {column} = 1", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608
        with pytest.raises(DatabaseError), transaction.atomic():
            as_the_application(statement)
    assert rows.objects.filter(**{f"{column}__gt": 1}).exists()


def test_the_stored_quote_is_shown_as_it_was_whatever_moved_since(world: World) -> None:
    program = program_of(world, world.owner)
    stale = quoted(world)
    before = program.get(f"/quotes/{stale}").json
    for move in (a_price, a_tax_rate, an_upgrade_path):
        move(world)

    assert program.get(f"/quotes/{stale}").json == before
