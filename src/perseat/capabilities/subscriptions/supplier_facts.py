"""What the supplier says of a subscription, kept beside our own facts; it never changes what a customer holds."""

from __future__ import annotations

from datetime import date, datetime

from perseat.capabilities.subscriptions.models import Subscription


def record_supplier_reading(subscription_id: int, *, seats: int, term_ends_on: date | None, read_at: datetime) -> None:
    """Keep the last reading. `term_ends_on`: the last day of the supplier's term (included)."""
    Subscription.objects.filter(pk=subscription_id).update(
        supplier_seats=seats, supplier_term_ends_on=term_ends_on, supplier_read_at=read_at
    )


def forget_ended_subscription(subscription_id: int, *, supplier_subscription_id: str) -> None:
    """Ours is no longer delivered by this one, which has ended at the supplier; a purchase names the next."""
    Subscription.objects.filter(pk=subscription_id, supplier_subscription_id=supplier_subscription_id).update(
        supplier_subscription_id="", supplier_seats=None, supplier_term_ends_on=None, supplier_read_at=None
    )
