"""Seats that somebody else changed at Microsoft: noticed, shown, and decided by the staff; never overwritten."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from tests import makers
from tests.journeys.books import assert_books_hold
from tests.journeys.outside import World, make_world

from perseat.capabilities.accounts.queries import NotStaff
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.provisioning.drifts import DriftRow, count_undecided, list_drifts
from perseat.capabilities.provisioning.models import Delivery, SupplierNotice
from perseat.domain.drift import DriftKind, DriftState
from perseat.domain.fulfillment import OrderState
from perseat.journeys.drift import LOOK_EVERY, look_at_due_tenants, look_at_tenant, take_supplier_notice
from perseat.journeys.drift_decisions import DecisionNotPossible, adopt_drift, undo_drift, wait_with_drift
from perseat.journeys.drift_undo import deliver_due_undos, deliver_undo
from perseat.ports.supplier_notices import NoticeRefused
from perseat.simulator.messages import Request

pytestmark = pytest.mark.django_db


def elsewhere(world: World, **change: Any) -> None:
    """Another seller, or the customer at Microsoft's own pages, changes the Basic subscription."""
    tenant_id = str(world.tenant.tenant_id)
    subscription = next(each for each in world.simulator.subscriptions(tenant_id) if each.status != "deleted")
    body = {"tenant_id": tenant_id, "subscription_id": subscription.id, **change}
    control(world, "/control/subscriptions", body)


def control(world: World, path: str, body: dict[str, Any]) -> None:
    request = Request(
        method="POST",
        path=path,
        query={},
        headers={},
        body=json.dumps(body).encode(),
        base_url="http://microsoft.example",
    )
    answer = world.simulator.answer(request, remote_address="127.0.0.1")
    assert answer.status == 200, answer.body


def look(world: World) -> int:
    world.clock.move(timedelta(seconds=1))
    return look_at_tenant(world.outside, str(world.tenant.tenant_id))


def only(world: World) -> DriftRow:
    (row,) = list_drifts()
    assert row.customer_id == world.customer.pk
    return row


def undo(world: World) -> None:
    delivery_id = undo_drift(only(world).drift_id, reason="Not ours.", staff_id=makers.clerk_id(), now=world.now())
    deliver_undo(world.outside, delivery_id)
    look(world)


def a_world(**seats: int) -> World:
    world = make_world(seats=seats or {"basic": 4})
    makers.renew(world.customer, now=world.now())
    world.clock.move(timedelta(minutes=5))
    return world


def test_what_is_as_promised_is_no_difference() -> None:
    world = a_world()
    world.deliver(world.order(basic=6))
    world.deliver(world.order(basic=5))

    assert look(world) == 0
    assert list_drifts() == ()


def test_seats_added_elsewhere_are_found_by_looking_and_nothing_is_billed() -> None:
    world = a_world()
    documents = Document.objects.count()
    elsewhere(world, quantity=7)

    assert look_at_due_tenants(world.outside, now=world.now()) == 1

    row = only(world)
    assert (row.kind, row.description) == (DriftKind.MORE_SEATS, "Microsoft holds 7, sold are 4.")
    assert (row.noticed_at, row.may_be_adopted, row.may_be_undone) == (None, True, True)
    assert (Document.objects.count(), world.seats_at_microsoft()) == (documents, {"basic": 7})
    assert_books_hold(world.customer, now=world.now())


def test_everybody_is_looked_at_once_in_a_few_hours() -> None:
    world = a_world()

    assert look_at_due_tenants(world.outside, now=world.now()) == 1
    assert look_at_due_tenants(world.outside, now=world.now()) == 0
    world.clock.move(LOOK_EVERY + timedelta(minutes=1))
    world.wire.is_silent = True
    assert look_at_due_tenants(world.outside, now=world.now()) == 0
    world.wire.is_silent = False
    assert look_at_due_tenants(world.outside, now=world.now()) == 0  # its turn comes again, after the others'


def test_what_is_put_right_elsewhere_ends_by_itself() -> None:
    world = a_world()
    elsewhere(world, quantity=7)
    look(world)
    elsewhere(world, quantity=4)
    look(world)

    assert list_drifts() == ()
    (row,) = list_drifts(is_ended=True)
    assert row.ended_how == "gone"


def test_undone_the_seats_go_back_and_the_staff_are_named() -> None:
    world = a_world()
    elsewhere(world, quantity=7)
    look(world)

    undo(world)

    assert world.seats_at_microsoft() == {"basic": 4}
    (row,) = list_drifts(is_ended=True)
    assert (row.ended_how, row.reason, row.decided_by) == ("undone", "Not ours.", "counter@provider.example")


def test_undone_too_late_the_seats_go_with_the_renewal() -> None:
    world = a_world()
    elsewhere(world, quantity=7)
    world.clock.move(timedelta(days=8))
    look(world)

    undo(world)

    assert world.seats_at_microsoft() == {"basic": 7}
    (row,) = list_drifts(is_ended=True)
    assert row.ended_how == "undone"
    assert Delivery.objects.get().error_sentence.startswith("The supplier keeps 3 seats until")


def test_seats_taken_away_elsewhere_are_bought_back() -> None:
    world = a_world()
    world.deliver(world.order(basic=6))
    world.clock.move(timedelta(minutes=5))
    elsewhere(world, quantity=5)
    look(world)
    assert only(world).description == "Microsoft holds 5, sold are 6."

    undo(world)

    assert world.seats_at_microsoft() == {"basic": 6}


def test_a_renewal_switched_off_elsewhere_is_switched_on_again() -> None:
    world = a_world()
    elsewhere(world, auto_renew=False)
    look(world)
    assert only(world).description == "It would not renew at Microsoft; promised are 4 from the renewal on."

    undo(world)

    assert list_drifts() == ()
    (subscription,) = world.simulator.subscriptions(str(world.tenant.tenant_id))
    assert subscription.auto_renew


def test_adopted_seats_are_an_order_with_its_own_invoice() -> None:
    world = a_world()
    elsewhere(world, quantity=7)
    look(world)

    order_id = adopt_drift(only(world).drift_id, reason="They asked.", staff_id=makers.clerk_id(), now=world.now())

    order = Order.objects.get(pk=order_id)
    document = order.documents.get()
    assert order.state == OrderState.AWAITING_PAYMENT
    assert [(line.seats, line.amount_minor) for line in document.lines.all()] == [(3, 2700)]
    makers.pay(document.number, amount_minor=document.total_minor, now=world.now())
    order = world.deliver(order_id)
    assert (order.state, world.seats_at_microsoft()) == (OrderState.READY, {"basic": 7})
    assert not world.writes("/subscriptions/")
    world.clock.move(timedelta(minutes=1))
    look(world)
    assert list_drifts(is_ended=True)[0].ended_how == "adopted"
    assert_books_hold(world.customer, now=world.now())


def test_fewer_seats_can_be_adopted_and_are_credited_by_the_policy() -> None:
    world = a_world()
    world.deliver(world.order(basic=6))
    world.clock.move(timedelta(minutes=5))
    elsewhere(world, quantity=5)
    look(world)

    order_id = adopt_drift(only(world).drift_id, reason="They said so.", staff_id=makers.clerk_id(), now=world.now())
    order = world.deliver(order_id)

    assert order.state == OrderState.READY
    assert order.documents.get().total_minor == -990
    assert_books_hold(world.customer, now=world.now())


def test_left_alone_it_is_quiet_until_the_day_or_until_something_else_is_found() -> None:
    world = a_world()
    elsewhere(world, quantity=7)
    look(world)
    until, today = date(2026, 11, 30), world.now().date()
    wait_with_drift(
        only(world).drift_id, until=until, reason="A trial.", staff_id=makers.clerk_id(), today=today, now=world.now()
    )
    look(world)
    assert (only(world).state, count_undecided()) == (DriftState.WAITING, 0)

    elsewhere(world, quantity=8)
    look(world)
    assert count_undecided() == 1


def test_a_decision_is_made_once_and_by_staff_only() -> None:
    world = a_world()
    elsewhere(world, quantity=7)
    look(world)
    drift_id = only(world).drift_id
    with pytest.raises(NotStaff):
        undo_drift(drift_id, reason="Me.", staff_id=world.owner.pk, now=world.now())
    adopt_drift(drift_id, reason="They asked.", staff_id=makers.clerk_id(), now=world.now())

    with pytest.raises(DecisionNotPossible, match="decided"):
        undo_drift(drift_id, reason="No.", staff_id=makers.clerk_id(), now=world.now())
    assert Order.objects.count() == 1


def test_an_order_never_takes_seats_away_that_somebody_added_unseen() -> None:
    world = a_world()
    elsewhere(world, quantity=9)

    order = world.deliver(world.order(basic=5))

    assert world.seats_at_microsoft() == {"basic": 9}
    assert order.state != OrderState.READY
    assert only(world).description == "Microsoft holds 9, sold are 5."
    order = world.deliver(order.pk, for_minutes=5)
    assert order.attention == "These seats were changed elsewhere, too. We look into it, and go on then."

    undo(world)
    order = world.deliver(order.pk, for_minutes=5)

    assert (order.state, world.seats_at_microsoft()) == (OrderState.READY, {"basic": 5})
    look(world)
    assert list_drifts() == ()


def test_a_subscription_bought_elsewhere_is_shown_and_ends_with_it() -> None:
    world = a_world()
    control(
        world,
        "/control/purchases",
        {"tenant_id": str(world.tenant.tenant_id), "sku": str(makers.SKU_IDS["premium"]), "quantity": 2},
    )

    look(world)

    row = only(world)
    assert (row.kind, row.description) == (
        DriftKind.NOT_OURS,
        "2 were bought elsewhere; nobody is billed for them here.",
    )
    assert not row.may_be_undone
    assert world.order(basic=5)


def test_a_suspended_subscription_is_opened_elsewhere() -> None:
    world = a_world()
    elsewhere(world, status="suspended")
    look(world)

    assert only(world).kind is DriftKind.SUSPENDED
    with pytest.raises(DecisionNotPossible):
        undo_drift(only(world).drift_id, reason="No.", staff_id=makers.clerk_id(), now=world.now())


def test_an_undoing_without_an_answer_is_tried_again() -> None:
    world = a_world()
    elsewhere(world, quantity=7)
    look(world)
    delivery_id = undo_drift(only(world).drift_id, reason="No.", staff_id=makers.clerk_id(), now=world.now())
    world.wire.is_silent = True
    deliver_undo(world.outside, delivery_id)
    world.wire.is_silent = False
    assert world.seats_at_microsoft() == {"basic": 7}

    world.clock.move(timedelta(minutes=1))
    assert deliver_due_undos(world.now()) == 1
    deliver_undo(world.outside, delivery_id)

    assert world.seats_at_microsoft() == {"basic": 4}


# --- notices


def ask_for_notices(world: World) -> None:
    world.outside.notices.register("http://perseat.example/webhooks/partner-center/")
    world.simulator.take_notices(base_url="http://microsoft.example")


def test_microsoft_gives_notice_and_its_tenant_is_looked_at() -> None:
    world = a_world()
    ask_for_notices(world)
    elsewhere(world, quantity=7)

    (notice,) = world.simulator.take_notices(base_url="https://microsoft.example")
    assert take_supplier_notice(world.outside, body=notice.body, headers=notice.headers)
    assert not take_supplier_notice(world.outside, body=notice.body, headers=notice.headers)  # sent twice

    look(world)
    assert only(world).noticed_at == world.now() - timedelta(seconds=1)
    assert SupplierNotice.objects.get().event == "subscription-updated"


@pytest.mark.parametrize("fault", ["body", "signature", "certificate", "header"])
def test_a_forged_notice_is_refused(fault: str) -> None:
    world = a_world()
    ask_for_notices(world)
    elsewhere(world, quantity=7)
    (notice,) = world.simulator.take_notices(base_url="https://microsoft.example")
    body, headers = notice.body, dict(notice.headers)
    match fault:
        case "body":
            body = body.replace(b"subscription-updated", b"subscription-deleted")
        case "signature":
            headers["Authorization"] = "Signature AAAA"
        case "certificate":
            headers["X-MS-Certificate-Url"] = "https://microsoft.example.evil.example/certificates/notices.cer"
        case "header":
            del headers["Authorization"]

    with pytest.raises(NoticeRefused):
        take_supplier_notice(world.outside, body=body, headers=headers)

    assert SupplierNotice.objects.count() == 0


@pytest.mark.parametrize(
    "address",
    [
        "http://microsoft.example/certificates/notices.cer",
        "https://user@microsoft.example/certificates/notices.cer",
        "https://microsoft.example:8443/certificates/notices.cer",
        "file:///etc/passwd",
        "https://169.254.169.254/latest",
        "https://[",
        "",
    ],
)
def test_certificates_are_fetched_from_the_listed_places_only(address: str) -> None:
    world = a_world()
    ask_for_notices(world)
    elsewhere(world, quantity=7)
    (notice,) = world.simulator.take_notices(base_url="https://microsoft.example")
    asked = len(world.simulator.calls)

    with pytest.raises(NoticeRefused):
        take_supplier_notice(
            world.outside, body=notice.body, headers={**notice.headers, "X-MS-Certificate-Url": address}
        )

    assert len(world.simulator.calls) == asked


def test_notices_in_the_wrong_order_do_no_harm() -> None:
    world = a_world()
    ask_for_notices(world)
    elsewhere(world, quantity=7)
    elsewhere(world, quantity=4)

    for notice in reversed(world.simulator.take_notices(base_url="https://microsoft.example")):
        take_supplier_notice(world.outside, body=notice.body, headers=notice.headers)
        look(world)

    assert list_drifts() == ()
