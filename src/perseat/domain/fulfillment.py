"""Fulfillment: the states of orders, payments and deliveries, and which may follow which."""

from __future__ import annotations

from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands; the labels that the customer reads are on the order page."""

    AWAITING_PAYMENT = "awaiting_payment"
    PAID = "paid"
    ORDERING = "ordering"
    AT_MICROSOFT = "at_microsoft"
    READY = "ready"
    SCHEDULED = "scheduled"
    NEEDS_ATTENTION = "needs_attention"
    CANCELLED = "cancelled"


ORDER_MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.AWAITING_PAYMENT: frozenset({OrderState.PAID, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.ORDERING, OrderState.SCHEDULED, OrderState.NEEDS_ATTENTION}),
    OrderState.ORDERING: frozenset({OrderState.AT_MICROSOFT, OrderState.READY, OrderState.NEEDS_ATTENTION}),
    OrderState.AT_MICROSOFT: frozenset({OrderState.READY, OrderState.NEEDS_ATTENTION}),
    OrderState.NEEDS_ATTENTION: frozenset(
        {
            OrderState.ORDERING,
            OrderState.AT_MICROSOFT,
            OrderState.READY,
            OrderState.SCHEDULED,
            OrderState.CANCELLED,
        }
    ),
    OrderState.READY: frozenset(),
    OrderState.SCHEDULED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}

ORDER_LABELS: dict[OrderState, str] = {
    OrderState.AWAITING_PAYMENT: "Awaiting payment",
    OrderState.PAID: "Paid",
    OrderState.ORDERING: "Ordering",
    OrderState.AT_MICROSOFT: "At Microsoft",
    OrderState.READY: "Ready to assign",
    OrderState.SCHEDULED: "Scheduled",
    OrderState.NEEDS_ATTENTION: "Needs attention",
    OrderState.CANCELLED: "Cancelled",
}


class DeliveryAct(StrEnum):
    """What a delivery does at the supplier; each says an absolute end state."""

    UPGRADE = "upgrade"  # the supplier's own upgrade of seats of another edition, as far as it offers one
    BUY = "buy"  # a new subscription of `seats`
    SET_SEATS = "set_seats"  # an existing subscription to `seats`
    MOVE_PEOPLE = "move_people"  # give people the new edition and take the old one, in one call each
    PLAN_RENEWAL = "plan_renewal"  # `seats` from the supplier's next term on
    END = "end"  # no seats at all


class DeliveryState(StrEnum):
    """Where one delivery stands."""

    WAITING = "waiting"  # not asked yet, or to be asked again at `next_attempt_at`
    ASKING = "asking"  # asked; the answer is not known yet
    AT_SUPPLIER = "at_supplier"  # accepted there, not visible in the tenant yet
    DONE = "done"
    REFUSED = "refused"  # finally refused and reversed
    PARKED = "parked"  # waits for a person of the staff
    CANCELLED = "cancelled"


class SuspensionState(StrEnum):
    """Where blocking a service's seats at the supplier, or opening them again, stands."""

    WAITING = "waiting"  # to be asked, or to be asked again
    DONE = "done"
    PARKED = "parked"  # waits for a person of the staff


class PaymentState(StrEnum):
    """Where a payment stands."""

    STARTED = "started"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    REVERSED = "reversed"


class RepaymentState(StrEnum):
    """Where money that goes back to a customer stands."""

    WAITING = "waiting"  # a gateway was asked, or is going to be; its answer is not known
    SENT = "sent"
    REFUSED = "refused"  # finally refused by the gateway: it is the customer's balance again


def may_order_become(old: OrderState, *, new: OrderState) -> bool:
    """Whether an order may move from one state to another."""
    return new in ORDER_MOVES[old]
