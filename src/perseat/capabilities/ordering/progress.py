"""Progress of orders: every change of an order's state, with its moment and what was said."""

from __future__ import annotations

from datetime import datetime

from perseat.capabilities.ordering.models import Order, OrderEvent
from perseat.domain.fulfillment import OrderState, may_order_become


class OrderMayNotMove(Exception):
    """An order may not go from `old` to `new`."""

    def __init__(self, *, order_id: int, old: OrderState, new: OrderState) -> None:
        super().__init__(f"Order {order_id} may not go from {old} to {new}.")
        self.order_id = order_id
        self.old = old
        self.new = new


def move_order(order_id: int, *, to: OrderState, at: datetime, note: str = "", attention: str = "") -> bool:
    """Move an order in the caller's transaction; False, and nothing written, when it is there already.

    `note` goes into the order's history, `attention` stands on its pages until the next move.

    :raises OrderMayNotMove: when the states do not follow each other.
    """
    order = Order.objects.select_for_update().only("id", "state").get(pk=order_id)
    old = OrderState(order.state)
    if old is to:
        return False
    if not may_order_become(old, new=to):
        raise OrderMayNotMove(order_id=order_id, old=old, new=to)
    Order.objects.filter(pk=order_id).update(state=to, attention=attention[:500])
    OrderEvent.objects.create(order_id=order_id, state=to, at=at, note=(note or attention)[:500])
    return True


def say_on_order(order_id: int, *, attention: str, at: datetime) -> bool:
    """Let an order say a sentence without moving; an empty one withdraws it. False when it says so already."""
    order = Order.objects.select_for_update().only("id", "state", "attention").get(pk=order_id)
    sentence = attention[:500]
    if order.attention == sentence:
        return False
    Order.objects.filter(pk=order_id).update(attention=sentence)
    if sentence:
        OrderEvent.objects.create(order_id=order_id, state=order.state, at=at, note=sentence)
    return True
