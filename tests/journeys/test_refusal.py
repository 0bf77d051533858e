"""What Microsoft finally refuses goes back to the customer, line by line; what worked stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.journeys.books import assert_books_hold
from tests.journeys.outside import World, make_world

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.provisioning.models import Delivery, DeliveryAttempt
from perseat.capabilities.subscriptions.models import ServiceState, Subscription
from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.journeys.delivery import NotWaitingForStaff, deliver_order, give_delivery_up, park_delivery, retry_delivery
from perseat.journeys.telling import tell_order_needs_attention
from perseat.simulator.faults import Fault, FaultKind

pytestmark = pytest.mark.django_db


def refuse_purchases(world: World, *, code: int = 800070) -> None:
    """Microsoft does not sell this where the customer is, or refuses for another reason."""
    world.simulator.faults.arm(
        Fault(
            kind=FaultKind.REFUSED,
            method="POST",
            path_pattern="/carts$",
            times=100,
            answer={"status": 403, "body": {"code": code, "description": "As they say.", "source": "PartnerFD"}},
        )
    )


def held(world: World) -> dict[str, int]:
    rows = Subscription.objects.filter(service=world.service, ended_on=None).select_related("offer__edition")
    return {row.offer.edition.code: row.held_seats for row in rows}


def documents(order: Order) -> list[Document]:
    return list(Document.objects.filter(order=order).order_by("pk"))


def test_a_refused_purchase_is_credited_whole_and_the_order_is_over() -> None:
    world = make_world(seats={"basic": 1})
    order_id = world.order(basic=1, premium=2)
    refuse_purchases(world)

    order = world.deliver(order_id)

    invoice, credit_note = documents(order)
    assert order.state == OrderState.CANCELLED
    assert credit_note.total_minor == -invoice.total_minor
    assert credit_note.corrects == invoice
    assert held(world) == {"basic": 1}
    assert world.seats_at_microsoft() == {"basic": 1}
    assert "Microsoft refused 2 seats of Microsoft 365 Business Premium" in order.attention
    assert credit_note.number in order.attention
    assert_books_hold(world.customer, now=world.now())


@pytest.mark.parametrize(
    ("code", "words"),
    [(800023, "Our credit line at Microsoft is used up"), (987654, "Microsoft answered: As they say.")],
)
def test_what_staff_can_mend_or_nobody_knows_waits_for_staff_and_costs_the_customer_nothing(
    code: int, words: str
) -> None:
    world = make_world(seats={"basic": 1})
    order_id = world.order(basic=1, premium=2)
    refuse_purchases(world, code=code)

    waiting = world.deliver(order_id, for_minutes=60)

    parked = Delivery.objects.get(order=waiting, state=DeliveryState.PARKED)
    assert waiting.state == OrderState.NEEDS_ATTENTION
    assert words in waiting.attention
    assert parked.error_code == str(code)
    assert len(documents(waiting)) == 1, "nothing is credited while somebody can still mend it"
    asked = DeliveryAttempt.objects.filter(delivery=parked, question="fill basket")
    assert asked.count() == 1, "and nothing is asked again blindly"

    world.simulator.faults.disarm_all()
    retry_delivery(parked.pk, actor="clerk@provider.example", now=world.now())
    order = world.deliver(order_id)

    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"basic": 1, "premium": 2}
    assert_books_hold(world.customer, now=world.now())


def test_a_service_whose_first_purchase_was_refused_has_not_begun_and_can_begin_later() -> None:
    world = make_world()
    refuse_purchases(world)
    order = world.deliver(world.order(basic=2))

    world.service.refresh_from_db()
    assert (order.state, world.service.state) == (OrderState.CANCELLED, ServiceState.PENDING)

    world.simulator.faults.disarm_all()
    world.clock.move(timedelta(days=2))
    again = world.deliver(world.order(basic=2))

    world.service.refresh_from_db()
    assert (again.state, world.service.state) == (OrderState.READY, ServiceState.ACTIVE)
    assert_books_hold(world.customer, now=world.now())


def test_a_refused_change_of_edition_leaves_people_with_what_they_had() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"}, upgrades=False)
    order_id = world.order(basic=0, premium=1)
    refuse_purchases(world)

    order = world.deliver(order_id)

    invoice, credit_note = documents(order)
    assert order.state == OrderState.CANCELLED
    assert invoice.total_minor + credit_note.total_minor == 0, "the credit for Basic is taken back with it"
    assert held(world) == {"basic": 1}
    assert world.seats_at_microsoft() == {"basic": 1}
    assert world.licenses() == {"Ada": ["basic"]}
    assert set(Delivery.objects.filter(order=order).values_list("state", flat=True)) == {"refused", "cancelled"}
    assert_books_hold(world.customer, now=world.now())


def test_lines_that_worked_stand() -> None:
    world = make_world(seats={"basic": 1})
    order_id = world.order(basic=3, premium=1)
    refuse_purchases(world)

    order = world.deliver(order_id)

    invoice, credit_note = documents(order)
    assert order.state == OrderState.READY
    assert held(world) == {"basic": 3}
    assert world.seats_at_microsoft() == {"basic": 3}
    (refused_line,) = credit_note.lines.all()
    assert refused_line.credits_line == invoice.lines.get(edition__code="premium")
    assert "refused 1 seat of Microsoft 365 Business Premium" in order.attention
    assert_books_hold(world.customer, now=world.now())


def test_after_a_refusal_the_same_seats_can_be_ordered_again() -> None:
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"}, upgrades=False)
    first = world.order(basic=0, premium=1)
    refuse_purchases(world)
    world.deliver(first)
    world.simulator.faults.disarm_all()

    order = world.deliver(world.order(basic=0, premium=1))

    assert order.state == OrderState.READY
    assert held(world) == {"premium": 1}
    assert world.seats_at_microsoft() == {"premium": 1}
    assert world.licenses() == {"Ada": ["premium"]}
    assert_books_hold(world.customer, now=world.now())


def test_a_refused_order_is_told_to_who_ordered() -> None:
    world = make_world(seats={"basic": 1})
    order_id = world.order(premium=2)
    refuse_purchases(world)
    world.deliver(order_id)

    tell_order_needs_attention(world.outside, order_id=order_id)

    (letter,) = world.letters.sent
    assert letter.to == world.owner.email
    assert "could not be delivered" in letter.subject
    assert "balance" in letter.text
    assert f"/orders/{order_id}/" in letter.text


def test_what_was_refused_stays_said_while_the_rest_is_delivered() -> None:
    world = make_world(seats={"basic": 1}, delay_seconds=60)
    order_id = world.order(basic=3, premium=1)
    world.simulator.faults.arm(
        Fault(
            kind=FaultKind.REFUSED,
            method="PATCH",
            path_pattern="/subscriptions/",
            answer={"status": 403, "body": {"code": 800088, "description": "Too many.", "source": "PartnerFD"}},
        )
    )

    meanwhile = world.deliver(order_id)
    order = world.deliver(order_id, for_minutes=20)

    assert meanwhile.state == OrderState.AT_MICROSOFT
    assert order.state == OrderState.READY
    assert "refused 2 seats of Microsoft 365 Business Basic" in meanwhile.attention
    assert order.attention == meanwhile.attention
    assert held(world) == {"basic": 1, "premium": 1}
    assert_books_hold(world.customer, now=world.now())


def test_staff_can_give_a_parked_increase_up_and_its_money_goes_back() -> None:
    world = make_world(seats={"basic": 1})
    order_id = world.order(basic=3)
    (delivery,) = Delivery.objects.filter(order_id=order_id)
    world.line.lose_request(path="/v1/", times=50)
    deliver_order(world.outside, order_id)
    park_delivery(delivery.pk, reason="The customer called.", actor="clerk@provider.example", now=world.now())

    give_delivery_up(delivery.pk, reason="Not wanted any more.", actor="clerk@provider.example", now=world.now())
    with pytest.raises(NotWaitingForStaff):
        give_delivery_up(delivery.pk, reason="Again.", actor="clerk@provider.example", now=world.now())

    order = Order.objects.get(pk=order_id)
    invoice, credit_note = documents(order)
    assert order.state == OrderState.CANCELLED
    assert invoice.total_minor + credit_note.total_minor == 0
    assert held(world) == {"basic": 1}
    assert_books_hold(world.customer, now=world.now())
