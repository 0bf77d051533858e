"""What the supplier says of a subscription, kept beside our own facts; it never changes what a customer holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.db.models import F, Q

from perseat.capabilities.subscriptions.models import BatchOrigin, SeatBatch, ServiceState, Subscription
from perseat.domain.deadlines import SeatsUntil, assign_deadlines
from perseat.domain.quote import DecreasePolicy

_LOOK_AGAIN_AFTER = timedelta(hours=1)


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


def hand_over(*, source_id: int, target_id: int, supplier_subscription_id: str) -> None:
    """From now on `target_id` is delivered by this one at the supplier; if `source_id` was, it no longer is."""
    forget_ended_subscription(source_id, supplier_subscription_id=supplier_subscription_id)
    Subscription.objects.filter(pk=target_id).exclude(supplier_subscription_id=supplier_subscription_id).update(
        supplier_subscription_id=supplier_subscription_id,
        supplier_seats=None,
        supplier_term_ends_on=None,
        supplier_read_at=None,
    )


def record_deadlines(
    subscription_id: int, *, returnable: Sequence[SeatsUntil], term_ends_on: date | None, read_at: datetime
) -> bool:
    """Lay the supplier's deadlines over our batches, the newest first; False where they say nothing about them.

    Only for services whose policy is `window`, and not while the supplier's term is just ending: its renewal opens new
    windows within a day. Seats that came from another edition keep having none. The caller sees to it that the supplier
    holds our total.
    """
    subscription = (
        Subscription.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(pk=subscription_id, ended_on=None)
        .first()
    )
    if subscription is None or subscription.service.policy != DecreasePolicy.WINDOW:
        return False
    if term_ends_on is not None and term_ends_on <= read_at.astimezone(UTC).date():
        return False
    batches = list(subscription.batches.filter(returned_seats__lt=F("seats")).order_by("-added_on", "-pk"))
    seats = [batch.seats - batch.returned_seats for batch in batches]
    for batch, parts in zip(batches, assign_deadlines(seats, returnable=returnable), strict=True):
        _write_deadlines(batch, parts, read_at=read_at)
    return True


def list_subscriptions_to_read(now: datetime, *, limit: int = 200) -> tuple[int, ...]:
    """Whose deadlines the supplier has not told yet, and whose term there has ended since it was read last.

    Nothing that was read within the hour.
    """
    running = Subscription.objects.filter(
        ended_on=None, service__policy=DecreasePolicy.WINDOW, service__state=ServiceState.ACTIVE
    ).exclude(supplier_subscription_id="")
    not_told = SeatBatch.objects.filter(
        deadline_read_at=None, returnable_until__gt=now, returned_seats__lt=F("seats")
    ).values("subscription")
    renewed = Q(supplier_term_ends_on__lt=now.astimezone(UTC).date())
    long_ago = Q(supplier_read_at=None) | Q(supplier_read_at__lt=now - _LOOK_AGAIN_AFTER)
    rows = running.filter(Q(pk__in=not_told) | renewed).filter(long_ago)
    return tuple(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def _write_deadlines(batch: SeatBatch, parts: Sequence[SeatsUntil], *, read_at: datetime) -> None:
    """A batch of which only a part can be given back becomes two; the newer one has the later deadline."""
    if batch.origin == BatchOrigin.UPGRADED:
        return
    first, *others = parts
    batch.seats = batch.returned_seats + first.seats
    batch.returnable_until = first.until
    batch.deadline_read_at = read_at
    batch.save(update_fields=["seats", "returnable_until", "deadline_read_at"])
    for part in others:
        SeatBatch.objects.create(
            subscription_id=batch.subscription_id,
            origin=batch.origin,
            added_on=batch.added_on,
            seats=part.seats,
            returnable_until=part.until,
            deadline_read_at=read_at,
        )
