"""docs/reference/calls-per-delivery.md says how often Microsoft is called; the simulator counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.journeys.outside import World, make_world

from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.assignment import give_and_take

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "calls-per-delivery.md"
Act = Callable[[], tuple[World, Callable[[], None]]]


def ordering(world: World, **wanted: int) -> tuple[World, Callable[[], None]]:
    order_id = world.order(**wanted)

    def deliver() -> None:
        assert world.deliver(order_id).state in (OrderState.READY, OrderState.SCHEDULED)

    return world, deliver


def new_subscription() -> tuple[World, Callable[[], None]]:
    return ordering(make_world(), basic=2)


def increase() -> tuple[World, Callable[[], None]]:
    return ordering(make_world(seats={"basic": 1}), basic=4)


def decrease() -> tuple[World, Callable[[], None]]:
    return ordering(make_world(seats={"basic": 4}), basic=1)


def plan() -> tuple[World, Callable[[], None]]:
    return ordering(make_world(seats={"basic": 4}, policy=DecreasePolicy.RENEWAL), basic=1)


def end() -> tuple[World, Callable[[], None]]:
    return ordering(make_world(seats={"basic": 4}), basic=0)


def whole_upgrade() -> tuple[World, Callable[[], None]]:
    return ordering(make_world(seats={"basic": 2}, people={"Ada": "basic", "Bob": "basic"}), basic=0, premium=2)


def part_upgrade() -> tuple[World, Callable[[], None]]:
    return ordering(make_world(seats={"basic": 2}), basic=1, premium=1)


def bought_change() -> tuple[World, Callable[[], None]]:
    return ordering(make_world(seats={"basic": 1}, upgrades=False), basic=0, premium=1)


def person_moved() -> tuple[World, Callable[[], None]]:
    world = make_world(seats={"basic": 1, "premium": 1}, people={"Ada": "basic"})
    from tests.makers import SKU_IDS  # noqa: PLC0415 - only here

    def move() -> None:
        give_and_take(
            world.outside,
            tenant_id=str(world.tenant.tenant_id),
            country="AU",
            person_id=world.person_id("Ada"),
            add=[str(SKU_IDS["premium"])],
            remove=[str(SKU_IDS["basic"])],
        )

    return world, move


ACTS: dict[str, Act] = {
    "new subscription": new_subscription,
    "more seats": increase,
    "fewer seats inside the window": decrease,
    "plan for the renewal": plan,
    "end inside the window": end,
    "upgrade of all seats, two people": whole_upgrade,
    "upgrade of some seats, nobody moved": part_upgrade,
    "change of edition that is bought, nobody moved": bought_change,
    "one person moved": person_moved,
}


def rows() -> dict[str, tuple[int, int, int]]:
    """By act: the smallest number of calls, those made to Partner Center, and those made to Graph."""
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line[1:-1].split("|")]
        if len(cells) == 5 and cells[1].isdecimal():
            found[cells[0]] = (int(cells[1]), int(cells[2]), int(cells[3]))
    return found


def test_the_page_has_a_row_for_each_act() -> None:
    assert list(rows()) == list(ACTS)


@pytest.mark.parametrize("name", ACTS)
def test_the_simulator_counts_as_many_calls_as_the_page_says(name: str) -> None:
    world, act = ACTS[name]()
    before = len(world.simulator.calls)

    act()

    paths = [each.path for each in world.simulator.calls[before:] if not each.path.endswith("/token")]
    partner_center = [path for path in paths if path.startswith("/v1/")]
    graph = [path for path in paths if path.startswith("/v1.0/")]
    smallest, said_partner_center, said_graph = rows()[name]
    assert (len(partner_center), len(graph)) == (said_partner_center, said_graph), "\n".join(paths)
    assert smallest <= len(paths)
