"""The control address for a long run: misbehavior by chance, and what came of it at every customer."""

from __future__ import annotations

import datetime
from typing import Protocol

from perseat.simulator.chances import Chances, read_percents
from perseat.simulator.clock import SimulatorClock
from perseat.simulator.faults import FaultList
from perseat.simulator.messages import JsonObject
from perseat.simulator.store import Store, Subscription, Tenant
from perseat.simulator.watch import people_body


class Controlled(Protocol):
    """What can be seen and moved from outside, as far as this file does."""

    store: Store
    clock: SimulatorClock
    faults: FaultList


def set_chances(simulator: Controlled, body: JsonObject) -> JsonObject:
    """From now on: {seed, percents: {kind or "all": percent}, timeout_seconds}. Draws begin anew.

    :raises ValueError, TypeError: when a part of it is wrong.
    """
    percents = body.get("percents")
    if not isinstance(percents, dict):
        raise TypeError('`percents` must be an object of kinds and percentages, such as {"429": 2}.')
    timeout = body.get("timeout_seconds")
    simulator.faults.chances = Chances(
        seed=int(body.get("seed", 0)),
        percents=read_percents(percents),
        timeout_seconds=None if timeout is None else int(timeout),
    )
    return chances_body(simulator, {})


def chances_body(simulator: Controlled, _body: JsonObject) -> JsonObject:
    """The chances, and how often each kind has come so far."""
    chances = simulator.faults.chances
    return {"seed": chances.seed, "percents": chances.percents, "drawn": dict(chances.drawn)}


def list_holdings(simulator: Controlled, _body: JsonObject) -> JsonObject:
    """Each customer's people, subscriptions and orders, with what the watch over people has seen."""
    now = simulator.clock.now()
    return {"tenants": [_holdings_body(tenant, now=now) for tenant in simulator.store.tenants.values()]}


def _holdings_body(tenant: Tenant, *, now: datetime.datetime) -> JsonObject:
    upgraded = {(one.to_subscription_id, one.completed_at) for one in tenant.transitions}
    orders = [
        {
            "id": order.id,
            "subscriptions": [line.subscription_id for line in order.lines],
            "is_of_an_upgrade": any((line.subscription_id, order.created_at) in upgraded for line in order.lines),
        }
        for order in tenant.orders.values()
    ]
    subscriptions = [_subscription_body(one) for one in tenant.subscriptions.values()]
    return people_body(tenant, now=now) | {"subscriptions": subscriptions, "orders": orders}


def _subscription_body(one: Subscription) -> JsonObject:
    """`renewal_quantity`: seats from the next term on, 0 when it does not renew, None when as now."""
    planned = None if one.next_term is None else one.next_term.quantity
    return {
        "id": one.id,
        "sku": one.sku_key,
        "status": one.status,
        "quantity": one.quantity,
        "renewal_quantity": planned if one.auto_renew else 0,
    }
