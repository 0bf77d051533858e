"""Seats given back inside their window are credited when Microsoft has taken them, for the day they were given back."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from tests.journeys.outside import Killed, make_world
from tests.journeys.returning import books_hold, credit_notes, held, planned, wait, without_an_answer, world_with_window
from tests.makers import accept, clerk_id, make_service, moment, quote, renew

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.queries import get_available_minor
from perseat.capabilities.provisioning.models import Delivery
from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.billing_acts import close_month
from perseat.journeys.checkout import QuoteHasMoved, accept_quote
from perseat.journeys.delivery import deliver_order
from perseat.journeys.seat_change import NothingWouldChange, SeatsComeBack, preview_change

pytestmark = pytest.mark.django_db

CALLS_AT_MOST = 8


def test_nothing_is_credited_and_nothing_gone_before_microsoft_has_taken_the_seats() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))

    order = Order.objects.get(pk=world.order(basic=4))

    assert order.is_return
    assert order.state == OrderState.PAID
    assert credit_notes(order.pk) == []
    assert order.quote.due_today_minor == -1980  # 2 × 9.00 for a whole period, and the tax
    assert (held(world), planned(world)) == ({"basic": 6}, {"basic": 4})
    books_hold(world)


def test_once_microsoft_has_taken_them_the_credit_note_is_the_quotes() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=4)

    order = world.deliver(order_id)

    (note,) = credit_notes(order_id)
    assert order.state == OrderState.READY
    assert (note.total_minor, note.reason) == (order.quote.due_today_minor, "")
    assert note.issued_on == order.quote.day
    assert (held(world), planned(world)) == ({"basic": 4}, {"basic": None})
    assert world.seats_at_microsoft() == {"basic": 4}
    books_hold(world)


def test_a_late_answer_changes_neither_day_nor_amount() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    wait(world, days=1)
    order_id = world.order(basic=4)
    without_an_answer(world, order_id, days=3)
    books_hold(world)

    order = world.deliver(order_id)

    (note,) = credit_notes(order_id)
    assert (note.issued_on, note.total_minor) == (date(2026, 11, 23), order.quote.due_today_minor)
    assert note.issued_at == world.now()
    assert held(world) == {"basic": 4}
    books_hold(world)


def test_in_a_closed_month_it_is_dated_the_first_open_day_and_computed_for_the_day_it_was_accepted() -> None:
    world = make_world(seats={"basic": 4}, policy=DecreasePolicy.WINDOW, term="P1Y", bought_days_ago=30)
    wait(world, days=6)  # 28 November
    world.deliver(world.order(basic=6))
    wait(world, days=2)
    order_id = world.order(basic=4)
    without_an_answer(world, order_id, days=2)
    close_month(date(2026, 11, 1), reason="Filed", staff_id=clerk_id(), now=world.now())

    order = world.deliver(order_id)

    (note,) = credit_notes(order_id)
    assert note.issued_on == date(2026, 12, 1)
    assert note.total_minor == order.quote.due_today_minor
    assert note.lines.get().start == date(2026, 11, 30)
    books_hold(world)
    again = world.order(basic=6)
    assert [line.reason for line in Order.objects.get(pk=again).quote.lines.all()] == ["added"]
    books_hold(world)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", range(1, CALLS_AT_MOST + 1))
def test_a_worker_killed_at_any_call_credits_once(call: int, when: str) -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=3)
    kill = world.wire.kill_before if when == "before" else world.wire.kill_after
    kill(call)

    with contextlib.suppress(Killed):
        deliver_order(world.outside, order_id)
    order = world.deliver(order_id, for_minutes=5)

    (note,) = credit_notes(order_id)
    assert note.total_minor == order.quote.due_today_minor
    assert (held(world), planned(world)) == ({"basic": 4}, {"basic": 3})
    assert world.seats_at_microsoft() == {"basic": 4}
    assert world.simulator.subscriptions(str(world.tenant.tenant_id))[0].next_term.quantity == 3
    books_hold(world)


def test_the_walk_above_covers_every_call() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=3)
    before = len(world.simulator.calls)

    world.deliver(order_id)

    assert CALLS_AT_MOST - 2 <= len(world.simulator.calls) - before <= CALLS_AT_MOST


def test_two_workers_credit_once() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=4)

    world.deliver(order_id)
    world.deliver(order_id)

    assert len(credit_notes(order_id)) == 1


def test_a_period_charged_before_the_answer_is_credited_as_well() -> None:
    world = world_with_window()
    wait(world, days=27)  # 19 December; the next period begins on the 22nd
    world.deliver(world.order(basic=6))
    wait(world, days=2)
    order_id = world.order(basic=4)
    without_an_answer(world, order_id, days=2)
    renew(world.customer, now=world.now())
    books_hold(world)
    wait(world, minutes=5)

    order = world.deliver(order_id)

    first, second = credit_notes(order_id)
    assert (first.issued_on, first.total_minor) == (date(2026, 12, 21), order.quote.due_today_minor)
    assert (second.net_minor, second.lines.get().start) == (-1800, date(2026, 12, 22))
    assert held(world) == {"basic": 4}
    books_hold(world)
    wait(world, days=40)
    renew(world.customer, now=world.now())
    assert Document.objects.order_by("-pk").first().net_minor == 3600
    books_hold(world)


def test_a_renewal_that_comes_late_finds_the_seats_gone_since_the_day_they_were_given_back() -> None:
    world = world_with_window()
    wait(world, days=27)
    world.deliver(world.order(basic=6))
    wait(world, days=2)
    order_id = world.order(basic=4)
    without_an_answer(world, order_id, days=2)

    world.deliver(order_id)
    renew(world.customer, now=world.now())

    assert len(credit_notes(order_id)) == 1
    assert Document.objects.order_by("-pk").first().net_minor == 3600
    books_hold(world)


def test_when_the_term_is_renewed_before_the_answer_the_seats_are_gone_by_the_plan() -> None:
    world = world_with_window(term="P1M")
    wait(world, days=28)
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=4)
    without_an_answer(world, order_id, days=3)
    renew(world.customer, now=world.now())
    assert (held(world), planned(world)) == ({"basic": 4}, {"basic": None})
    books_hold(world)

    order = world.deliver(order_id)

    (note,) = credit_notes(order_id)
    assert note.total_minor == order.quote.due_today_minor
    assert held(world) == {"basic": 4}
    assert world.seats_at_microsoft() == {"basic": 4}
    books_hold(world)


def test_the_last_seats_given_back_end_the_service() -> None:
    world = make_world(policy=DecreasePolicy.WINDOW, term="P1Y")
    world.deliver(world.order(basic=2))
    order_id = world.order(basic=0)
    world.service.refresh_from_db()
    assert world.service.state == "active"

    order = world.deliver(order_id)

    world.service.refresh_from_db()
    assert (order.state, world.service.state, held(world)) == (OrderState.READY, "ended", {})
    assert get_available_minor(world.customer.pk, currency="AUD") == 1980
    books_hold(world)


def test_meanwhile_other_editions_can_be_bought_and_these_seats_not_changed() -> None:
    world = world_with_window(basic=4, standard=2)
    world.deliver(world.order(basic=6, standard=4))
    order_id = world.order(basic=4)

    with pytest.raises(SeatsComeBack, match=f"Order {order_id} gives seats back"):
        world.order(basic=7)
    with pytest.raises(SeatsComeBack):
        world.order(standard=3)
    with pytest.raises(NothingWouldChange):
        world.order(basic=4)
    bought = world.order(basic=4, premium=1)
    books_hold(world)

    assert world.deliver(bought).state == OrderState.PAID, "it is delivered after the one before"
    world.deliver(order_id)
    assert world.deliver(bought).state == OrderState.READY
    assert held(world) == {"basic": 4, "standard": 4, "premium": 1}
    books_hold(world)


def test_a_quote_from_before_the_return_can_no_longer_be_accepted() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    facts = {"service_id": world.service.pk, "user_id": world.owner.pk, "now": world.now()}
    older = quote(world.customer, wanted={"basic": 9}, **facts)
    world.order(basic=4)

    with pytest.raises(QuoteHasMoved):
        accept_quote(
            customer_id=world.customer.pk, user_id=world.owner.pk, quote_id=older, payment_method="bank_transfer",
            now=world.now(),
        )  # fmt: skip
    books_hold(world)


def test_seats_bought_again_on_the_same_day_undo_the_credit_exactly() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    wait(world, hours=2)
    world.deliver(world.order(basic=4))

    order = Order.objects.get(pk=world.order(basic=6))

    assert [(line.reason, line.amount_minor) for line in order.quote.lines.all()] == [("restored", 1800)]
    world.deliver(order.pk)
    books_hold(world)


def test_by_the_anytime_policy_the_credit_comes_at_once() -> None:
    world = make_world(seats={"basic": 4})

    order = Order.objects.get(pk=world.order(basic=3))

    assert not order.is_return
    assert [note.total_minor for note in credit_notes(order.pk)] == [order.quote.due_today_minor]


def test_seats_that_only_go_with_the_renewal_are_no_return() -> None:
    world = world_with_window()

    order = Order.objects.get(pk=world.order(basic=3))

    assert not order.is_return
    assert order.quote.due_today_minor == 0


def test_a_preview_while_seats_return_shows_what_is_held() -> None:
    world = world_with_window()
    world.deliver(world.order(basic=6))
    world.order(basic=4)

    found = preview_change(
        customer_id=world.customer.pk, service_id=world.service.pk, wanted={"basic": 4}, now=world.now()
    )

    assert not found.is_change
    assert [(each.edition, each.seats) for each in found.returning] == [("basic", 2)]


def test_a_service_that_microsoft_never_heard_of_is_credited_at_once() -> None:
    world = make_world()
    service = make_service(world.customer, seats={"basic": 3}, policy="window", started_on="2026-11-20")
    quote_id = quote(
        world.customer, service_id=service.pk, wanted={"basic": 1}, user_id=world.owner.pk, now=moment("2026-11-22")
    )
    order_id = accept(world.customer, quote_id=quote_id, user_id=world.owner.pk, now=moment("2026-11-22"))
    Delivery.objects.filter(order__service=service, order__is_return=False).update(state=DeliveryState.DONE)

    deliver_order(world.outside, order_id)

    assert len(credit_notes(order_id)) == 1
    books_hold(world)


def test_prices_with_tax_in_them_come_back_with_it() -> None:
    world = make_world(
        seats={"basic": 4}, policy=DecreasePolicy.WINDOW, term="P1Y", bought_days_ago=30, prices_include_tax=True
    )
    world.deliver(world.order(basic=6))
    order_id = world.order(basic=4)

    order = world.deliver(order_id)

    (note,) = credit_notes(order_id)
    assert (note.total_minor, note.tax_minor) == (-1800, -164)  # 2 × 9.00 with 10 % in them
    assert note.total_minor == order.quote.due_today_minor
    assert [part["refund_total_minor"] for part in order.quote.decreases] == [1800]
    books_hold(world)
