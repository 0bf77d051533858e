"""Suspension: staff block a service's seats at Microsoft, with a reason, and open them again.

Nobody's money changes by it: Microsoft goes on charging, and so do we. Suspending drops the plan and the renewal there,
so opening makes both again. Orders of the service wait meanwhile, as Microsoft takes no change of suspended seats.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import Staff, require_staff
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import list_orders_of_service_with_work
from perseat.capabilities.provisioning.suspensions import (
    SuspensionFacts,
    get_suspension,
    get_suspension_by_id,
    lift,
    list_due_suspensions,
    note_answer,
    open_suspension,
)
from perseat.capabilities.subscriptions.models import Service, Subscription
from perseat.domain import events
from perseat.domain.delivery_plan import SuppliedSeats, SupplierMove, next_move, retry_delay
from perseat.domain.fulfillment import DeliveryState, SuspensionState
from perseat.domain.rights import may_administer
from perseat.journeys.reactions import react
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered, WritesAreOff
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import SupplierStatus, SupplierSubscription

_BUSY = "An order of this service is just being asked for; this follows it."


class AlreadySo(Exception):
    """The service's seats are blocked (or open) already, or on their way there."""


def suspend_service(service_id: int, *, user_id: int, reason: str, now: datetime) -> int:
    """Record that the seats are to be blocked; the worker asks Microsoft. Returns the suspension's id.

    :raises NotStaff, NotAllowed: for everybody but administrators.
    :raises AlreadySo: when they are blocked already, or not open again yet.
    """
    staff = require_staff(user_id, right=may_administer, act="suspend a service")
    with transaction.atomic():
        service = _locked(service_id)
        if get_suspension(service_id) is not None:
            raise AlreadySo
        suspension_id = open_suspension(service_id, reason=reason, asked_by=staff.email, now=now)
        _audit("suspended service", service, staff=staff, reason=reason, now=now)
        react(events.SuspensionAsked(suspension_id=suspension_id))
    return suspension_id


def resume_service(service_id: int, *, user_id: int, reason: str, now: datetime) -> None:
    """Record that the seats are to be open again; the worker asks Microsoft. Raises as `suspend_service`."""
    staff = require_staff(user_id, right=may_administer, act="resume a service")
    with transaction.atomic():
        service = _locked(service_id)
        suspension = get_suspension(service_id)
        if suspension is None or suspension.is_lifted:
            raise AlreadySo
        lift(suspension.suspension_id, reason=reason, lifted_by=staff.email, now=now)
        _audit("resumed service", service, staff=staff, reason=reason, now=now)
        react(events.SuspensionAsked(suspension_id=suspension.suspension_id))


def retry_suspension(service_id: int, *, user_id: int, now: datetime) -> None:
    """Ask again after Microsoft refused. Raises as `suspend_service`; AlreadySo when nothing is parked."""
    staff = require_staff(user_id, right=may_administer, act="suspend a service")
    with transaction.atomic():
        service = _locked(service_id)
        suspension = get_suspension(service_id)
        if suspension is None or suspension.state is not SuspensionState.PARKED:
            raise AlreadySo
        note_answer(suspension.suspension_id, state=SuspensionState.WAITING)
        _audit("retried suspension", service, staff=staff, reason="", now=now)
        react(events.SuspensionAsked(suspension_id=suspension.suspension_id))


def carry_out_suspension(outside: Outside, suspension_id: int) -> None:
    """Bring every subscription of the service to the wanted state. Reads first; may run any number of times."""
    suspension = get_suspension_by_id(suspension_id)
    if suspension.state is not SuspensionState.WAITING:
        return
    if _is_being_delivered(suspension.service_id):
        _wait(suspension, sentence=_BUSY, now=outside.clock.now())
        return
    try:
        for row in _subscriptions(suspension.service_id):
            _bring_about(outside, row, suspension)
    except (Unanswered, CredentialsRefused) as silence:
        _wait(suspension, sentence=silence.sentence, now=outside.clock.now())
    except WritesAreOff:
        _wait(suspension, sentence="Writing to Microsoft is switched off.", now=outside.clock.now())
    except Refused as refusal:
        note = f"{refusal.sentence} ({refusal.code})"
        with transaction.atomic():
            note_answer(suspension_id, state=SuspensionState.PARKED, sentence=note)
    else:
        _finish(suspension)


def carry_out_due_suspensions(outside: Outside, *, now: datetime) -> None:
    """The schedule's safety net."""
    for suspension_id in list_due_suspensions(now):
        carry_out_suspension(outside, suspension_id)


def _bring_about(outside: Outside, row: Subscription, suspension: SuspensionFacts) -> None:
    tenant_id, subscription_id = str(row.service.tenant.tenant_id), row.supplier_subscription_id
    supplied = outside.seats.get_subscription(tenant_id, subscription_id=subscription_id)
    if supplied.status not in (SupplierStatus.ACTIVE, SupplierStatus.SUSPENDED):
        return
    wanted = SupplierStatus.ACTIVE if suspension.is_lifted else SupplierStatus.SUSPENDED
    if supplied.status is not wanted:
        supplied = outside.seats.set_suspended(
            tenant_id,
            subscription_id=subscription_id,
            suspended=not suspension.is_lifted,
            request_id=uuid.uuid5(suspension.request_id, f"{subscription_id} {wanted.value}"),
        )
    if suspension.is_lifted:
        _plan_again(outside, row, supplied, suspension)


def _plan_again(
    outside: Outside, row: Subscription, supplied: SupplierSubscription, suspension: SuspensionFacts
) -> None:
    """The renewal and its plan as they were accepted here; Microsoft has dropped both."""
    planned = row.held_seats if row.planned_seats is None else row.planned_seats
    move = next_move(
        SuppliedSeats(
            seats=supplied.seats,
            renewal_seats=supplied.renewal_seats if supplied.renews_itself else 0,
            returnable=0,
        ),
        seats=supplied.seats,
        renewal_seats=planned,
    )
    if move.move is SupplierMove.PLAN_RENEWAL:
        outside.seats.set_renewal_seats(
            str(row.service.tenant.tenant_id),
            subscription_id=row.supplier_subscription_id,
            seats=None if planned == supplied.seats else planned,
            request_id=uuid.uuid5(suspension.request_id, f"{row.supplier_subscription_id} plan {planned}"),
        )


def _subscriptions(service_id: int) -> list[Subscription]:
    rows = Subscription.objects.filter(service_id=service_id).exclude(supplier_subscription_id="")
    return list(rows.select_related("service__tenant").order_by("pk"))


def _is_being_delivered(service_id: int) -> bool:
    asking = Delivery.objects.filter(subscription__service_id=service_id, state=DeliveryState.ASKING)
    return asking.exists()


def _wait(suspension: SuspensionFacts, *, sentence: str, now: datetime) -> None:
    at = now + retry_delay(suspension.attempts + 1, spread_percent=suspension.suspension_id % 101)
    with transaction.atomic():
        note_answer(suspension.suspension_id, state=SuspensionState.WAITING, sentence=sentence, next_attempt_at=at)
        react(events.SuspensionAsked(suspension_id=suspension.suspension_id, at=at))


def _finish(suspension: SuspensionFacts) -> None:
    with transaction.atomic():
        _locked(suspension.service_id)
        if get_suspension_by_id(suspension.suspension_id).is_lifted != suspension.is_lifted:
            return  # lifted while it was asked for; the job of the other side follows
        note_answer(suspension.suspension_id, state=SuspensionState.DONE)
        if suspension.is_lifted:
            for order_id in list_orders_of_service_with_work(suspension.service_id, after_order_id=0)[:1]:
                react(events.DeliveryAdvanced(order_id=order_id))


def _locked(service_id: int) -> Service:
    return Service.objects.select_for_update(no_key=True, of=("self",)).select_related("customer").get(pk=service_id)


def _audit(verb: str, service: Service, *, staff: Staff, reason: str, now: datetime) -> None:
    record_audit(
        verb,
        actor=staff.email,
        object_label=str(service)[:100],
        at=now,
        customer_number=service.customer.number,
        details={"reason": reason} if reason else None,
    )
