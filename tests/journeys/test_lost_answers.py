"""A broken line or a killed worker at any call: the seats are bought exactly once, and nobody is moved twice."""

from __future__ import annotations

import httpx
import pytest
from tests.journeys.outside import World, make_world

from perseat.capabilities.ordering.models import Order
from perseat.domain.fulfillment import OrderState
from perseat.journeys.delivery import deliver_order
from perseat.ports.failures import Unanswered
from perseat.simulator.faulty_transport import FaultyTransport

pytestmark = pytest.mark.django_db

CALLS_AT_MOST = 60


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing after this line runs, no handler of ours catches it."""


class KillingTransport(httpx.BaseTransport):
    """Ends the process, so to speak, at the n-th call: before it is sent, or once it is done."""

    def __init__(self, inner: httpx.BaseTransport, *, at_call: int, after: bool) -> None:
        self.inner = inner
        self.left = at_call
        self.after = after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        response = self.inner.handle_request(request)
        if self.left == 0:
            response.read()
            raise Killed
        return response


def world_with_work() -> tuple[World, int]:
    """Ada's Basic becomes Premium, and one more Standard is bought: every act of a delivery."""
    world = make_world(seats={"basic": 2, "standard": 1}, people={"Ada": "basic"})
    return world, world.order(basic=1, standard=2, premium=1)


def assert_delivered_once(world: World, order: Order) -> None:
    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"basic": 1, "standard": 2, "premium": 1}
    assert world.licenses() == {"Ada": ["basic"]}, "one Basic stays, so Ada keeps hers"
    assert len([each for each in world.writes() if each.endswith("/checkout")]) == 1


def count_calls() -> int:
    world, order_id = world_with_work()
    before = len(world.simulator.calls)
    world.deliver(order_id)
    return len(world.simulator.calls) - before


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_worker_killed_at_any_call_leaves_an_order_that_the_next_one_finishes(after: bool) -> None:  # noqa: FBT001
    calls = count_calls()
    assert 8 < calls < CALLS_AT_MOST

    for at_call in range(1, calls + 1):
        Order.objects.all()  # one world after the other in one database: each has a customer of its own
        world, order_id = world_with_work()
        inner = world.line._inner  # noqa: SLF001 - the wire is cut below our client
        world.line._inner = KillingTransport(inner, at_call=at_call, after=after)  # noqa: SLF001

        with pytest.raises(Killed):
            deliver_order(world.outside, order_id)
        world.line._inner = inner  # noqa: SLF001
        order = world.deliver(order_id, for_minutes=5)

        assert_delivered_once(world, order)


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_any_lost_call_is_asked_again_and_has_one_effect(lost: str) -> None:
    calls = count_calls()

    for skip in range(calls):
        world, order_id = world_with_work()
        lose = world.line.lose_request if lost == "request" else world.line.lose_answer
        lose(times=1, skip=skip)

        try:
            order = world.deliver(order_id, for_minutes=30)
        except Unanswered:  # pragma: no cover - a delivery never lets silence through
            pytest.fail(f"call {skip} let its silence through")

        assert_delivered_once(world, order)


def test_the_line_that_tests_cut_is_the_clients_own() -> None:
    world, _order_id = world_with_work()

    assert isinstance(world.line, FaultyTransport)
