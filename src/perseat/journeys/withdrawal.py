"""Withdrawal: an order that is not paid is taken back by the customer, or lapses; its document is credited."""

from __future__ import annotations

from datetime import datetime


class OrderCannotBeWithdrawn(Exception):
    """Only an order that awaits payment can be withdrawn."""

    def __init__(self, *, order_id: int) -> None:
        super().__init__("This order can no longer be withdrawn.")
        self.order_id = order_id


def withdraw_order(*, customer_id: int, user_id: int, order_id: int, now: datetime) -> None:
    """Cancel an order that awaits payment; what was paid of it becomes balance. Repeating changes nothing.

    :raises DoesNotBelong, OrderCannotBeWithdrawn:
    """
    raise NotImplementedError


def lapse_orders(now: datetime) -> int:
    """Cancel every order whose last day to be paid is over; returns how many."""
    raise NotImplementedError
