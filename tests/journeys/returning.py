"""Returns: a customer by the window policy, and what a test asks of it."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.books import assert_books_hold
from tests.journeys.outside import World, make_world

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.delivery import deliver_order


def world_with_window(*, term: str = "P1Y", prices_include_tax: bool = False, **seats: int) -> World:
    """Taken over long after their own window; whatever is added now can be given back for seven days."""
    return make_world(
        seats=seats or {"basic": 4},
        policy=DecreasePolicy.WINDOW,
        term=term,
        bought_days_ago=10 if term == "P1M" else 30,
        prices_include_tax=prices_include_tax,
    )


def held(world: World) -> dict[str, int]:
    rows = Subscription.objects.filter(service=world.service, ended_on=None).select_related("offer__edition")
    return {row.offer.edition.code: row.held_seats for row in rows}


def planned(world: World) -> dict[str, int | None]:
    rows = Subscription.objects.filter(service=world.service, ended_on=None).select_related("offer__edition")
    return {row.offer.edition.code: row.planned_seats for row in rows}


def credit_notes(order_id: int) -> list[Document]:
    return list(Document.objects.filter(order_id=order_id, kind="credit_note").order_by("pk"))


def wait(world: World, **span: float) -> None:
    world.clock.move(timedelta(**span))


def without_an_answer(world: World, order_id: int, **span: float) -> None:
    """Microsoft is silent when it is asked, and is asked again only after so long."""
    world.wire.is_silent = True
    deliver_order(world.outside, order_id)
    world.wire.is_silent = False
    wait(world, **span)


def books_hold(world: World) -> None:
    assert_books_hold(world.customer, now=world.now())
