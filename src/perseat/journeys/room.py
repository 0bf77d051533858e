"""Room in a tenant: what Microsoft lets one tenant hold over all sellers, as far as it is known before paying.

Nothing is asked here: the directory's last counts, and what Partner Center said when it last refused seats.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from perseat.capabilities.licensing.actions import keep_more_allowed
from perseat.capabilities.licensing.queries import Reading, list_readings
from perseat.capabilities.provisioning.queries import Work
from perseat.domain.room import Room, TenantSeats, room_for
from perseat.journeys.service_state import LoadedService
from perseat.ports.failures import Refused


def list_rooms(loaded: LoadedService, *, now: datetime) -> Mapping[str, Room]:
    """By edition code; one query."""
    readings = {each.sku_id: each for each in list_readings(loaded.service.tenant_id)}
    rooms = {}
    for state in loaded.state.editions:
        view, row = loaded.offers[state.edition].edition, loaded.subscriptions.get(state.edition)
        reading = readings.get(str(view.directory_sku_id))
        rooms[state.edition] = room_for(
            maximum=view.maximum_seats,
            held=state.held,
            ours_there=(row.supplier_seats or 0) if row else 0,
            ours_read_at=row.supplier_read_at if row else None,
            tenant=_seats_in(reading) if reading else None,
            now=now,
        )
    return rooms


def _seats_in(reading: Reading) -> TenantSeats:
    return TenantSeats(
        purchased=reading.purchased,
        read_at=reading.read_at,
        more_allowed=reading.more_allowed,
        more_allowed_at=reading.more_allowed_at,
    )


def keep_what_it_says(work: Work, refusal: Refused, *, now: datetime) -> None:
    """A refusal may tell how many seats of the edition could still be had; the next quote goes by it."""
    facts = {name.casefold(): value for name, value in refusal.details.items()}
    available = facts.get("availablequantity", "")
    if available.isdecimal():
        with transaction.atomic():
            keep_more_allowed(work.tenant_row_id, sku_id=work.directory_sku_id, seats=int(available), now=now)
