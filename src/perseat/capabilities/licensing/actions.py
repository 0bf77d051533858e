"""Writes of license changes and of seat counts. Nothing here asks the directory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perseat.capabilities.licensing.models import ChangeState, LicenseChange, PersonChange, SeatCountReading


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonToChange:
    """A person by the directory's id, and the name to show."""

    person_id: str
    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountToStore:
    """What the directory says about one edition now."""

    sku_id: str
    purchased: int
    assigned: int


def record_change(
    people: Sequence[PersonToChange],
    *,
    customer_id: int,
    tenant_row_id: int,
    user_id: int,
    add: Sequence[str],
    remove: Sequence[str],
    country: str,
    now: datetime,
) -> UUID:
    """Record what was asked for, in the caller's transaction, before anything is asked of the directory."""
    change = LicenseChange.objects.create(
        customer_id=customer_id,
        tenant_id=tenant_row_id,
        asked_by_id=user_id,
        asked_at=now,
        add=[{"sku_id": each, "disabled_plans": []} for each in add],
        remove=list(remove),
        country=country,
    )
    PersonChange.objects.bulk_create(
        [PersonChange(change=change, person_id=each.person_id, display_name=each.display_name[:256]) for each in people]
    )
    return change.public_id


def finish_person(change_id: UUID, *, person_id: str, state: ChangeState, now: datetime, sentence: str = "") -> None:
    """Record how it ended for one person; an end that is recorded already stands."""
    PersonChange.objects.filter(change__public_id=change_id, person_id=person_id, state=ChangeState.WAITING).update(
        state=state, sentence=sentence[:500], finished_at=now
    )


def note_why_waiting(change_id: UUID, *, person_id: str, sentence: str) -> None:
    """Keep why a person still waits, for the page; once it has ended the end stands."""
    PersonChange.objects.filter(change__public_id=change_id, person_id=person_id, state=ChangeState.WAITING).update(
        sentence=sentence[:500]
    )


def store_readings(counts: Iterable[CountToStore], *, tenant_row_id: int, now: datetime) -> None:
    """Replace the last known counts of a tenant; editions that the directory no longer names have no seats."""
    rows = [
        SeatCountReading(
            tenant_id=tenant_row_id,
            sku_id=each.sku_id,
            purchased=max(each.purchased, 0),
            assigned=max(each.assigned, 0),
            read_at=now,
        )
        for each in sorted(counts, key=_sku_id)
    ]
    SeatCountReading.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["tenant", "sku_id"],
        update_fields=["purchased", "assigned", "read_at"],
    )
    gone = SeatCountReading.objects.filter(tenant_id=tenant_row_id).exclude(sku_id__in=[each.sku_id for each in rows])
    gone.update(purchased=0, assigned=0, read_at=now)


def keep_more_allowed(tenant_row_id: int, *, sku_id: str, seats: int, now: datetime) -> None:
    """Note how many more seats of an edition the supplier said that the tenant may have."""
    SeatCountReading.objects.update_or_create(
        tenant_id=tenant_row_id,
        sku_id=sku_id,
        defaults={"more_allowed": seats, "more_allowed_at": now},
        create_defaults={
            "more_allowed": seats,
            "more_allowed_at": now,
            "purchased": 0,
            "assigned": 0,
            "read_at": now,
        },
    )


def _sku_id(count: CountToStore) -> str:
    return count.sku_id
