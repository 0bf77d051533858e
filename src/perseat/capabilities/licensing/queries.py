"""Reads of license changes and of the last known seat counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.licensing.models import ChangeState, LicenseChange, PersonChange, SeatCountReading


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonProgress:
    """The change for one person; `sentence` says in plain words what the directory refused, and the way out."""

    person_id: str
    display_name: str
    state: ChangeState
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProgress:
    """How far one press of Save changes has come."""

    public_id: UUID
    tenant_row_id: int
    asked_at: datetime
    country: str
    add: tuple[str, ...]
    remove: tuple[str, ...]
    total: int
    done: int
    failed: int
    waiting: int
    people: tuple[PersonProgress, ...]

    @property
    def is_finished(self) -> bool:
        """Whether nobody waits any more."""
        return self.waiting == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the directory last said about one edition, and the supplier of the seats that it would still sell."""

    sku_id: str
    purchased: int
    assigned: int
    read_at: datetime
    more_allowed: int | None = None
    more_allowed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWork:
    """A change as the worker carries it out."""

    change_id: UUID
    customer_id: int
    tenant_row_id: int
    country: str
    add: tuple[str, ...]
    remove: tuple[str, ...]
    waiting: tuple[str, ...]


def get_change_progress(*, customer_id: int, change_id: UUID) -> ChangeProgress:
    """:raises DoesNotBelong: when the change is not the customer's."""
    change = LicenseChange.objects.filter(public_id=change_id, customer_id=customer_id).first()
    if change is None:
        raise DoesNotBelong(change_id)
    people = tuple(
        PersonProgress(
            person_id=each.person_id,
            display_name=each.display_name,
            state=ChangeState(each.state),
            sentence=each.sentence,
        )
        for each in PersonChange.objects.filter(change=change).order_by("pk")
    )
    states = [each.state for each in people]
    return ChangeProgress(
        public_id=change.public_id,
        tenant_row_id=change.tenant_id,
        asked_at=change.asked_at,
        country=change.country,
        add=tuple(each["sku_id"] for each in change.add),
        remove=tuple(change.remove),
        total=len(people),
        done=states.count(ChangeState.DONE),
        failed=states.count(ChangeState.FAILED),
        waiting=states.count(ChangeState.WAITING),
        people=people,
    )


def get_change_work(change_id: UUID) -> ChangeWork:
    """A recorded change and who still waits for it."""
    change = LicenseChange.objects.get(public_id=change_id)
    waiting = PersonChange.objects.filter(change=change, state=ChangeState.WAITING).order_by("pk")
    return ChangeWork(
        change_id=change.public_id,
        customer_id=change.customer_id,
        tenant_row_id=change.tenant_id,
        country=change.country,
        add=tuple(each["sku_id"] for each in change.add),
        remove=tuple(change.remove),
        waiting=tuple(waiting.values_list("person_id", flat=True)),
    )


def list_unfinished_changes(*, asked_before: datetime) -> tuple[UUID, ...]:
    """Changes in which somebody still waits although they were asked for before a moment."""
    rows = LicenseChange.objects.filter(people__state=ChangeState.WAITING, asked_at__lt=asked_before)
    return tuple(rows.order_by("pk").values_list("public_id", flat=True).distinct()[:200])


def count_assigned(customer_id: int) -> int:
    """Licenses that people of all the customer's tenants held when the directories were last read."""
    found = SeatCountReading.objects.filter(tenant__customer_id=customer_id).aggregate(total=Sum("assigned"))
    return int(found["total"] or 0)


def list_readings(tenant_row_id: int) -> tuple[Reading, ...]:
    """The last known counts of a tenant, by sku id."""
    rows = SeatCountReading.objects.filter(tenant_id=tenant_row_id).order_by("sku_id")
    return tuple(
        Reading(
            sku_id=str(each.sku_id),
            purchased=each.purchased,
            assigned=each.assigned,
            read_at=each.read_at,
            more_allowed=each.more_allowed,
            more_allowed_at=each.more_allowed_at,
        )
        for each in rows
    )
