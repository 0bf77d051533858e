"""Seat counts: what Microsoft last said about a tenant's seats, beside what we sold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perseat.journeys.seat_counts import SeatCounts, get_last_seat_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsInTenant:
    """One edition, over all sellers. `available` is what can be given to people now."""

    purchased: int
    assigned: int
    available: int
    read_at: datetime


def seats_by_edition(counts: SeatCounts) -> dict[str, SeatsInTenant]:
    """By edition code; empty while Microsoft was never reached."""
    if counts.read_at is None:
        return {}
    return {
        row.edition: SeatsInTenant(
            purchased=row.purchased, assigned=row.assigned, available=max(0, row.available), read_at=counts.read_at
        )
        for row in counts.rows
    }


def last_seats_by_edition(*, customer_id: int, service_id: int) -> dict[str, SeatsInTenant]:
    """The last known counts, without asking Microsoft."""
    return seats_by_edition(get_last_seat_counts(customer_id=customer_id, service_id=service_id))
