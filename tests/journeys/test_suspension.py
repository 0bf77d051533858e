"""Staff block a service's seats at Microsoft and open them again; what was planned and ordered outlives it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import makers
from tests.journeys.outside import World, make_world, outside_without_writes

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.provisioning.suspensions import get_suspension
from perseat.domain.fulfillment import OrderState, SuspensionState
from perseat.domain.quote import DecreasePolicy
from perseat.domain.rights import StaffRole
from perseat.journeys.suspension import (
    AlreadySo,
    carry_out_due_suspensions,
    carry_out_suspension,
    resume_service,
    retry_suspension,
    suspend_service,
)
from perseat.simulator.faults import Fault, FaultKind
from perseat.simulator.store import Subscription

pytestmark = pytest.mark.django_db


def administrator() -> int:
    return makers.make_user(email="admin@provider.example", staff_role=StaffRole.ADMINISTRATOR).pk


def suspended(world: World) -> tuple[int, int]:
    """The suspension's id and who asked for it."""
    user_id = administrator()
    suspension_id = suspend_service(world.service.pk, user_id=user_id, reason="Unpaid for 60 days", now=world.now())
    carry_out_suspension(world.outside, suspension_id)
    return suspension_id, user_id


def at_microsoft(world: World) -> list[Subscription]:
    return world.simulator.subscriptions(str(world.tenant.tenant_id))


def test_suspending_blocks_every_subscription_and_the_reason_is_kept() -> None:
    world = make_world(seats={"basic": 2, "premium": 1})

    suspended(world)

    assert [each.status for each in at_microsoft(world)] == ["suspended", "suspended"]
    found = get_suspension(world.service.pk)
    assert found is not None
    assert (found.state, found.reason, found.asked_by) == (
        SuspensionState.DONE,
        "Unpaid for 60 days",
        "admin@provider.example",
    )
    entry = AuditEntry.objects.get(verb="suspended service")
    assert entry.details == {"reason": "Unpaid for 60 days"}


def test_resuming_renews_again_and_makes_the_plan_anew() -> None:
    world = make_world(seats={"basic": 4, "premium": 1}, policy=DecreasePolicy.RENEWAL)
    world.deliver(world.order(basic=2, premium=1))
    suspension_id, user_id = suspended(world)
    assert [(each.auto_renew, each.next_term) for each in at_microsoft(world)] == [(False, None), (False, None)]

    resume_service(world.service.pk, user_id=user_id, reason="Paid", now=world.now())
    carry_out_suspension(world.outside, suspension_id)

    basic, premium = at_microsoft(world)
    assert [basic.status, premium.status] == ["active", "active"]
    assert basic.auto_renew
    assert basic.next_term is not None
    assert basic.next_term.quantity == 2
    assert premium.auto_renew
    assert premium.next_term is None
    assert get_suspension(world.service.pk) is None


def test_an_edition_that_was_to_end_still_ends() -> None:
    world = make_world(seats={"basic": 4, "premium": 1}, policy=DecreasePolicy.RENEWAL)
    world.deliver(world.order(basic=0, premium=1))
    suspension_id, user_id = suspended(world)

    resume_service(world.service.pk, user_id=user_id, reason="Paid", now=world.now())
    carry_out_suspension(world.outside, suspension_id)

    basic, premium = at_microsoft(world)
    assert (basic.status, basic.auto_renew) == ("active", False)
    assert premium.auto_renew


def test_an_order_waits_while_the_seats_are_suspended_and_goes_on_afterwards() -> None:
    world = make_world(seats={"basic": 2})
    suspension_id, user_id = suspended(world)
    order_id = world.order(basic=5)

    waiting = world.deliver(order_id)
    resume_service(world.service.pk, user_id=user_id, reason="Paid", now=world.now())
    carry_out_suspension(world.outside, suspension_id)
    order = world.deliver(order_id, for_minutes=5)

    assert "suspended at the moment" in waiting.attention
    assert waiting.state == OrderState.PAID
    assert order.state == OrderState.READY
    assert order.attention == ""
    assert world.seats_at_microsoft() == {"basic": 5}


def test_a_lost_answer_is_read_back_and_nothing_is_asked_twice() -> None:
    world = make_world(seats={"basic": 2})
    suspension_id = suspend_service(world.service.pk, user_id=administrator(), reason="Abuse", now=world.now())
    world.line.lose_answer(method="PATCH")

    carry_out_suspension(world.outside, suspension_id)
    meanwhile = get_suspension(world.service.pk)
    world.clock.move(timedelta(minutes=1))
    carry_out_due_suspensions(world.outside, now=world.now())

    found = get_suspension(world.service.pk)
    assert meanwhile is not None
    assert meanwhile.state is SuspensionState.WAITING
    assert found is not None
    assert found.state is SuspensionState.DONE
    assert len(world.writes("/subscriptions/")) == 1


def test_with_supplier_writes_off_it_waits() -> None:
    world = make_world(seats={"basic": 2})
    suspension_id = suspend_service(world.service.pk, user_id=administrator(), reason="Abuse", now=world.now())

    carry_out_suspension(outside_without_writes(world), suspension_id)

    found = get_suspension(world.service.pk)
    assert found is not None
    assert found.state is SuspensionState.WAITING
    assert [each.status for each in at_microsoft(world)] == ["active"]


def test_what_microsoft_refuses_waits_for_staff_who_may_try_again() -> None:
    world = make_world(seats={"basic": 2})
    user_id = administrator()
    world.simulator.faults.arm(
        Fault(
            kind=FaultKind.REFUSED,
            method="PATCH",
            answer={"status": 403, "body": {"code": 800040, "description": "No.", "source": "PartnerFD"}},
        )
    )
    suspension_id = suspend_service(world.service.pk, user_id=user_id, reason="Abuse", now=world.now())

    carry_out_suspension(world.outside, suspension_id)
    parked = get_suspension(world.service.pk)
    retry_suspension(world.service.pk, user_id=user_id, now=world.now())
    carry_out_suspension(world.outside, suspension_id)

    assert parked is not None
    assert parked.state is SuspensionState.PARKED
    assert "(800040)" in parked.sentence
    assert [each.status for each in at_microsoft(world)] == ["suspended"]


def test_only_administrators_may_and_only_once() -> None:
    world = make_world(seats={"basic": 2})
    with pytest.raises(NotAllowed):
        suspend_service(world.service.pk, user_id=makers.clerk_id(), reason="Abuse", now=world.now())
    _suspension_id, user_id = suspended(world)

    with pytest.raises(AlreadySo):
        suspend_service(world.service.pk, user_id=user_id, reason="Abuse", now=world.now())
    resume_service(world.service.pk, user_id=user_id, reason="A mistake", now=world.now())
    with pytest.raises(AlreadySo):
        resume_service(world.service.pk, user_id=user_id, reason="A mistake", now=world.now())
