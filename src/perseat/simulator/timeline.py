"""What happens by itself as the clock goes on: provisioning, accepted changes, renewals and the end of terms."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from perseat.simulator.catalog import load_catalog
from perseat.simulator.licenses import move_licenses
from perseat.simulator.relationships import settle_relationship
from perseat.simulator.seats import WINDOW
from perseat.simulator.store import Batch, Store, Subscription, Tenant
from perseat.simulator.terms import last_day_of_term, renewal_moment
from perseat.simulator.upgrading import finish_due_upgrades

EXPIRED_FOR = datetime.timedelta(days=30)
DISABLED_FOR = datetime.timedelta(days=90)


def settle(store: Store, *, now: datetime.datetime, only: Sequence[Tenant] | None = None) -> bool:
    """Let everything happen that is due, in `only` these tenants or in all; whether anything did."""
    happened = False
    for tenant in store.tenants.values() if only is None else only:
        happened = finish_due_upgrades(tenant, now=now) or happened
        for subscription_id in list(tenant.subscriptions):
            while _take_step(tenant, tenant.subscriptions[subscription_id], now=now):
                happened = True
    for relationship in store.relationships.values():
        happened |= settle_relationship(relationship, now=now)
    return happened


def _take_step(tenant: Tenant, subscription: Subscription, *, now: datetime.datetime) -> bool:
    pending = subscription.pending
    if pending is not None and now >= pending.apply_at:
        tenant.subscriptions[subscription.id] = pending.result
        return True
    steps = subscription.directory_steps
    if steps and now >= steps[0].visible_at:
        subscription.directory_quantity = steps.pop(0).quantity
        return True
    return _take_lifecycle_step(tenant, subscription, now=now)


def _take_lifecycle_step(tenant: Tenant, subscription: Subscription, *, now: datetime.datetime) -> bool:
    due = _next_lifecycle_moment(subscription)
    if due is None or now < due:
        return False
    match subscription.status:
        case "active" if subscription.auto_renew:
            _renew(tenant, subscription, moment=due)
        case "active":
            _become(subscription, "expired", moment=due)
        case "suspended":
            # Blocked for thirty days more than an expired one, which comes to the same day of deletion.
            _become(subscription, "disabled", moment=due + EXPIRED_FOR)
        case "expired":
            _become(subscription, "disabled", moment=due)
        case _:
            _become(subscription, "deleted", moment=due)
    return True


def _next_lifecycle_moment(subscription: Subscription) -> datetime.datetime | None:
    changed_at = subscription.status_changed_at
    match subscription.status:
        case "active" | "suspended":
            return renewal_moment(subscription.end_date)
        case "expired" if changed_at is not None:
            return changed_at + EXPIRED_FOR
        case "disabled" if changed_at is not None:
            return changed_at + DISABLED_FOR
    return None


def _become(subscription: Subscription, status: str, *, moment: datetime.datetime) -> None:
    subscription.status = status
    subscription.status_changed_at = moment
    subscription.auto_renew = False
    subscription.next_term = None
    subscription.batches = []
    subscription.version += 1


def _renew(tenant: Tenant, subscription: Subscription, *, moment: datetime.datetime) -> None:
    _take_up_next_term(tenant, subscription, moment=moment)
    custom_end = subscription.next_term.custom_term_end_date if subscription.next_term else None
    subscription.next_term = None
    subscription.term_start = moment
    subscription.end_date = custom_end or last_day_of_term(moment.date(), term=subscription.term_duration)
    subscription.cancellable_until = moment + WINDOW
    subscription.batches = [Batch(quantity=subscription.quantity, allowed_until=moment + WINDOW)]
    subscription.version += 1


def _take_up_next_term(tenant: Tenant, subscription: Subscription, *, moment: datetime.datetime) -> None:
    planned = subscription.next_term
    if planned is None:
        return
    before, quantity_before = subscription.sku_key, subscription.quantity
    subscription.offer_id = f"{planned.product_id}:{planned.sku_id}:{planned.availability_id}"
    subscription.term_duration = planned.term_duration
    subscription.billing_cycle = planned.billing_cycle
    subscription.quantity = planned.quantity
    subscription.show_seats_at(moment, quantity=planned.quantity)
    if subscription.sku_key != before:
        skus = load_catalog().skus
        subscription.friendly_name = skus[subscription.sku_key].title
        if planned.quantity == quantity_before:
            from_id, to_id = skus[before].graph_sku_id, skus[subscription.sku_key].graph_sku_id
            move_licenses(tenant, from_sku_id=from_id, to_sku_id=to_id, now=moment)
