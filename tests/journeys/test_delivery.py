"""What was paid for exists at Microsoft exactly once, in an order in which nobody is ever without a license."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.journeys.books import assert_books_hold
from tests.journeys.outside import make_world, outside_without_writes

from perseat.capabilities.ordering.models import Order, OrderEvent
from perseat.capabilities.provisioning.models import Delivery, DeliveryAttempt
from perseat.capabilities.provisioning.queries import list_kept_seats
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.fulfillment import DeliveryAct, DeliveryState, OrderState
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.delivery import deliver_due_orders, deliver_order, retry_delivery

pytestmark = pytest.mark.django_db


def states(order_id: int) -> list[str]:
    return list(OrderEvent.objects.filter(order_id=order_id).order_by("pk").values_list("state", flat=True))


def test_a_paid_increase_is_at_microsoft_and_ready() -> None:
    world = make_world(seats={"basic": 1})

    order = world.deliver(world.order(basic=4))

    assert world.seats_at_microsoft() == {"basic": 4}
    assert order.state == OrderState.READY
    assert states(order.pk)[-3:] == ["paid", "ordering", "ready"]
    assert len(world.writes("/subscriptions/")) == 1
    assert_books_hold(world.customer, now=world.now())


def test_a_first_purchase_buys_a_subscription() -> None:
    world = make_world()

    order = world.deliver(world.order(basic=2, premium=1))

    assert world.seats_at_microsoft() == {"basic": 2, "premium": 1}
    assert order.state == OrderState.READY
    subscription = Subscription.objects.get(service=world.service, offer__edition__code="basic")
    assert subscription.supplier_subscription_id
    assert subscription.supplier_seats == 2


def test_while_microsoft_prepares_the_seats_the_order_says_so() -> None:
    world = make_world(delay_seconds=30)
    order_id = world.order(basic=2)

    meanwhile = world.deliver(order_id)
    order = world.deliver(order_id, for_minutes=10)

    assert meanwhile.state == OrderState.AT_MICROSOFT
    assert order.state == OrderState.READY
    assert states(order_id)[-4:] == ["paid", "ordering", "at_microsoft", "ready"]
    assert world.seats_at_microsoft() == {"basic": 2}


def test_a_change_of_edition_that_microsoft_does_not_upgrade_buys_moves_and_then_ends() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"}, upgrades=False)

    order = world.deliver(world.order(basic=0, premium=1))

    assert order.state == OrderState.READY
    assert world.licenses() == {"Ada": ["premium"]}
    assert world.seats_at_microsoft() == {"premium": 1}
    acts = Delivery.objects.filter(order=order).order_by("finished_at", "step").values_list("act", flat=True)
    assert list(acts) == [DeliveryAct.UPGRADE, DeliveryAct.BUY, DeliveryAct.MOVE_PEOPLE, DeliveryAct.END]
    assert len(world.writes("/assignLicense")) == 1, "the new one is given and the old one taken in one call"
    assert_books_hold(world.customer, now=world.now())


def test_seats_taken_back_the_same_day_are_bought_anew_when_the_subscription_has_ended() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"})
    world.deliver(world.order(basic=0, premium=1))

    order = world.deliver(world.order(basic=2, premium=1))

    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"basic": 2, "premium": 1}
    assert_books_hold(world.customer, now=world.now())


def test_the_old_edition_waits_until_the_new_seats_can_be_seen() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"}, delay_seconds=60, upgrades=False)
    order_id = world.order(basic=0, premium=1)

    order = world.deliver(order_id)

    assert order.state == OrderState.AT_MICROSOFT
    assert world.licenses() == {"Ada": ["basic"]}
    assert world.seats_at_microsoft()["basic"] == 1
    assert world.deliver(order_id, for_minutes=20).state == OrderState.READY
    assert world.licenses() == {"Ada": ["premium"]}


def test_somebody_whose_license_comes_from_a_group_keeps_it_and_staff_are_asked() -> None:
    world = make_world(seats={"basic": 2}, people={"Ada": "basic"}, groups={"Bob": "basic"})

    order = world.deliver(world.order(basic=0, premium=2))

    assert order.state == OrderState.NEEDS_ATTENTION
    assert world.licenses() == {"Ada": ["premium"], "Bob": ["basic"]}
    assert world.seats_at_microsoft() == {"basic": 2, "premium": 2}
    assert "still holds Microsoft 365 Business Basic" in order.attention


def test_another_sellers_seats_and_their_holders_are_left_alone() -> None:
    world = make_world(
        seats={"basic": 1}, people={"Ada": "basic", "Bob": "basic", "Cy": "basic"}, at_microsoft={"basic": 2}
    )

    order = world.deliver(world.order(basic=0, standard=1))

    assert order.state == OrderState.READY
    assert sorted(edition for held in world.licenses().values() for edition in held) == ["basic", "basic", "standard"]
    assert world.seats_at_microsoft() == {"basic": 2, "standard": 1}


def test_a_decrease_inside_microsofts_window_gives_the_seats_back() -> None:
    world = make_world(seats={"basic": 4})

    order = world.deliver(world.order(basic=1))

    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"basic": 1}
    assert list_kept_seats() == ()


def test_a_decrease_after_microsofts_window_is_planned_and_its_cost_is_shown_to_staff() -> None:
    world = make_world(seats={"basic": 4}, bought_days_ago=10)

    order = world.deliver(world.order(basic=1))

    subscription = world.simulator.subscriptions(str(world.tenant.tenant_id))[0]
    assert order.state == OrderState.READY
    assert subscription.quantity == 4
    assert subscription.next_term is not None
    assert subscription.next_term.quantity == 1
    (kept,) = list_kept_seats()
    assert (kept.held, kept.at_supplier, kept.too_many) == (1, 4, 3)
    assert kept.until is not None


def test_seats_kept_by_microsoft_are_used_again_before_any_are_bought() -> None:
    world = make_world(seats={"basic": 4}, bought_days_ago=10)
    world.deliver(world.order(basic=1))
    writes_before = len(world.writes("/subscriptions/"))

    order = world.deliver(world.order(basic=3))

    subscription = world.simulator.subscriptions(str(world.tenant.tenant_id))[0]
    assert order.state == OrderState.READY
    assert subscription.quantity == 4
    assert subscription.next_term is not None
    assert subscription.next_term.quantity == 3
    assert len(world.writes("/subscriptions/")) == writes_before + 1


def test_orders_of_a_service_are_delivered_one_after_the_other() -> None:
    world = make_world(seats={"basic": 1}, delay_seconds=60)
    first = world.order(basic=2, premium=1)
    world.deliver(first)
    second = world.order(basic=3)

    waiting = world.deliver(second)
    world.deliver(first, for_minutes=20)
    done = world.deliver(second, for_minutes=20)

    assert waiting.state == OrderState.PAID
    assert done.state == OrderState.READY
    assert world.seats_at_microsoft() == {"basic": 3, "premium": 1}


def test_with_supplier_writes_off_the_order_waits_and_says_so_and_goes_on_later() -> None:
    world = make_world(seats={"basic": 1})
    order_id = world.order(basic=4)

    deliver_order(outside_without_writes(world), order_id)
    waiting = Order.objects.get(pk=order_id)
    world.clock.move(timedelta(minutes=2))
    queued = deliver_due_orders(world.now())
    done = world.deliver(order_id)

    assert waiting.state == OrderState.PAID
    assert waiting.attention == "Microsoft ordering is switched off here; your seats wait."
    assert queued == 1
    assert done.state == OrderState.READY
    assert done.attention == ""
    assert world.seats_at_microsoft() == {"basic": 4}


def test_an_order_that_gets_no_answer_for_a_day_is_parked_and_can_be_retried() -> None:
    world = make_world(seats={"basic": 1})
    order_id = world.order(basic=4)
    world.line.lose_request(method="GET", path="/v1/customers/.*/subscriptions", times=100_000)

    parked = world.deliver(order_id, for_minutes=60 * 26)
    world.line._losses.clear()  # noqa: SLF001 - the line is mended
    (delivery,) = Delivery.objects.filter(order_id=order_id)
    retry_delivery(delivery.pk, actor="clerk@provider.example", now=world.now())
    done = world.deliver(order_id)

    assert parked.state == OrderState.NEEDS_ATTENTION
    assert delivery.state == DeliveryState.PARKED
    assert done.state == OrderState.READY
    assert world.seats_at_microsoft() == {"basic": 4}


def test_every_question_is_written_down_for_the_staff() -> None:
    world = make_world(seats={"basic": 1})

    order = world.deliver(world.order(basic=4))

    questions = DeliveryAttempt.objects.filter(delivery__order=order).order_by("pk")
    assert [each.question for each in questions] == [
        "read subscription",
        "set seats 4",
    ]
    assert {each.outcome for each in questions} == {"Answered"}


def test_a_plan_for_the_renewal_is_told_to_microsoft_and_the_order_is_scheduled() -> None:
    world = make_world(seats={"basic": 4}, policy=DecreasePolicy.RENEWAL)

    order = world.deliver(world.order(basic=1))

    subscription = world.simulator.subscriptions(str(world.tenant.tenant_id))[0]
    assert order.state == OrderState.SCHEDULED
    assert subscription.quantity == 4
    assert subscription.next_term is not None
    assert subscription.next_term.quantity == 1


def test_a_plan_that_is_withdrawn_is_withdrawn_at_microsoft() -> None:
    world = make_world(seats={"basic": 4}, policy=DecreasePolicy.RENEWAL)
    world.deliver(world.order(basic=1))

    world.deliver(world.order(basic=4))

    subscription = world.simulator.subscriptions(str(world.tenant.tenant_id))[0]
    assert subscription.quantity == 4
    assert subscription.next_term is None
    assert subscription.auto_renew
