"""Returns that Microsoft takes in part or not at all, and those of which something has changed meanwhile."""

from __future__ import annotations

from datetime import date

import pytest
from tests.journeys.returning import books_hold, credit_notes, held, planned, wait, without_an_answer, world_with_window
from tests.makers import clerk_id

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order, OrderEvent
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import list_kept_seats
from perseat.capabilities.provisioning.returns import list_kept_returns
from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.journeys.delivery import give_delivery_up, retry_delivery
from perseat.journeys.recipient import correct_recipient
from perseat.journeys.telling import tell_order_needs_attention, tell_order_ready

pytestmark = pytest.mark.django_db


def test_what_microsoft_no_longer_takes_back_is_not_credited_and_goes_with_the_renewal() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=4)
    without_an_answer(world, order_id, days=8)

    order = world.deliver(order_id)

    assert credit_notes(order_id) == []
    assert (held(world), planned(world)) == ({"basic": 6}, {"basic": 4})
    assert order.state == OrderState.SCHEDULED
    assert "does not take back 2 seats of Microsoft 365 Business Basic any more" in order.attention
    assert "they stay yours and paid for until 21 November 2027 and end then by themselves" in order.attention
    assert "needs_attention" in OrderEvent.objects.filter(order=order).values_list("state", flat=True)
    assert world.simulator.subscriptions(str(world.tenant.tenant_id))[0].next_term.quantity == 4
    (kept,) = list_kept_returns()
    assert (kept.order_id, kept.seats) == (order_id, 2)
    books_hold(world)
    tell_order_needs_attention(world.outside, order_id=order_id)
    assert "Nothing is credited" in world.letters.sent[-1].text
    assert "balance" not in world.letters.sent[-1].text


def test_a_refused_return_can_be_withdrawn_like_any_plan() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=4)
    without_an_answer(world, order_id, days=8)
    world.deliver(order_id)

    order = world.deliver(world.order(basic=6))

    assert (held(world), planned(world)) == ({"basic": 6}, {"basic": None})
    assert order.state == OrderState.SCHEDULED
    assert world.simulator.subscriptions(str(world.tenant.tenant_id))[0].next_term is None
    assert list_kept_returns() == ()
    books_hold(world)


def test_of_two_batches_only_the_one_whose_deadline_holds_is_credited() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=5))
    wait(world, days=4)
    world.deliver(world.order(basic=7))
    order_id = world.order(basic=4)
    without_an_answer(world, order_id, days=5)

    order = world.deliver(order_id)

    (note,) = credit_notes(order_id)
    line = note.lines.get()
    assert (line.seats, line.start) == (2, date(2026, 11, 26))
    assert note.reason
    assert (held(world), planned(world)) == ({"basic": 5}, {"basic": 4})
    assert order.state == OrderState.READY
    assert "does not take back 1 seat of" in order.attention
    assert world.seats_at_microsoft() == {"basic": 5}
    assert [kept.seats for kept in list_kept_returns()] == [1]
    books_hold(world)


def test_of_two_editions_the_credit_note_waits_for_both_answers_and_names_those_taken() -> None:
    world = world_with_window(basic=4, standard=2)
    world.deliver(world.order(basic=6))
    wait(world, days=4)
    world.deliver(world.order(standard=3))
    order_id = world.order(basic=4, standard=2)
    without_an_answer(world, order_id, days=4)

    order = world.deliver(order_id, for_minutes=30)

    (note,) = credit_notes(order_id)
    assert [(line.edition.code, line.seats) for line in note.lines.all()] == [("standard", 1)]
    assert (held(world), planned(world)) == ({"basic": 6, "standard": 2}, {"basic": 4, "standard": None})
    assert order.state == OrderState.READY
    assert "2 seats of Microsoft 365 Business Basic" in order.attention
    books_hold(world)


def test_a_document_with_charges_is_issued_at_once_and_a_refused_return_costs_the_provider() -> None:
    world = world_with_window(basic=4)
    world.deliver(world.order(basic=6))
    wait(world, days=1)
    order_id = world.order(basic=4, premium=1)
    assert [line.reason for line in Order.objects.get(pk=order_id).quote.lines.all()] == [
        "exchanged",
        "returned",
        "upgraded",
    ]
    assert Document.objects.filter(order_id=order_id).exists()
    assert held(world) == {"basic": 4, "premium": 1}
    without_an_answer(world, order_id, days=8)

    order = world.deliver(order_id, for_minutes=30)

    assert order.state == OrderState.READY
    assert [(kept.edition_name, kept.too_many) for kept in list_kept_seats()] == [
        ("Microsoft 365 Business Basic", 1)
    ], "the other one was upgraded"
    books_hold(world)


def test_a_refusal_for_another_reason_waits_for_the_staff_who_may_try_again_or_give_up() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=4)
    subscription = world.simulator.subscriptions(str(world.tenant.tenant_id))[0]
    world.simulator.store.tenants[str(world.tenant.tenant_id)].subscriptions[subscription.id].status = "suspended"
    order = world.deliver(order_id)
    delivery = Delivery.objects.get(order_id=order_id)
    assert (order.state, delivery.state) == (OrderState.NEEDS_ATTENTION, DeliveryState.PARKED)
    books_hold(world)
    retry_delivery(delivery.pk, actor="clerk@provider.example", now=world.now())
    world.deliver(order_id)

    give_delivery_up(
        delivery.pk, reason="The customer owes Microsoft.", actor="clerk@provider.example", now=world.now()
    )

    order.refresh_from_db()
    assert "Business Basic any more: The customer owes Microsoft. Nothing is credited" in order.attention
    assert (order.state, credit_notes(order_id)) == (OrderState.SCHEDULED, [])
    assert (held(world), planned(world)) == ({"basic": 6}, {"basic": 4})
    books_hold(world)


def test_a_document_that_was_made_out_anew_meanwhile_is_credited_in_its_new_form() -> None:
    world = world_with_window()
    bought = world.order(basic=6)
    world.deliver(bought)
    order_id = world.order(basic=4)
    number = Document.objects.filter(order_id=bought).get().number
    Customer.objects.filter(pk=world.customer.pk).update(legal_name="Acme Holdings Pty Ltd")
    correct_recipient(number, reason="Wrong name", staff_id=clerk_id(), now=world.now())

    order = world.deliver(order_id)

    (note,) = credit_notes(order_id)
    assert note.total_minor == order.quote.due_today_minor
    assert held(world) == {"basic": 4}
    books_hold(world)


def test_the_letters_say_what_was_refunded_and_what_waits() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=3)
    world.deliver(order_id)

    tell_order_ready(world.outside, order_id=order_id)

    text = world.letters.sent[-1].text
    assert "2 refunded" in text
    assert "1 at the renewal on 22 November 2027" in text
