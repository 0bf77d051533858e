"""Seats on their way back: held and paid until the supplier has taken them, gone from the accepted day then."""

from __future__ import annotations

from datetime import date, datetime

from perseat.capabilities.subscriptions.actions import record_movement, return_from_batches
from perseat.capabilities.subscriptions.models import Subscription


def return_seats(
    subscription: Subscription,
    *,
    seats: int,
    planned_seats: int | None,
    day: date,
    accepted_at: datetime,
    cause: str,
    now: datetime,
) -> None:
    """The supplier took `seats` back: they are not held from `day` on, the day on which the customer accepted.

    They leave the batches that could be given back at `accepted_at`, whatever has become of the deadlines since.
    `planned_seats`: from the term's end, None without a plan. The caller holds the service's lock.
    """
    subscription.held_seats -= seats
    subscription.planned_seats = planned_seats if subscription.held_seats else None
    subscription.ended_on = None if subscription.held_seats else day
    subscription.save(update_fields=["held_seats", "planned_seats", "ended_on"])
    return_from_batches(subscription, seats=seats, departed=0, now=accepted_at)
    record_movement(subscription, day=day, cause=cause, now=now)
