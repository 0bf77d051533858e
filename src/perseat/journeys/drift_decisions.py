"""Decisions about drift: staff adopt what was found, have it undone, or let it be for a while; each with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import Staff, require_staff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.payments.actions import BANK_TRANSFER
from perseat.capabilities.provisioning.actions import open_delivery_alone
from perseat.capabilities.provisioning.drifts import (
    DriftRow,
    get_drift,
    is_being_asked,
    lock_undecided,
    record_decision,
)
from perseat.capabilities.provisioning.models import Drift
from perseat.domain import events
from perseat.domain.drift import DriftKind, DriftState
from perseat.domain.fulfillment import DeliveryAct
from perseat.journeys.checkout import accept_quote_as_staff
from perseat.journeys.figures import QuoteFigures
from perseat.journeys.payment_methods import ON_ACCOUNT, list_payment_methods
from perseat.journeys.reactions import react
from perseat.journeys.seat_change import make_quote_as_staff, preview_change

_ACT = "decide what happens to seats at Microsoft"


class DecisionNotPossible(Exception):
    """Somebody has decided, it is gone, or the decision does not fit it; the sentence says which."""


def undo_drift(drift_id: int, *, reason: str, staff_id: int, now: datetime) -> int:
    """Drive the supplier back to what was promised; returns the delivery's id.

    :raises DriftUnknown: (provisioning.drifts) when there is none.
    :raises DecisionNotPossible, NotStaff, NotAllowed: see the sentence.
    """
    staff = require_staff(staff_id, act=_ACT)
    with transaction.atomic():
        row, facts = _lock(drift_id)
        if not facts.may_be_undone or row.subscription_id is None:
            raise DecisionNotPossible("This cannot be undone from here; please do it at Partner Center.")
        if is_being_asked(row.subscription_id):
            raise DecisionNotPossible("Something is still being ordered for these seats; decide when it is over.")
        is_plan = facts.kind is DriftKind.RENEWAL
        delivery_id = open_delivery_alone(
            row.subscription_id,
            act=DeliveryAct.PLAN_RENEWAL if is_plan else DeliveryAct.SET_SEATS,
            seats=facts.promised.renewal_seats if is_plan else facts.promised.seats,
            seats_before=row.found_seats,
            now=now,
        )
        record_decision(
            row, state=DriftState.UNDOING, actor=staff.email, reason=reason, now=now, delivery_id=delivery_id
        )
        _audit("undid difference", facts, staff, reason=reason, now=now)
        react(events.UndoingDecided(delivery_id=delivery_id))
    return delivery_id


def adopt_drift(drift_id: int, *, reason: str, staff_id: int, now: datetime) -> int:
    """Make what was found the promise, by an order in the customer's name with its own document; returns its id.

    The order is paid as the customer pays others, and counts from then on. Raises as the checkout does, besides.

    :raises DriftUnknown: (provisioning.drifts) when there is none.
    :raises DecisionNotPossible, NotStaff, NotAllowed: see the sentence.
    """
    staff = require_staff(staff_id, act=_ACT)
    with transaction.atomic():
        row, facts = _lock(drift_id)
        if not facts.may_be_adopted or facts.service_id is None:
            raise DecisionNotPossible("This cannot be adopted by an order.")
        figures = preview_adoption(facts, now=now)
        quote_id = make_quote_as_staff(
            customer_id=facts.customer_id,
            service_id=facts.service_id,
            wanted=_wanted(facts),
            staff_id=staff_id,
            now=now,
        )
        customer = Customer.objects.get(pk=facts.customer_id)
        order_id = accept_quote_as_staff(
            customer_id=facts.customer_id,
            staff_id=staff_id,
            quote_id=quote_id,
            payment_method=_payment_method(customer) if figures.to_pay_minor else "",
            now=now,
        )
        record_decision(row, state=DriftState(row.state), actor=staff.email, reason=reason, now=now, order_id=order_id)
        _audit("adopted difference", facts, staff, reason=reason, now=now)
    return order_id


def wait_with_drift(drift_id: int, *, until: date, reason: str, staff_id: int, today: date, now: datetime) -> None:
    """Leave it alone until a day, on which it is open again; sooner when something else is found.

    :raises DecisionNotPossible: also when the day is not after today.
    """
    staff = require_staff(staff_id, act=_ACT)
    if until <= today:
        raise DecisionNotPossible("Choose a day after today.")
    with transaction.atomic():
        row, facts = _lock(drift_id)
        record_decision(row, state=DriftState.WAITING, actor=staff.email, reason=reason, now=now, quiet_until=until)
        _audit("left difference alone", facts, staff, reason=reason, now=now)


def preview_adoption(facts: DriftRow, *, now: datetime) -> QuoteFigures:
    """The figures of the order that would adopt it. Raises as `preview_change`."""
    if facts.service_id is None:
        raise DecisionNotPossible("This cannot be adopted by an order.")
    preview = preview_change(customer_id=facts.customer_id, service_id=facts.service_id, wanted=_wanted(facts), now=now)
    return preview.figures


def _wanted(facts: DriftRow) -> Mapping[str, int]:
    return {facts.edition: 0 if facts.kind is DriftKind.ENDED else facts.found.seats}


def _payment_method(customer: Customer) -> str:
    """On account where that is agreed, else by bank: nobody's card is charged in their name."""
    offered = {each.code for each in list_payment_methods(customer)}
    return ON_ACCOUNT if ON_ACCOUNT in offered else BANK_TRANSFER


def _lock(drift_id: int) -> tuple[Drift, DriftRow]:
    """The drift under its customer's lock. :raises DecisionNotPossible: when it is no longer to be decided."""
    Customer.objects.select_for_update(no_key=True).get(pk=get_drift(drift_id).customer_id)
    row = lock_undecided(drift_id)
    if row is None:
        raise DecisionNotPossible("It has been decided, or is gone, in the meantime.")
    return row, get_drift(drift_id)


def _audit(verb: str, facts: DriftRow, staff: Staff, *, reason: str, now: datetime) -> None:
    record_audit(
        verb,
        actor=staff.email,
        object_label=f"{facts.title} of {facts.domain}",
        at=now,
        customer_number=facts.customer_number,
        details={"reason": reason, "found": facts.description},
    )
