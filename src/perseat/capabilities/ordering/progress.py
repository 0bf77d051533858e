"""Progress of orders while they are delivered: moved by id under the row's lock, and what they say meanwhile."""

from __future__ import annotations

from datetime import datetime

from perseat.capabilities.ordering.actions import move_order
from perseat.capabilities.ordering.models import Order, OrderEvent
from perseat.domain.fulfillment import OrderState


def advance_order(order_id: int, *, to: OrderState, at: datetime, note: str = "", attention: str = "") -> bool:
    """Move an order in the caller's transaction; False, and nothing written, when it is there already.

    :raises OrderCannotMove: when the states do not follow each other.
    """
    order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
    if order.state == to:
        return False
    move_order(order, new=to, at=at, note=note or attention, attention=attention)
    return True


def say_on_order(order_id: int, *, attention: str, at: datetime) -> bool:
    """Let an order say a sentence without moving; an empty one withdraws it. False when it says so already."""
    order = Order.objects.select_for_update(no_key=True).only("id", "state", "attention").get(pk=order_id)
    sentence = attention[:500]
    if order.attention == sentence:
        return False
    Order.objects.filter(pk=order_id).update(attention=sentence)
    if sentence:
        OrderEvent.objects.create(order_id=order_id, state=order.state, at=at, note=sentence)
    return True
