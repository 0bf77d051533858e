"""Writes of services: what is held, planned and returned, with its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import F

from perseat.capabilities.subscriptions.models import (
    BatchOrigin,
    SeatBatch,
    SeatMovement,
    Service,
    ServiceState,
    Subscription,
)
from perseat.domain.calendar import get_zone
from perseat.domain.quote import DecreasePolicy

# Microsoft takes seats back for 168 hours; the supplier's own deadline replaces this one when it is read.
WINDOW = timedelta(hours=168)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTotals:
    """What a service holds of one offer from `day` on. `planned_seats`: from the term's end, None without a plan.

    `upgraded`: seats that came from another edition; `restored`: seats given back earlier on the same day and now kept;
    `departed`: seats that went to another edition (the rest of a decrease was given back).
    """

    offer_id: int
    seats: int
    planned_seats: int | None
    unit_price: Decimal
    upgraded: int = 0
    restored: int = 0
    departed: int = 0


def open_service(
    *,
    customer_id: int,
    tenant_row_id: int,
    name: str,
    term: str,
    cycle: str,
    policy: str,
    anchor: date,
    anchor_day: int,
    billing_starts_on: date,
) -> int:
    """Open a service without seats for a tenant; returns its id. Its first checkout buys the first seats."""
    service = Service.objects.create(
        customer_id=customer_id,
        tenant_id=tenant_row_id,
        name=name,
        term=term,
        cycle=cycle,
        policy=policy,
        anchor=anchor,
        anchor_day=anchor_day,
        billing_starts_on=billing_starts_on,
    )
    return service.pk


def adopt_subscription(
    service_id: int,
    *,
    offer_id: int,
    seats: int,
    unit_price: Decimal,
    term_started_on: date,
    supplier_subscription_id: str,
    supplier_term_ends_on: date | None,
    now: datetime,
    actor: str,
) -> int:
    """Take over seats that the tenant holds at the supplier already; they are charged from the service's first day.

    Returns the subscription's id. The seats have no deadline of their own, unless `record_deadlines` gives them one.
    """
    service = Service.objects.select_for_update(no_key=True).get(pk=service_id)
    subscription = Subscription.objects.create(
        service=service,
        offer_id=offer_id,
        held_seats=seats,
        unit_price=unit_price,
        term_started_on=term_started_on,
        started_on=service.billing_starts_on,
        supplier_subscription_id=supplier_subscription_id,
        supplier_seats=seats,
        supplier_term_ends_on=supplier_term_ends_on,
        supplier_read_at=now,
    )
    SeatBatch.objects.create(
        subscription=subscription, origin=BatchOrigin.ADOPTED, added_on=service.billing_starts_on, seats=seats
    )
    record_movement(subscription, day=service.billing_starts_on, cause=f"adopted by {actor}", now=now)
    touch_service(service.pk, state=ServiceState.ACTIVE)
    return subscription.pk


def set_totals(service: Service, *, totals: NewTotals, day: date, cause: str, now: datetime) -> Subscription | None:
    """Hold the new totals from `day` on: subscription, seat batches and history. None when nothing was or is held.

    Seats that come back on the day on which the last ones went revive their subscription, its term and its price.
    """
    subscription = _current(service, offer_id=totals.offer_id, day=day)
    if subscription is None:
        if not totals.seats:
            return None
        subscription = _begin(service, totals, day=day)
        _add_batches(subscription, totals, added=totals.seats, day=day, now=now)
    else:
        difference = totals.seats - subscription.held_seats
        subscription.held_seats = totals.seats
        subscription.planned_seats = totals.planned_seats if totals.seats else None
        subscription.ended_on = None if totals.seats else day
        subscription.save(update_fields=["held_seats", "planned_seats", "ended_on"])
        if difference > 0:
            _add_batches(subscription, totals, added=difference, day=day, now=now)
        else:
            return_from_batches(subscription, seats=-difference, departed=totals.departed, now=now)
    record_movement(subscription, day=day, cause=cause, now=now)
    return subscription


def renew_term(
    subscription: Subscription, *, seats: int, unit_price: Decimal, day: date, policy: str, now: datetime
) -> None:
    """A new term begins: its plan takes effect and its price is locked; all seats are one batch from now on."""
    for batch in subscription.batches.filter(returned_seats__lt=F("seats")):
        batch.returned_seats = batch.seats
        batch.save(update_fields=["returned_seats"])
    subscription.held_seats = seats
    subscription.planned_seats = None
    subscription.ended_on = None if seats else day
    if seats:
        subscription.unit_price = unit_price
        subscription.term_started_on = day
        until = _deadline(subscription, policy=policy, day=day)
        SeatBatch.objects.create(
            subscription=subscription,
            origin=BatchOrigin.RENEWAL,
            added_on=day,
            seats=seats,
            returnable_until=until,
        )
    subscription.save(update_fields=["held_seats", "planned_seats", "ended_on", "unit_price", "term_started_on"])
    record_movement(subscription, day=day, cause="renewal", now=now)


def touch_service(service_id: int, *, state: ServiceState | None = None, billed_through: date | None = None) -> None:
    """What a quote of the service rests on has changed: quotes made before it must not be accepted."""
    changes: dict[str, object] = {"version": F("version") + 1}
    if state is not None:
        changes["state"] = state
    if billed_through is not None:
        changes["billed_through"] = billed_through
    Service.objects.filter(pk=service_id).update(**changes)


def _current(service: Service, *, offer_id: int, day: date) -> Subscription | None:
    found = service.subscriptions.filter(offer_id=offer_id)
    running = found.filter(ended_on=None).first()
    return running or found.filter(ended_on=day).order_by("-pk").first()


def _begin(service: Service, totals: NewTotals, *, day: date) -> Subscription:
    return Subscription.objects.create(
        service=service,
        offer_id=totals.offer_id,
        held_seats=totals.seats,
        unit_price=totals.unit_price,
        term_started_on=day,
        planned_seats=totals.planned_seats,
        started_on=day,
    )


def _add_batches(subscription: Subscription, totals: NewTotals, *, added: int, day: date, now: datetime) -> None:
    left = added - _take_back(subscription, seats=min(added, totals.restored))
    upgraded = min(left, totals.upgraded)
    if upgraded:
        SeatBatch.objects.create(
            subscription=subscription, origin=BatchOrigin.UPGRADED, added_on=day, seats=upgraded, returnable_until=None
        )
    if left > upgraded:
        first = subscription.started_on == day and not subscription.movements.exists()
        window = subscription.service.policy == DecreasePolicy.WINDOW
        SeatBatch.objects.create(
            subscription=subscription,
            origin=BatchOrigin.PURCHASE if first else BatchOrigin.ADDED,
            added_on=day,
            seats=left - upgraded,
            returnable_until=now + WINDOW if window else None,
        )


def _take_back(subscription: Subscription, *, seats: int) -> int:
    """Seats given back on this day are kept after all, with the deadlines they had; returns how many."""
    taken = 0
    for batch in subscription.batches.filter(returned_seats__gt=0).order_by("-added_on", "-pk"):
        part = min(seats - taken, batch.returned_seats)
        if part:
            batch.returned_seats -= part
            batch.save(update_fields=["returned_seats"])
            taken += part
    return taken


def return_from_batches(subscription: Subscription, *, seats: int, departed: int, now: datetime) -> None:
    """Seats that change edition leave the newest batches; those given back leave the returnable ones first.

    `now`: which can be given back.
    """
    newest_first = list(subscription.batches.order_by("-added_on", "-pk"))
    _return_from(newest_first, seats=departed)
    returnable = [batch for batch in newest_first if batch.returnable_until and batch.returnable_until > now]
    others = [batch for batch in newest_first if batch not in returnable]
    _return_from([*returnable, *others], seats=seats - departed)


def _return_from(batches: list[SeatBatch], *, seats: int) -> None:
    for batch in batches:
        part = min(seats, batch.seats - batch.returned_seats)
        if part:
            batch.returned_seats += part
            batch.save(update_fields=["returned_seats"])
            seats -= part


def _deadline(subscription: Subscription, *, policy: str, day: date) -> datetime | None:
    if policy != DecreasePolicy.WINDOW:
        return None
    zone = get_zone(subscription.service.customer.time_zone)
    return datetime(day.year, day.month, day.day, tzinfo=zone) + WINDOW


def record_movement(subscription: Subscription, *, day: date, cause: str, now: datetime) -> None:
    """Write down what is held and planned from `day` on; `now` is when it was decided."""
    SeatMovement.objects.create(
        subscription=subscription,
        effective_on=day,
        seats=subscription.held_seats,
        planned_seats=subscription.planned_seats,
        cause=cause[:100],
        recorded_at=now,
    )
