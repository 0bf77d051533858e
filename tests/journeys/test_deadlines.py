"""Until when seats can be given back is what Microsoft says; our own seven days stand in until it has."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.journeys.books import assert_books_hold
from tests.journeys.outside import START, World, make_world
from tests.makers import renew

from perseat.capabilities.subscriptions.models import SeatBatch
from perseat.capabilities.subscriptions.supplier_facts import list_subscriptions_to_read
from perseat.domain.deadlines import plan_changeable_until
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.deadlines import read_due_deadlines
from perseat.journeys.delivery import deliver_order
from perseat.journeys.seat_change import preview_change

pytestmark = pytest.mark.django_db

WEEK = timedelta(hours=168)


def world_with_window(**given: object) -> World:
    return make_world(**({"seats": {"basic": 4}, "policy": DecreasePolicy.WINDOW, "term": "P1Y"} | given))  # type: ignore[arg-type]


def batches(world: World) -> list[tuple[int, datetime | None]]:
    """Seats left with their deadline, the oldest first."""
    rows = SeatBatch.objects.filter(subscription__service=world.service).order_by("added_on", "pk")
    return [(row.seats - row.returned_seats, row.returnable_until) for row in rows if row.seats > row.returned_seats]


def refunded_if_typed(world: World, **wanted: int) -> list[tuple[int, bool]]:
    found = preview_change(
        customer_id=world.customer.pk, service_id=world.service.pk, wanted=wanted, now=world.now()
    ).figures
    return [(each.seats, each.is_scheduled) for each in found.decreases]


def test_seats_taken_over_keep_what_is_left_of_their_own_window() -> None:
    inside = world_with_window(bought_days_ago=3)

    assert batches(inside) == [(4, START - timedelta(days=3) + WEEK)]
    assert refunded_if_typed(inside, basic=3) == [(1, False)]


def test_seats_taken_over_after_their_window_have_none() -> None:
    world = world_with_window(bought_days_ago=30)

    assert batches(world) == [(4, None)]
    assert refunded_if_typed(world, basic=3) == [(1, True)]


def test_an_addition_has_our_own_seven_days_until_microsoft_has_said_when_it_began() -> None:
    world = world_with_window(bought_days_ago=30)
    order_id = world.order(basic=6)
    assert batches(world) == [(4, None), (2, START + WEEK)]
    assert SeatBatch.objects.get(seats=2).deadline_read_at is None
    world.wire.is_silent = True
    deliver_order(world.outside, order_id)
    world.wire.is_silent = False
    world.clock.move(timedelta(hours=5))

    world.deliver(order_id)

    assert batches(world) == [(4, None), (2, world.now() + WEEK)]
    assert SeatBatch.objects.get(seats=2).deadline_read_at == world.now()


def test_only_a_whole_day_before_the_deadline_counts() -> None:
    world = world_with_window(bought_days_ago=30)
    world.deliver(world.order(basic=6))  # noon on 22 November: until noon on the 29th
    world.clock.move(timedelta(days=6))
    assert refunded_if_typed(world, basic=4) == [(2, False)]

    world.clock.move(timedelta(hours=12, seconds=-1))
    assert refunded_if_typed(world, basic=4) == [(2, False)], "the last second of 28 November"
    world.clock.move(timedelta(seconds=1))

    assert refunded_if_typed(world, basic=4) == [(2, True)], "the 29th is not whole"


def test_a_batch_of_which_microsoft_would_take_a_part_becomes_two() -> None:
    """Seats that Microsoft kept from an earlier return are used again: they have no new window there."""
    world = make_world(seats={"basic": 4}, policy=DecreasePolicy.WINDOW, term="P1Y", bought_days_ago=30, upgrades=False)
    world.deliver(world.order(basic=2, premium=2), for_minutes=30)
    assert world.seats_at_microsoft() == {"basic": 4, "premium": 2}
    world.clock.move(timedelta(days=1))

    world.deliver(world.order(basic=5, premium=2), for_minutes=30)

    found = SeatBatch.objects.filter(subscription__offer__edition__code="basic").order_by("pk")
    left = [(row.seats - row.returned_seats, row.returnable_until) for row in found]
    assert [each for each in left if each[0]] == [(2, None), (2, None), (1, world.now() + WEEK)]
    assert refunded_if_typed(world, basic=2) == [(1, False), (2, True)]
    assert_books_hold(world.customer, now=world.now())


def test_seats_that_came_from_another_edition_have_no_window_though_microsoft_would_take_them() -> None:
    world = world_with_window(bought_days_ago=30)

    world.deliver(world.order(basic=3, premium=1), for_minutes=30)

    assert refunded_if_typed(world, premium=0) == [(1, True)]


def test_a_deadline_that_no_delivery_has_read_is_asked_for_by_the_schedule() -> None:
    world = world_with_window(bought_days_ago=30)
    world.deliver(world.order(basic=6))
    SeatBatch.objects.filter(seats=2).update(deadline_read_at=None, returnable_until=world.now() + timedelta(days=9))
    assert list_subscriptions_to_read(world.now()) == (), "it was read a moment ago"
    world.clock.move(timedelta(hours=2))

    assert read_due_deadlines(world.outside, now=world.now()) == 1

    assert batches(world) == [(4, None), (2, START + WEEK)]
    assert read_due_deadlines(world.outside, now=world.now()) == 0


def test_a_silent_microsoft_leaves_our_own_deadline_in_its_place() -> None:
    world = world_with_window(bought_days_ago=30)
    world.deliver(world.order(basic=6))
    SeatBatch.objects.filter(seats=2).update(deadline_read_at=None)
    world.clock.move(timedelta(hours=2))
    world.wire.is_silent = True

    assert read_due_deadlines(world.outside, now=world.now()) == 0

    assert batches(world) == [(4, None), (2, START + WEEK)]


def test_a_renewal_opens_a_window_that_lasts_as_long_as_microsofts() -> None:
    world = make_world(seats={"basic": 4}, policy=DecreasePolicy.WINDOW, term="P1M")
    world.clock.move(datetime(2026, 12, 21, 14, tzinfo=UTC) - world.now())  # 22 December, one o'clock in Sydney
    renew(world.customer, now=world.now())
    ours = datetime(2026, 12, 21, 13, tzinfo=UTC) + WEEK
    assert batches(world) == [(4, ours)]
    read_due_deadlines(world.outside, now=world.now())
    assert batches(world) == [(4, ours)], "Microsoft's renewal is still to come"

    world.clock.move(timedelta(hours=12))
    read_due_deadlines(world.outside, now=world.now())

    assert batches(world) == [(4, datetime(2026, 12, 22, tzinfo=UTC) + WEEK)]
    assert refunded_if_typed(world, basic=1) == [(3, False)]
    assert_books_hold(world.customer, now=world.now())


def test_a_window_of_microsofts_own_renewal_counts_too() -> None:
    """Taken over in the middle of Microsoft's term: it renews there before it renews here."""
    world = make_world(seats={"basic": 4}, policy=DecreasePolicy.WINDOW, term="P1M", bought_days_ago=20)
    assert refunded_if_typed(world, basic=1) == [(3, True)]
    world.clock.move(timedelta(days=12))
    renewed_on = world.simulator.subscriptions(str(world.tenant.tenant_id))[0].term_start

    read_due_deadlines(world.outside, now=world.now())

    assert batches(world) == [(4, renewed_on + WEEK)]
    assert refunded_if_typed(world, basic=1) == [(3, False)]


def test_nothing_is_read_while_more_seats_are_on_their_way() -> None:
    world = world_with_window(bought_days_ago=30)
    world.deliver(world.order(basic=6))
    world.clock.move(timedelta(hours=2))
    world.order(basic=9)

    read_due_deadlines(world.outside, now=world.now())

    assert batches(world) == [(4, None), (2, START + WEEK), (3, world.now() + WEEK)]


def test_a_plan_can_be_changed_until_the_earlier_renewal() -> None:
    renewal = date(2027, 3, 15)
    ours = datetime(2027, 3, 14, 13, tzinfo=UTC)  # midnight in Sydney

    assert plan_changeable_until(renewal, zone_name="Australia/Sydney", supplier_term_ends_on=None) == ours
    same = plan_changeable_until(renewal, zone_name="Australia/Sydney", supplier_term_ends_on=date(2027, 3, 14))
    assert same == ours
    earlier = plan_changeable_until(renewal, zone_name="Australia/Sydney", supplier_term_ends_on=date(2027, 3, 9))
    assert earlier == datetime(2027, 3, 10, tzinfo=UTC)
    west = plan_changeable_until(renewal, zone_name="America/New_York", supplier_term_ends_on=date(2027, 3, 14))
    assert west == datetime(2027, 3, 15, tzinfo=UTC), "which is the evening before in New York"
