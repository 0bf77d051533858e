"""Suspensions: a service's seats that staff block at the supplier, and open again; rows and reads of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from perseat.capabilities.provisioning.models import Suspension
from perseat.domain.fulfillment import SuspensionState


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionFacts:
    """A suspension that counts. `is_lifted`: the seats are to be open again, though they may not be yet."""

    suspension_id: int
    service_id: int
    reason: str
    asked_by: str
    asked_at: datetime
    is_lifted: bool
    state: SuspensionState
    sentence: str
    attempts: int
    request_id: UUID


def get_suspension(service_id: int) -> SuspensionFacts | None:
    """The one that counts for the service; None when its seats are open and nothing is under way."""
    row = _in_effect().filter(service_id=service_id).first()
    return _facts(row) if row else None


def get_suspension_by_id(suspension_id: int) -> SuspensionFacts:
    """One suspension, over or not."""
    return _facts(Suspension.objects.get(pk=suspension_id))


def list_due_suspensions(now: datetime) -> tuple[int, ...]:
    """Those that wait for their next attempt."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    rows = Suspension.objects.filter(due, state=SuspensionState.WAITING).order_by("pk")
    return tuple(rows.values_list("pk", flat=True)[:100])


def open_suspension(service_id: int, *, reason: str, asked_by: str, now: datetime) -> int:
    """Record that the service's seats are to be blocked; the database refuses a second one beside it."""
    return Suspension.objects.create(service_id=service_id, reason=reason, asked_by=asked_by, asked_at=now).pk


def lift(suspension_id: int, *, reason: str, lifted_by: str, now: datetime) -> None:
    """Record that the seats are to be open again."""
    Suspension.objects.filter(pk=suspension_id, lifted_at=None).update(
        lifted_at=now,
        lifted_by=lifted_by,
        lift_reason=reason,
        state=SuspensionState.WAITING,
        sentence="",
        attempts=0,
        next_attempt_at=None,
    )


def note_answer(
    suspension_id: int, *, state: SuspensionState, sentence: str = "", next_attempt_at: datetime | None = None
) -> None:
    """Write down how far it has come."""
    row = Suspension.objects.select_for_update(no_key=True).get(pk=suspension_id)
    row.state, row.sentence, row.next_attempt_at = state, sentence[:500], next_attempt_at
    row.attempts += 1
    row.save(update_fields=["state", "sentence", "next_attempt_at", "attempts"])


def _in_effect() -> QuerySet[Suspension]:
    return Suspension.objects.filter(Q(lifted_at=None) | ~Q(state=SuspensionState.DONE))


def _facts(row: Suspension) -> SuspensionFacts:
    return SuspensionFacts(
        suspension_id=row.pk,
        service_id=row.service_id,
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        is_lifted=row.lifted_at is not None,
        state=SuspensionState(row.state),
        sentence=row.sentence,
        attempts=row.attempts,
        request_id=row.request_id,
    )
