"""A watch over people: whether anybody's license has no seat behind it, looked at after every change."""

from __future__ import annotations

import datetime

from perseat.simulator.catalog import load_catalog
from perseat.simulator.messages import JsonObject, instant
from perseat.simulator.store import Tenant, Uncovered

_GIVES_SEATS = frozenset({"active", "expired"})


def note_uncovered(tenant: Tenant, *, now: datetime.datetime) -> None:
    """Write down each SKU that more people hold than there are seats, once for each state of it."""
    for seen in find_uncovered(tenant, now=now):
        _note(tenant, seen)


def find_uncovered(tenant: Tenant, *, now: datetime.datetime) -> list[Uncovered]:
    """The SKUs that more people hold than there are seats."""
    seats: dict[str, int] = {}
    for subscription in tenant.subscriptions.values():
        if subscription.status in _GIVES_SEATS:
            seats[subscription.sku_key] = seats.get(subscription.sku_key, 0) + subscription.quantity
    found = []
    for sku in load_catalog().skus.values():
        people, there = tenant.holders.count(sku.graph_sku_id), seats.get(sku.key, 0)
        if people > there:
            found.append(Uncovered(sku_id=sku.graph_sku_id, people=people, seats=there, since=now))
    return found


def _note(tenant: Tenant, seen: Uncovered) -> None:
    last = next((one for one in reversed(tenant.uncovered) if one.sku_id == seen.sku_id), None)
    if last is None or (last.people, last.seats) != (seen.people, seen.seats):
        tenant.uncovered.append(seen)


def people_body(tenant: Tenant, *, now: datetime.datetime) -> JsonObject:
    """Who holds what now, and what the watch has seen: `uncovered` so far and now."""
    return {
        "tenant_id": tenant.id,
        "users": {
            user.user_principal_name: sorted({one.sku_id for one in user.licenses})
            for user in tenant.users.values()
            if user.deleted_at is None
        },
        "fell_to_none": [tenant.users[name].user_principal_name for name in tenant.fell_to_none],
        "uncovered": [_uncovered_body(one) for one in tenant.uncovered],
        "uncovered_now": [_uncovered_body(one) for one in find_uncovered(tenant, now=now)],
    }


def _uncovered_body(one: Uncovered) -> JsonObject:
    return {"sku_id": one.sku_id, "people": one.people, "seats": one.seats, "since": instant(one.since)}
