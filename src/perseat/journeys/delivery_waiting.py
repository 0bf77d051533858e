"""Delivery that has to wait: for suspended seats, for a decision of the staff, for the switch that allows writing."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from perseat.capabilities.ordering.models import Order
from perseat.capabilities.ordering.progress import say_on_order
from perseat.capabilities.provisioning.drifts import would_overwrite
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import LOWERING_ACTS, MOVING_STATES
from perseat.capabilities.provisioning.suspensions import get_suspension
from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.journeys.delivery_outcomes import CHANGED_ELSEWHERE, SUSPENDED, SWITCHED_OFF

ASK_AGAIN_WHEN_OFF = timedelta(minutes=1)


def waits_for_suspended_seats(order: Order, *, now: datetime) -> bool:
    """Microsoft takes no change of seats that staff have suspended; opening them again wakes the order."""
    waiting = Delivery.objects.filter(order_id=order.pk, state__in=MOVING_STATES)
    if not waiting.exists() or get_suspension(order.service_id) is None:
        if order.attention == SUSPENDED:
            say_on_order(order.pk, attention="", at=now)
        return False
    if order.attention != SUSPENDED and order.state != OrderState.NEEDS_ATTENTION:
        say_on_order(order.pk, attention=SUSPENDED, at=now)
    _put_off(waiting, now=now)
    return True


def waits_for_a_decision(order: Order, *, now: datetime) -> bool:
    """While the supplier is driven back to a promise, and while seats that somebody added there would be taken away.

    The schedule tries again; a decision that is made changes what was promised, or the seats there.
    """
    waiting = Delivery.objects.filter(order_id=order.pk, state__in=MOVING_STATES)
    alone = Delivery.objects.filter(order=None, subscription__service_id=order.service_id, state__in=MOVING_STATES)
    overwrites = any(
        would_overwrite(row.subscription_id, seats=row.seats) is not None
        for row in waiting.filter(state=DeliveryState.WAITING, act__in=LOWERING_ACTS)
    )
    if not overwrites and not alone.exists():
        if order.attention == CHANGED_ELSEWHERE:
            say_on_order(order.pk, attention="", at=now)
        return False
    if overwrites and order.attention != CHANGED_ELSEWHERE and order.state != OrderState.NEEDS_ATTENTION:
        say_on_order(order.pk, attention=CHANGED_ELSEWHERE, at=now)
    _put_off(waiting, now=now)
    return True


def wait_for_the_switch(order: Order, *, now: datetime) -> None:
    """Nothing is asked and nothing is lost; the order says so, and the schedule looks again."""
    if order.state != OrderState.NEEDS_ATTENTION:
        say_on_order(order.pk, attention=SWITCHED_OFF, at=now)
    waiting = Delivery.objects.filter(order_id=order.pk, state__in=MOVING_STATES)
    _put_off(waiting, now=now)


def _put_off(waiting: QuerySet[Delivery], *, now: datetime) -> None:
    waiting.filter(state=DeliveryState.ASKING).update(state=DeliveryState.WAITING)
    waiting.update(next_attempt_at=now + ASK_AGAIN_WHEN_OFF)
