"""Upgrades as they happen: a subscription becomes another SKU, gives seats to a new one, or to one that there is."""

from __future__ import annotations

import datetime

from perseat.simulator.catalog import CatalogSku, load_catalog
from perseat.simulator.licenses import move_licenses
from perseat.simulator.seats import new_order_id, open_subscription
from perseat.simulator.store import Order, OrderLine, Subscription, Tenant, Transition
from perseat.simulator.terms import last_day_of_term

WITH_LICENSES = "transition_with_license_transfer"


def finish_due_upgrades(tenant: Tenant, *, now: datetime.datetime) -> bool:
    """Let every upgrade happen whose time has come; whether any did."""
    due = [one for one in tenant.transitions if not one.is_over and now >= one.completed_at]
    for transition in due:
        transition.is_over = True
        if transition.error_code is None or transition.fails_licenses_only:
            _carry_out(transition, tenant=tenant)
    return bool(due)


def is_being_upgraded(subscription: Subscription, *, tenant: Tenant) -> bool:
    """Whether an upgrade from or into the subscription is under way."""
    return any(
        not one.is_over and subscription.id in {one.from_subscription_id, one.to_subscription_id}
        for one in tenant.transitions
    )


def _carry_out(transition: Transition, *, tenant: Tenant) -> None:
    source = tenant.subscriptions[transition.from_subscription_id]
    target = tenant.subscriptions.get(transition.to_subscription_id)
    if target is source:
        _convert(source, transition, tenant=tenant)
    elif target is not None:
        _move_into(target, source, transition, tenant=tenant)
    else:
        _split(source, transition, tenant=tenant)


def _convert(source: Subscription, transition: Transition, *, tenant: Tenant) -> None:
    """All seats: the same subscription becomes the other SKU and people's licenses follow."""
    before, after = _sku(source), load_catalog().skus[transition.to_offer_id.rpartition(":")[0]]
    is_only_one = not any(one.sku_key == after.key and one.status == "active" for one in tenant.subscriptions.values())
    _finish_source(source)
    source.offer_id = transition.to_offer_id
    source.friendly_name = after.title
    _give_term(source, transition)
    if is_only_one and not transition.fails_licenses_only:
        now = transition.completed_at
        move_licenses(tenant, from_sku_id=before.graph_sku_id, to_sku_id=after.graph_sku_id, now=now)


def _split(source: Subscription, transition: Transition, *, tenant: Tenant) -> None:
    """Some seats: a new subscription with the end of the old one; people's licenses stay where they are."""
    now = transition.completed_at
    title = load_catalog().skus[transition.to_offer_id.rpartition(":")[0]].title
    order_id = new_order_id()
    target = open_subscription(
        tenant,
        order_id=order_id,
        offer_id=transition.to_offer_id,
        name=title,
        quantity=transition.quantity,
        term=transition.term_duration,
        cycle=transition.billing_cycle,
        now=now,
        subscription_id=transition.to_subscription_id,
        end_date=source.end_date if transition.term_duration == source.term_duration else None,
    )
    target.cancellable_until = None
    target.batches = []
    line = OrderLine(
        number=0,
        offer_id=target.offer_id,
        quantity=target.quantity,
        term_duration=target.term_duration,
        billing_cycle=target.billing_cycle,
        friendly_name=title,
        subscription_id=target.id,
    )
    tenant.orders[order_id] = Order(id=order_id, created_at=now, visible_at=now, lines=[line])
    _shrink_source(source, transition)


def _move_into(target: Subscription, source: Subscription, transition: Transition, *, tenant: Tenant) -> None:
    """Some or all seats into a subscription there is; an emptied source is over."""
    target.quantity += transition.quantity
    target.next_term = None
    target.version += 1
    target.show_seats_at(transition.completed_at, quantity=target.quantity)
    if transition.quantity < source.quantity:
        _shrink_source(source, transition)
        return
    _finish_source(source)
    source.status = "deleted"
    source.status_changed_at = transition.completed_at
    source.auto_renew = False
    if transition.transition_type == WITH_LICENSES and not transition.fails_licenses_only:
        from_id, to_id = _sku(source).graph_sku_id, _sku(target).graph_sku_id
        move_licenses(tenant, from_sku_id=from_id, to_sku_id=to_id, now=transition.completed_at)


def _shrink_source(source: Subscription, transition: Transition) -> None:
    source.quantity -= transition.quantity
    source.show_seats_at(transition.completed_at, quantity=source.quantity)
    left = source.quantity
    kept = []
    # The seats that stay are the oldest; no more of them can be given back than there are.
    for batch in source.batches:
        batch.quantity = min(batch.quantity, left)
        left -= batch.quantity
        kept += [batch] if batch.quantity else []
    source.batches = kept
    source.next_term = None
    source.version += 1


def _finish_source(source: Subscription) -> None:
    """An upgrade is final: no seat may be given back and nothing can be cancelled."""
    source.batches = []
    source.cancellable_until = None
    source.next_term = None
    source.version += 1


def _give_term(source: Subscription, transition: Transition) -> None:
    source.billing_cycle = transition.billing_cycle
    if transition.term_duration != source.term_duration:
        source.term_duration = transition.term_duration
        source.term_start = transition.started_at
        source.end_date = last_day_of_term(transition.started_at.date(), term=transition.term_duration)


def _sku(subscription: Subscription) -> CatalogSku:
    return load_catalog().skus[subscription.sku_key]
