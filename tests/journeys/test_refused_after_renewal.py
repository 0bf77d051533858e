"""What Microsoft refuses after a new period was charged goes back in that period as well."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.journeys.books import assert_books_hold
from tests.journeys.outside import World, make_world
from tests.journeys.test_refusal import documents, held, refuse_purchases
from tests.makers import renew

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.provisioning.models import Delivery
from perseat.domain.fulfillment import OrderState
from perseat.journeys.delivery import give_delivery_up, park_delivery

pytestmark = pytest.mark.django_db


def a_month_later(world: World) -> Document:
    """The renewal of the next period, while the order is still under way."""
    world.clock.move(timedelta(days=31))
    assert renew(world.customer, now=world.now()) == 1
    world.clock.move(timedelta(minutes=1))
    document = Document.objects.filter(customer=world.customer).order_by("-pk").first()
    assert document is not None
    return document


def test_seats_refused_after_a_renewal_are_credited_there_too_and_the_others_stand() -> None:
    world = make_world(seats={"basic": 1})
    renew(world.customer, now=world.now())
    order_id = world.order(basic=1, premium=2)
    refuse_purchases(world)
    renewal = a_month_later(world)

    order = world.deliver(order_id)

    invoice, credit_note = documents(order)
    assert order.state == OrderState.CANCELLED
    assert held(world) == {"basic": 1}
    basic = renewal.lines.get(edition__code="basic")
    assert basic.credits.count() == 0
    of_renewal = renewal.lines.get(edition__code="premium")
    assert credit_note.total_minor == -invoice.total_minor
    credit = of_renewal.credits.get()
    assert (credit.seats, credit.amount_minor) == (2, -6000)
    assert f"Credited by {credit_note.number} and {credit.document.number}" in order.attention
    assert_books_hold(world.customer, now=world.now())


def test_added_seats_refused_after_a_renewal_leave_the_older_ones_charged() -> None:
    world = make_world(seats={"basic": 3})
    renew(world.customer, now=world.now())
    order_id = world.order(basic=5)
    world.line.lose_request(path="/v1/", times=50)
    world.deliver(order_id)
    renewal = a_month_later(world)
    delivery = Delivery.objects.get(order_id=order_id)
    park_delivery(delivery.pk, reason="The customer called.", actor="clerk@provider.example", now=world.now())
    give_delivery_up(delivery.pk, reason="Not wanted.", actor="clerk@provider.example", now=world.now())

    line = renewal.lines.get()
    assert (line.seats, line.amount_minor) == (5, 4500)
    credit = line.credits.get()
    assert (credit.seats, credit.amount_minor) == (2, -1800)
    assert held(world) == {"basic": 3}
    assert_books_hold(world.customer, now=world.now())

    later = a_month_later(world)
    assert later.lines.get().seats == 3
    assert_books_hold(world.customer, now=world.now())


def test_a_change_of_edition_refused_after_a_renewal_charges_the_old_seats_for_that_period() -> None:
    world = make_world(seats={"basic": 2}, upgrades=False)
    renew(world.customer, now=world.now())
    order_id = world.order(basic=0, premium=2)
    refuse_purchases(world)
    renewal = a_month_later(world)

    world.deliver(order_id)

    document = renewal.lines.get().credits.get().document
    stayed = document.lines.get(reason="renewed")
    assert (stayed.edition and stayed.edition.code, stayed.seats, stayed.amount_minor) == ("basic", 2, 1800)
    assert (stayed.start, stayed.end) == (renewal.lines.get().start, renewal.lines.get().end)
    assert document.lines.get(credits_line=renewal.lines.get()).amount_minor == -6000
    assert held(world) == {"basic": 2}
    assert_books_hold(world.customer, now=world.now())

    later = a_month_later(world)
    assert [(line.edition and line.edition.code, line.seats) for line in later.lines.all()] == [("basic", 2)]
    assert_books_hold(world.customer, now=world.now())
