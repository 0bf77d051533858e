"""Seats of a tenant over all its subscriptions, and the making of a new subscription."""

from __future__ import annotations

import datetime
import uuid

from perseat.simulator.catalog import CatalogSku
from perseat.simulator.store import Batch, Subscription, Tenant
from perseat.simulator.terms import last_day_of_term

# Seats may be given back, and a purchase cancelled, for seven days; Microsoft counts them in hours.
WINDOW = datetime.timedelta(hours=168)
_COUNTED = frozenset({"active", "suspended"})


def seats_of_sku(tenant: Tenant, *, sku_key: str, besides: str = "") -> int:
    """Seats of a SKU in all subscriptions that are not over, but for the one named in `besides`."""
    return sum(
        _largest_quantity(subscription)
        for subscription in tenant.subscriptions.values()
        if subscription.sku_key == sku_key and subscription.status in _COUNTED and subscription.id != besides
    )


def room_for_sku(tenant: Tenant, *, sku: CatalogSku, besides: str = "") -> int:
    """How many seats of the SKU the tenant may still hold: the limit is one for all its subscriptions."""
    return max(0, sku.maximum_quantity - seats_of_sku(tenant, sku_key=sku.key, besides=besides))


def open_subscription(
    tenant: Tenant,
    *,
    order_id: str,
    offer_id: str,
    name: str,
    quantity: int,
    term: str,
    cycle: str,
    now: datetime.datetime,
    delay: datetime.timedelta = datetime.timedelta(),
    end_date: datetime.date | None = None,
    subscription_id: str | None = None,
) -> Subscription:
    """A new subscription of the tenant, its term beginning now, its seats in the directory after the delay.

    The first term ends on `end_date`, inclusive, or else after its full length.
    """
    subscription = Subscription(
        id=subscription_id or str(uuid.uuid4()),
        order_id=order_id,
        offer_id=offer_id,
        friendly_name=name,
        quantity=quantity,
        status="active",
        created_at=now,
        visible_at=now + delay,
        term_start=now,
        end_date=end_date or last_day_of_term(now.date(), term=term),
        term_duration=term,
        billing_cycle=cycle,
        cancellable_until=now + WINDOW,
        batches=[Batch(quantity=quantity, allowed_until=now + WINDOW)],
    )
    subscription.show_seats_at(now + delay, quantity=quantity)
    tenant.subscriptions[subscription.id] = subscription
    return subscription


def new_order_id() -> str:
    """An order number in the form of Microsoft's: twelve hexadecimal digits."""
    return uuid.uuid4().hex[:12]


def _largest_quantity(subscription: Subscription) -> int:
    coming = subscription.pending.result.quantity if subscription.pending else 0
    return max(subscription.quantity, coming)
