"""Drifts: what was seen at the supplier otherwise than promised, written down, read for the staff, and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from perseat.capabilities.customers.models import Tenant
from perseat.capabilities.provisioning.models import Delivery, Drift, SupplierNotice, TenantLook
from perseat.capabilities.provisioning.queries import OPEN_STATES
from perseat.domain.drift import (
    DriftEnd,
    DriftKind,
    DriftState,
    FoundSeats,
    PromisedSeats,
    describe_drift,
)
from perseat.domain.fulfillment import DeliveryState

PAGE_SIZE = 50
_UNDECIDED = (DriftState.OPEN, DriftState.WAITING)


class DriftUnknown(LookupError):
    """There is no such drift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The supplier's subscription that a drift is of; `subscription_id`: ours, None when it was bought elsewhere."""

    tenant_row_id: int
    supplier_subscription_id: str
    subscription_id: int | None
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRow:
    """A drift as the staff see it. `cause`: how it was noticed, in words; `may_be_undone`, `may_be_adopted`: now."""

    drift_id: int
    customer_id: int
    customer_number: str
    customer_name: str
    tenant_row_id: int
    domain: str
    service_id: int | None
    edition: str
    title: str
    supplier_subscription_id: str
    kind: DriftKind
    state: DriftState
    description: str
    promised: PromisedSeats
    found: FoundSeats
    noticed_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    quiet_until: date | None
    decided_by: str
    decided_at: datetime | None
    reason: str
    sentence: str
    order_id: int | None
    delivery_id: int | None
    ended_at: datetime | None
    ended_how: str
    may_be_undone: bool
    may_be_adopted: bool
    may_wait: bool


def record_notice(
    *,
    digest: str,
    event: str,
    tenant_id: str,
    supplier_subscription_id: str,
    changed_at: datetime | None,
    now: datetime,
) -> bool:
    """Write a notice down, in the caller's transaction; False when it was here before."""
    _row, is_new = SupplierNotice.objects.get_or_create(
        digest=digest,
        defaults={
            "event": event[:80],
            "tenant_id": tenant_id,
            "supplier_subscription_id": supplier_subscription_id,
            "changed_at": changed_at,
            "received_at": now,
        },
    )
    return is_new


def keep_drift(
    subject: Subject, kind: DriftKind | None, *, promised: PromisedSeats, found: FoundSeats, now: datetime
) -> bool:
    """Write down what a look has shown: open, update or end the subject's drift. True when a new one was opened.

    Call it under the customer's lock. A decision stands until what was seen changes.
    """
    row = _open().filter(supplier_subscription_id=subject.supplier_subscription_id).first()
    if kind is None:
        if row is not None:
            _end(row, now=now)
        return False
    seen = {
        "kind": kind,
        "promised_seats": promised.seats,
        "promised_renewal_seats": promised.renewal_seats,
        "found_seats": 0 if found.is_ended else found.seats,
        "found_renewal_seats": found.renewal_seats,
    }
    if row is None:
        Drift.objects.create(
            tenant_id=subject.tenant_row_id,
            subscription_id=subject.subscription_id,
            supplier_subscription_id=subject.supplier_subscription_id,
            title=subject.title[:200],
            noticed_at=_noticed_at(subject.supplier_subscription_id),
            first_seen_at=now,
            last_seen_at=now,
            **seen,
        )
        return True
    if any(getattr(row, name) != value for name, value in seen.items()) and row.state == DriftState.WAITING:
        row.state = DriftState.OPEN
    for name, value in seen.items():
        setattr(row, name, value)
    row.last_seen_at = now
    row.save(update_fields=[*seen, "state", "last_seen_at"])
    return False


def _end(row: Drift, *, now: datetime) -> None:
    if row.state == DriftState.UNDOING:
        row.ended_how = DriftEnd.UNDONE
    else:
        row.ended_how = DriftEnd.ADOPTED if row.order_id else DriftEnd.GONE
    row.state, row.ended_at, row.last_seen_at = DriftState.ENDED, now, now
    row.save(update_fields=["state", "ended_at", "ended_how", "last_seen_at"])


def _noticed_at(supplier_subscription_id: str) -> datetime | None:
    notices = SupplierNotice.objects.filter(supplier_subscription_id=supplier_subscription_id)
    return notices.order_by("-received_at").values_list("received_at", flat=True).first()


def lock_undecided(drift_id: int) -> Drift | None:
    """The drift, locked, while staff may still decide on it; None when somebody has, or it is gone.

    :raises DriftUnknown:.
    """
    row = Drift.objects.select_for_update(no_key=True).filter(pk=drift_id).first()
    if row is None:
        raise DriftUnknown(drift_id)
    return row if row.state in _UNDECIDED and row.order_id is None else None


def record_decision(
    row: Drift,
    *,
    state: DriftState,
    actor: str,
    reason: str,
    now: datetime,
    quiet_until: date | None = None,
    order_id: int | None = None,
    delivery_id: int | None = None,
) -> None:
    """Write down what staff decided."""
    row.state, row.decided_by, row.decided_at, row.reason = state, actor, now, reason
    row.quiet_until, row.order_id, row.delivery_id, row.sentence = quiet_until, order_id, delivery_id, ""
    row.save(
        update_fields=[
            "state", "decided_by", "decided_at", "reason", "quiet_until", "order", "delivery", "sentence",
        ]
    )  # fmt: skip


def reopen_drift(delivery_id: int, *, sentence: str) -> None:
    """What should undo it cannot; staff decide again."""
    rows = Drift.objects.filter(delivery_id=delivery_id, state=DriftState.UNDOING)
    rows.update(state=DriftState.OPEN, sentence=sentence[:500], delivery=None)


def wake_drifts(today: date) -> int:
    """Those that were left alone until today, or an earlier day, are open again. Returns how many."""
    return Drift.objects.filter(state=DriftState.WAITING, quiet_until__lte=today).update(state=DriftState.OPEN)


def would_overwrite(subscription_id: int, *, seats: int) -> int | None:
    """The undecided drift whose additional seats a delivery of so many would take away; None when there is none."""
    rows = _open().filter(subscription_id=subscription_id, kind=DriftKind.MORE_SEATS, state__in=_UNDECIDED)
    return rows.filter(found_seats__gt=seats, order=None).values_list("pk", flat=True).first()


def list_drifts(*, search: str = "", is_ended: bool = False, page: int = 1) -> tuple[DriftRow, ...]:
    """Open ones first, or the ended ones, the newest first; 50 a page. `search`: as for customers."""
    rows = _rows().filter(ended_at__isnull=not is_ended)
    if search:
        rows = rows.filter(
            Q(tenant__customer__number__iexact=search)
            | Q(tenant__customer__legal_name__istartswith=search)
            | Q(tenant__domain__istartswith=search)
        )
    undecided_first = Case(When(state=DriftState.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    start = (max(page, 1) - 1) * PAGE_SIZE
    return tuple(_row(each) for each in rows.order_by(undecided_first, "-pk")[start : start + PAGE_SIZE])


def list_undecided_drifts(*, limit: int) -> tuple[DriftRow, ...]:
    """Those that wait for a decision now, the longest waiting first."""
    return tuple(_row(each) for each in _rows().filter(state=DriftState.OPEN, order=None).order_by("pk")[:limit])


def list_open_drifts_of_customer(customer_id: int) -> tuple[DriftRow, ...]:
    """What differs at a customer's tenants now."""
    return tuple(
        _row(each) for each in _rows().filter(tenant__customer=customer_id, ended_at=None).order_by("-pk")[:20]
    )


def list_open_subjects_not_ours(tenant_row_id: int) -> tuple[Subject, ...]:
    """Open drifts of a tenant that are of no subscription of ours."""
    rows = _open().filter(tenant=tenant_row_id, kind=DriftKind.NOT_OURS)
    return tuple(
        Subject(
            tenant_row_id=tenant_row_id,
            supplier_subscription_id=each.supplier_subscription_id,
            subscription_id=None,
            title=each.title,
        )
        for each in rows
    )


def get_drift(drift_id: int) -> DriftRow:
    """One drift. :raises DriftUnknown:."""
    row = _rows().filter(pk=drift_id).first()
    if row is None:
        raise DriftUnknown(drift_id)
    return _row(row)


def count_undecided() -> int:
    """How many wait for a decision now."""
    return Drift.objects.filter(state=DriftState.OPEN, order=None).count()


def list_drifts_of_service(service_id: int) -> tuple[DriftRow, ...]:
    """Subscriptions of a service of which the supplier holds another number of seats than was promised."""
    kinds = (DriftKind.MORE_SEATS, DriftKind.FEWER_SEATS, DriftKind.ENDED, DriftKind.SUSPENDED)
    rows = _rows().filter(subscription__service=service_id, ended_at=None, kind__in=kinds)
    return tuple(_row(each) for each in rows.order_by("pk"))


def list_tenants_to_look_at(*, looked_before: datetime, limit: int) -> tuple[int, ...]:
    """Tenants with seats of ours that nobody has looked at since, the longest ago first."""
    rows = Tenant.objects.filter(service__isnull=False)
    due = rows.filter(Q(look=None) | Q(look__looked_at__lt=looked_before))
    return tuple(due.order_by(F("look__looked_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)[:limit])


def record_look(tenant_row_id: int, *, now: datetime) -> None:
    """Write down that a tenant was looked at, in the caller's transaction."""
    TenantLook.objects.update_or_create(tenant_id=tenant_row_id, defaults={"looked_at": now})


def _open() -> QuerySet[Drift]:
    return Drift.objects.filter(ended_at=None)


def _rows() -> QuerySet[Drift]:
    return Drift.objects.select_related("tenant__customer", "subscription__offer__edition")


def _row(row: Drift) -> DriftRow:
    kind, state = DriftKind(row.kind), DriftState(row.state)
    promised = PromisedSeats(seats=row.promised_seats, renewal_seats=row.promised_renewal_seats)
    found = FoundSeats(
        seats=row.found_seats,
        renewal_seats=row.found_renewal_seats,
        is_suspended=kind is DriftKind.SUSPENDED,
        is_ended=kind is DriftKind.ENDED,
    )
    customer, subscription = row.tenant.customer, row.subscription
    is_undecided = state in _UNDECIDED and row.order_id is None
    return DriftRow(
        drift_id=row.pk,
        customer_id=customer.pk,
        customer_number=customer.number,
        customer_name=customer.legal_name,
        tenant_row_id=row.tenant_id,
        domain=row.tenant.domain,
        service_id=subscription.service_id if subscription else None,
        edition=subscription.offer.edition.code if subscription else "",
        title=row.title,
        supplier_subscription_id=row.supplier_subscription_id,
        kind=kind,
        state=state,
        description=describe_drift(kind, promised=promised, found=found),
        promised=promised,
        found=found,
        noticed_at=row.noticed_at,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        quiet_until=row.quiet_until,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        sentence=row.sentence,
        order_id=row.order_id,
        delivery_id=row.delivery_id,
        ended_at=row.ended_at,
        ended_how=row.ended_how,
        may_be_undone=is_undecided and kind not in (DriftKind.NOT_OURS, DriftKind.SUSPENDED),
        may_be_adopted=is_undecided
        and subscription is not None
        and kind in (DriftKind.MORE_SEATS, DriftKind.FEWER_SEATS, DriftKind.ENDED),
        may_wait=is_undecided,
    )


def has_open_drift(subscription_id: int) -> bool:
    """Whether its seats differ at the supplier, as far as is known."""
    return _open().filter(subscription_id=subscription_id).exists()


def is_being_asked(subscription_id: int) -> bool:
    """Whether the supplier is being told something about it now; what only waits can wait longer."""
    asked = (DeliveryState.ASKING, DeliveryState.AT_SUPPLIER)
    return Delivery.objects.filter(subscription_id=subscription_id, state__in=asked).exists()


def has_open_deliveries(subscription_id: int) -> bool:
    """Whether something is still to be told to the supplier about it."""
    return Delivery.objects.filter(subscription_id=subscription_id, state__in=OPEN_STATES).exists()
