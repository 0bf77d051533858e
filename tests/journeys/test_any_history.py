"""Whatever customers do, in whatever order: the laws of money hold after each act, in the real tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests import makers
from tests.domain.oracle import Oracle
from tests.journeys.books import assert_books_hold
from tests.journeys.cast import Story, begin
from tests.journeys.outside import make_world
from tests.makers import moment

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.queries import get_open_minor
from perseat.domain.fulfillment import OrderState
from perseat.journeys.checkout import OpenOrderExists
from perseat.journeys.renewal_round import renew_due_services
from perseat.journeys.seat_change import NothingWouldChange
from perseat.journeys.withdrawal import lapse_orders

pytestmark = pytest.mark.django_db

START = date(2026, 11, 15)
NAMES = ("basic", "standard", "premium")
PRICES = {"basic": "7.77", "standard": "14.00", "premium": "22.35"}

some = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
totals = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 6), min_size=1)
first_totals = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 6), min_size=1)
pauses = st.sampled_from([0, 0, 1, 3, 7, 13, 14, 15, 30])
rates = st.sampled_from(["5.5", "10", "19", "33.333"])


@contextmanager
def forgotten_afterwards() -> Iterator[None]:
    """Each example has the tables to itself."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def story_of(seats: Mapping[str, int], *, rate: str, policy: str = "anytime", term: str = "P1M") -> Story:
    makers.make_catalog(prices=PRICES, tax_rate=rate, policy=policy, term=term)
    return begin(seats, started_on=str(START), policy=policy, term=term)


def open_order(story: Story) -> Order | None:
    return Order.objects.filter(service_id=story.service_id, state=OrderState.AWAITING_PAYMENT).first()


def night(day: str) -> None:
    """What the workers do before anyone is up."""
    renew_due_services(moment(day))
    lapse_orders(moment(day))


def act(story: Story, day: str, what: str, wanted: Mapping[str, int]) -> None:
    waiting = open_order(story)
    try:
        match what:
            case "order":
                story.order(day, wanted)
            case "replace":
                story.replace(day, wanted)
            case "buy":
                story.buy(day, wanted)
            case "pay" if waiting:
                story.pay(day, waiting)
            case "pay a part" if waiting:
                story.pay(day, waiting, amount_minor=max(1, story.open_minor(waiting) // 3))
            case "withdraw" if waiting:
                story.withdraw(day, waiting)
    except (NothingWouldChange, OpenOrderExists):
        pass  # refused; the books are looked at all the same


acts = st.sampled_from(["order", "order", "replace", "buy", "buy", "pay", "pay", "pay a part", "withdraw"])


@some
@given(seats=first_totals, rate=rates, story=st.lists(st.tuples(pauses, acts, totals), max_size=8))
def test_after_every_act_of_a_customer_the_books_hold(
    seats: dict[str, int], rate: str, story: list[tuple[int, str, dict[str, int]]]
) -> None:
    with forgotten_afterwards():
        told, day = story_of(seats, rate=rate), START
        for pause, what, wanted in story:
            day += timedelta(days=pause)
            night(str(day))
            act(told, str(day), what, wanted)
            assert_books_hold(told.customer, now=moment(str(day)))
            for document in told.customer.documents.all():
                assert_paid_credited_and_open_make_the_total(document)


def assert_paid_credited_and_open_make_the_total(document: Document) -> None:
    """What was settled, with money or with credits, and what is open are all of it."""
    settled = sum(each.amount_minor for each in document.allocations.all())
    assert settled + get_open_minor(document) == max(document.total_minor, 0)


@some
@given(
    seats=first_totals,
    rate=rates,
    terms=st.sampled_from([("anytime", "P1M"), ("renewal", "P1M"), ("renewal", "P1Y"), ("anytime", "P1Y")]),
    story=st.lists(st.tuples(st.integers(1, 40), totals), max_size=6),
)
def test_every_document_in_the_tables_is_what_counting_seat_by_seat_gives(
    seats: dict[str, int], rate: str, terms: tuple[str, str], story: list[tuple[int, dict[str, int]]]
) -> None:
    policy, term = terms
    changes, day = [], START
    with forgotten_afterwards():
        told = story_of(seats, rate=rate, policy=policy, term=term)
        for pause, wanted in story:
            day += timedelta(days=pause)
            changes.append({"on": str(day), "seats": wanted})
            night(str(day))
            act(told, str(day), "buy", wanted)
        seen = [figures_of(document) for document in told.customer.documents.order_by("pk")]

    reckoned = Oracle(
        {
            "currency": "AUD",
            "cycle": "P1M",
            "term": term,
            "start": str(START),
            "tax": [{"category": "S", "rate": rate, "from": "2000-07-01"}],
            "editions": {name: {"unit_price": PRICES[name], "decrease": policy} for name in NAMES},
            "upgrades": [["basic", "standard"], ["basic", "premium"], ["standard", "premium"]],
            "seats": seats,
            "changes": changes,
            "through": str(day),
        }
    ).live()
    assert seen == [
        (
            document.day,
            document.net,
            document.tax,
            sums((line["edition"], line["kind"], line["from"], line["to"], line["amount"]) for line in document.lines),
        )
        for document in reckoned
    ]


Sums = dict[tuple[str, str, date, date], int]


def figures_of(document: Document) -> tuple[date, int, int, Sums]:
    lines = document.lines.select_related("edition")
    return (
        document.issued_on,
        document.net_minor,
        document.tax_minor,
        sums((line.edition.code, line.kind, line.start, line.end, line.amount_minor) for line in lines),
    )


def sums(lines: Iterator[tuple[str, str, date, date, int]]) -> Sums:
    """Exchanged and returned seats of one original line are two lines in the tables."""
    found: Counter[tuple[str, str, date, date]] = Counter()
    for edition, kind, start, end, amount in lines:
        found[edition, str(kind), start, end] += amount
    return dict(found)


@settings(some, max_examples=6)
@given(seats=first_totals, changes=st.lists(totals, min_size=1, max_size=4), upgrades=st.booleans())
@example(seats={"basic": 1}, changes=[{"basic": 0, "standard": 1}, {"standard": 0}], upgrades=True)
def test_the_seats_at_microsoft_are_those_of_the_state_that_was_accepted(
    *, seats: dict[str, int], changes: list[dict[str, int]], upgrades: bool
) -> None:
    """At once where Microsoft takes them back; what it has upgraded is final there, and goes with the renewal."""
    with forgotten_afterwards():
        world = make_world(seats=seats, upgrades=upgrades)
        accepted = dict(seats)
        for wanted in changes:
            accepted |= wanted
            try:
                order = world.deliver(world.order(**wanted), for_minutes=60)
            except NothingWouldChange:
                continue

            assert order.state == OrderState.READY
            promised = {name: count for name, count in accepted.items() if count}
            assert world.seats_from_renewal() == promised
            if upgrades:
                assert Counter(world.seats_at_microsoft()) >= Counter(promised)
            else:
                assert world.seats_at_microsoft() == promised
            assert_books_hold(world.customer, now=world.now())
