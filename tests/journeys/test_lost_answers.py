"""A broken line or a killed worker at any call: the seats are bought exactly once, and nobody is moved twice."""

from __future__ import annotations

import contextlib

import pytest
from tests.journeys.outside import Killed, World, make_world

from perseat.capabilities.ordering.models import Order
from perseat.domain.fulfillment import OrderState
from perseat.journeys.delivery import deliver_order

pytestmark = pytest.mark.django_db

CALLS_AT_MOST = 29


def world_with_work() -> tuple[World, int]:
    """Ada's Basic becomes Premium, and one more Standard is bought: every act of a delivery but an upgrade."""
    world = make_world(seats={"basic": 1, "standard": 1}, people={"Ada": "basic"}, upgrades=False)
    return world, world.order(basic=0, standard=2, premium=1)


def assert_delivered_once(world: World, order: Order) -> None:
    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"standard": 2, "premium": 1}
    assert world.licenses() == {"Ada": ["premium"]}
    assert len([each for each in world.writes() if each.endswith("/checkout")]) == 1


def test_the_walk_below_covers_every_call() -> None:
    world, order_id = world_with_work()
    before = len(world.simulator.calls)

    world.deliver(order_id)

    assert CALLS_AT_MOST - 5 < len(world.simulator.calls) - before <= CALLS_AT_MOST


@pytest.mark.parametrize("call", range(1, CALLS_AT_MOST + 1))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_at_any_call_leaves_an_order_that_the_next_one_finishes(call: int, moment: str) -> None:
    world, order_id = world_with_work()
    kill = world.wire.kill_before if moment == "before" else world.wire.kill_after
    kill(call)

    with contextlib.suppress(Killed):  # the last few numbers may lie behind the last call
        deliver_order(world.outside, order_id)
    order = world.deliver(order_id, for_minutes=5)

    assert_delivered_once(world, order)
    assert len(world.writes("/assignLicense")) == 1


@pytest.mark.parametrize("call", range(CALLS_AT_MOST))
@pytest.mark.parametrize("lost", ["request", "answer"])
def test_any_lost_call_is_asked_again_and_has_one_effect(call: int, lost: str) -> None:
    world, order_id = world_with_work()
    lose = world.line.lose_request if lost == "request" else world.line.lose_answer
    lose(times=1, skip=call)

    order = world.deliver(order_id, for_minutes=30)

    assert_delivered_once(world, order)
