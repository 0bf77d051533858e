"""Seat counts: what Microsoft last said about a tenant's seats, beside what we sold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perseat.capabilities.catalog.queries import list_editions
from perseat.capabilities.licensing.queries import list_seat_counts


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsInTenant:
    """Over all sellers. `available` is what can be given to people now."""

    purchased: int
    assigned: int
    available: int
    read_at: datetime | None


def seats_in_tenant(*, customer_id: int, service_id: int) -> dict[str, SeatsInTenant]:
    """By directory sku id; empty while Microsoft was never reached."""
    return {
        reading.sku_id: SeatsInTenant(
            purchased=reading.purchased,
            assigned=reading.assigned,
            available=max(0, reading.purchased - reading.assigned),
            read_at=reading.read_at,
        )
        for reading in list_seat_counts(customer_id=customer_id, service_id=service_id)
    }


def seats_by_edition(*, customer_id: int, service_id: int) -> dict[str, SeatsInTenant]:
    """The same by edition code, for the editions that we sell."""
    by_sku = seats_in_tenant(customer_id=customer_id, service_id=service_id)
    return {
        edition.code: by_sku[edition.directory_sku_id]
        for edition in list_editions()
        if edition.directory_sku_id in by_sku
    }
