"""Reads of connections: how the installation's own consent stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from perseat.capabilities.connections.models import Consent

# Microsoft ends a consent that was not used for 90 days; somebody should hear of it while there is time to spare.
LIVES_UNUSED = timedelta(days=90)
WORTH_A_WARNING = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """`renewed_at`: the last sign-in with it that worked, None when none has. `ends_at`: when it lapses unused.

    `refused_because` is empty unless sign-ins have been refused since `refused_at`.
    """

    supplier: str
    renewed_at: datetime | None
    ends_at: datetime | None
    refused_at: datetime | None
    refused_because: str
    needs_a_person: bool


def list_consents(now: datetime) -> tuple[ConsentView, ...]:
    """Every consent that was ever used."""
    return tuple(_view(row, now=now) for row in Consent.objects.order_by("supplier"))


def _view(row: Consent, *, now: datetime) -> ConsentView:
    is_unused = row.renewed_at is not None and now - row.renewed_at >= WORTH_A_WARNING
    return ConsentView(
        supplier=row.supplier,
        renewed_at=row.renewed_at,
        ends_at=row.renewed_at + LIVES_UNUSED if row.renewed_at else None,
        refused_at=row.refused_at,
        refused_because=row.refused_because,
        needs_a_person=bool(row.refused_because) or is_unused,
    )
