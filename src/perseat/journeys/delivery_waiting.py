"""Delivery that has to wait: while staff have suspended the seats, and while writing to Microsoft is switched off."""

from __future__ import annotations

from datetime import datetime, timedelta

from perseat.capabilities.ordering.models import Order
from perseat.capabilities.ordering.progress import say_on_order
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import MOVING_STATES
from perseat.capabilities.provisioning.suspensions import get_suspension
from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.journeys.delivery_outcomes import SUSPENDED, SWITCHED_OFF

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
    waiting.filter(state=DeliveryState.ASKING).update(state=DeliveryState.WAITING)
    waiting.update(next_attempt_at=now + ASK_AGAIN_WHEN_OFF)
    return True


def wait_for_the_switch(order: Order, *, now: datetime) -> None:
    """Nothing is asked and nothing is lost; the order says so, and the schedule looks again."""
    if order.state != OrderState.NEEDS_ATTENTION:
        say_on_order(order.pk, attention=SWITCHED_OFF, at=now)
    waiting = Delivery.objects.filter(order_id=order.pk, state__in=MOVING_STATES)
    waiting.filter(state=DeliveryState.ASKING).update(state=DeliveryState.WAITING)
    waiting.update(next_attempt_at=now + ASK_AGAIN_WHEN_OFF)
