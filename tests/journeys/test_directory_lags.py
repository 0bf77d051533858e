"""The directory shows for a while what is no longer so: nobody is left on seats that have gone, and nobody is asked."""

from __future__ import annotations

import pytest
from tests.journeys.outside import World, make_world

from perseat.domain.fulfillment import OrderState
from perseat.simulator.faults import Fault, FaultKind

pytestmark = pytest.mark.django_db

PEOPLE = {"Ada": "basic", "Ben": "basic", "Cleo": "basic"}


def lower_seats_that_the_directory_goes_on_showing(world: World, **wanted: int) -> None:
    world.simulator.store.provisioning_delay_seconds = 7200
    assert world.deliver(world.order(**wanted)).state == OrderState.READY
    world.simulator.store.provisioning_delay_seconds = 0


def holders(world: World, edition: str) -> int:
    return sum(edition in held for held in world.licenses().values())


def people_whose_edition_was_gone(world: World) -> list[int]:
    """How many people, each time that an edition had no seats left at all."""
    tenant = world.simulator.store.tenants[str(world.tenant.tenant_id)]
    return [each.people for each in tenant.uncovered if each.seats == 0]


def test_seats_that_were_given_back_a_moment_ago_keep_nobody_in_the_old_edition() -> None:
    world = make_world(seats={"basic": 5}, people=PEOPLE, upgrades=False)
    lower_seats_that_the_directory_goes_on_showing(world, basic=3)

    order = world.deliver(world.order(basic=1, premium=2), for_minutes=30)

    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"basic": 1, "premium": 2}
    assert (holders(world, "basic"), holders(world, "premium")) == (1, 2)


def test_an_upgrade_takes_no_last_seats_because_the_directory_still_shows_more() -> None:
    world = make_world(seats={"basic": 3, "premium": 1}, people=PEOPLE, bought_days_ago=8)
    assert world.deliver(world.order(basic=6), for_minutes=5).state == OrderState.READY
    lower_seats_that_the_directory_goes_on_showing(world, basic=3)

    order = world.deliver(world.order(basic=0, premium=4), for_minutes=30)

    assert order.state == OrderState.READY
    assert holders(world, "premium") == 3
    assert people_whose_edition_was_gone(world) == []


@pytest.mark.parametrize("skip", range(5))
def test_a_count_that_is_one_question_old_parks_nothing(skip: int) -> None:
    world = make_world(seats={"basic": 3}, people=PEOPLE, upgrades=False)
    order_id = world.order(basic=0, premium=3)
    world.simulator.faults.arm(Fault(kind=FaultKind.STALE_READ, path_pattern="subscribedSkus", skip=skip))

    order = world.deliver(order_id, for_minutes=30)

    assert order.state == OrderState.READY
    assert holders(world, "premium") == 3
