"""What is planned for the renewal is planned again at Microsoft after everything that deletes it there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.journeys.outside import World, make_world

from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import DecreasePolicy
from perseat.simulator.store import Subscription

pytestmark = pytest.mark.django_db


def planning_world(**seats: int) -> World:
    """Yearly seats that Microsoft no longer takes back: a decrease is planned there. Standard goes to 1."""
    world = make_world(seats={"standard": 3, **seats}, policy=DecreasePolicy.RENEWAL, term="P1Y", bought_days_ago=30)
    world.deliver(world.order(standard=1, **seats))
    assert planned(world, "standard") == 1
    return world


def subscription(world: World, edition: str) -> Subscription:
    sku = {"basic": "CFQ7TTC0LH18", "standard": "CFQ7TTC0LDPB", "premium": "CFQ7TTC0LCHC"}[edition]
    found = world.simulator.subscriptions(str(world.tenant.tenant_id))
    return next(each for each in found if each.offer_id.startswith(sku) and each.status == "active")


def planned(world: World, edition: str) -> int | None:
    next_term = subscription(world, edition).next_term
    return next_term.quantity if next_term else None


def test_seats_added_in_another_edition_leave_the_plan_alone() -> None:
    world = planning_world(basic=1)

    world.deliver(world.order(basic=3))

    assert (planned(world, "standard"), planned(world, "basic")) == (1, None)
    assert len(world.writes("/subscriptions/")) == 2, "the plan before, and the addition"


def test_seats_added_and_fewer_planned_in_one_order_end_with_the_plan() -> None:
    """Added seats delete the schedule; a plan that comes with them, or stood before, is told again behind it."""
    world = planning_world()
    world.deliver(world.order(standard=5))
    assert planned(world, "standard") is None, "a total that is typed replaces the plan"

    world.deliver(world.order(standard=2))

    assert subscription(world, "standard").quantity == 5
    assert planned(world, "standard") == 2


def test_seats_that_leave_by_an_upgrade_leave_the_rest_with_its_plan() -> None:
    world = make_world(seats={"standard": 5}, policy=DecreasePolicy.RENEWAL, term="P1Y", bought_days_ago=30)
    order = world.deliver(world.order(standard=1, premium=2))

    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"standard": 3, "premium": 2}
    assert world.writes("/transitions"), "Microsoft's own upgrade, which deletes the schedule of both"
    assert planned(world, "standard") == 1


def test_seats_that_come_by_an_upgrade_leave_the_plan_of_those_that_were_there() -> None:
    world = make_world(seats={"basic": 3, "standard": 4}, policy=DecreasePolicy.RENEWAL, term="P1Y", bought_days_ago=30)
    world.deliver(world.order(standard=2))
    assert planned(world, "standard") == 2

    world.deliver(world.order(basic=2, standard=5))

    assert world.writes("/transitions")
    assert world.seats_at_microsoft() == {"basic": 2, "standard": 5}
    assert planned(world, "standard") is None, "the total of 5 replaces the plan"
    assert subscription(world, "standard").auto_renew


def test_seats_given_back_inside_their_window_leave_the_rest_with_its_plan() -> None:
    world = make_world(seats={"basic": 4}, policy=DecreasePolicy.WINDOW, term="P1Y", bought_days_ago=30)
    world.deliver(world.order(basic=6))
    world.clock.move(timedelta(days=1))

    world.deliver(world.order(basic=3), for_minutes=30)

    assert subscription(world, "basic").quantity == 4
    assert planned(world, "basic") == 3


def test_an_edition_whose_renewal_is_switched_off_is_switched_on_with_the_next_total() -> None:
    world = make_world(seats={"basic": 2, "standard": 1}, policy=DecreasePolicy.RENEWAL)
    world.deliver(world.order(basic=0))
    assert not subscription(world, "basic").auto_renew

    world.deliver(world.order(basic=3))

    assert subscription(world, "basic").quantity == 3
    assert subscription(world, "basic").auto_renew
