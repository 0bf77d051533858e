"""Writes of orders: an order moves only where the table of moves allows, and says when."""

from __future__ import annotations

from datetime import datetime

from perseat.capabilities.ordering.models import Order, OrderEvent
from perseat.domain.fulfillment import OrderState, may_order_become


class OrderCannotMove(Exception):
    """The order may not go from its state to the one wanted."""

    def __init__(self, *, order_id: int, old: OrderState, new: OrderState) -> None:
        super().__init__(f"Order {order_id} cannot go from {old} to {new}.")
        self.order_id = order_id
        self.old = old
        self.new = new


def move_order(order: Order, *, new: OrderState, at: datetime, note: str = "", attention: str = "") -> None:
    """Move an order and remember when. `note` is said to the customer; `attention` stands while it needs some.

    :raises OrderCannotMove: when the table of moves has no such move.
    """
    old = OrderState(order.state)
    if not may_order_become(old, new=new):
        raise OrderCannotMove(order_id=order.pk, old=old, new=new)
    order.state = new
    order.attention = attention[:500]
    order.save(update_fields=["state", "attention"])
    OrderEvent.objects.create(order=order, state=new, at=at, note=note[:500])
