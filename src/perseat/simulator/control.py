"""The simulator's own address, for loopback only: its state, its clock, its faults, its customers, its log of calls."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
from collections.abc import Callable
from typing import Protocol

from perseat.simulator.calls import CallRecord
from perseat.simulator.clock import SimulatorClock
from perseat.simulator.control_chaos import chances_body, list_holdings, set_chances
from perseat.simulator.faults import FaultList, read_fault
from perseat.simulator.messages import Answer, JsonObject, Request, instant, parse_instant
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.relationships import answer_of_customer
from perseat.simulator.seeds import SeedSubscription, SeedTenant, SeedUser, plant_subscription
from perseat.simulator.store import Store, Tenant, UpgradeTrouble
from perseat.simulator.subscription_changes import change_subscription


class Controlled(Protocol):
    """What can be seen and moved from outside."""

    store: Store
    clock: SimulatorClock
    faults: FaultList

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The calls since the start, the oldest first."""

    def plant(self, seed: SeedTenant) -> bool:
        """Add a customer; whether it was new."""

    def reset(self) -> None:
        """Forget everything but the clock and the settings."""


def is_loopback(address: str) -> bool:
    """Whether a caller's address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def answer_control_call(simulator: Controlled, request: Request) -> Answer:
    """The answer to a control call; a wrong one is told why."""
    handler = _HANDLERS.get((request.method, request.path.rstrip("/")))
    if handler is None:
        return Answer(status=404, body={"error": f"There is no {request.method} {request.path}."})
    try:
        return Answer(status=200, body=handler(simulator, _read_body(request)))
    except (ValueError, TypeError) as problem:
        return Answer(status=400, body={"error": str(problem)})


def _read_body(request: Request) -> JsonObject:
    body = request.json() or {}
    if not isinstance(body, dict):
        raise TypeError("The body must be a JSON object.")
    return body


def _get_state(simulator: Controlled, _body: JsonObject) -> JsonObject:
    tenants = [_tenant_summary(tenant) for tenant in simulator.store.tenants.values()]
    return {
        "now": instant(simulator.clock.now()),
        "frozen": simulator.clock.frozen_at is not None,
        "provisioning_delay_seconds": simulator.store.provisioning_delay_seconds,
        "faults": [dataclasses.asdict(fault) for fault in simulator.faults.armed()],
        "calls": len(simulator.calls),
        "tenants": tenants,
        "relationships": [
            {"id": each.id, "name": each.name, "tenant_id": each.tenant_id, "status": each.status}
            for each in simulator.store.relationships.values()
        ],
    }


def _tenant_summary(tenant: Tenant) -> JsonObject:
    subscriptions = [
        {
            "id": one.id,
            "offer_id": one.offer_id,
            "quantity": one.quantity,
            "status": one.status,
            "end_date": one.end_date.isoformat(),
            "auto_renew": one.auto_renew,
        }
        for one in tenant.subscriptions.values()
    ]
    return {
        "tenant_id": tenant.id,
        "company": tenant.company,
        "domain": tenant.default_domain,
        "country": tenant.country,
        "agreement": bool(tenant.agreements),
        "validation_status": tenant.validation_status,
        "is_customer": tenant.is_customer,
        "users": sum(user.deleted_at is None for user in tenant.users.values()),
        "subscriptions": subscriptions,
    }


def _change_subscription(simulator: Controlled, body: JsonObject) -> JsonObject:
    """What another seller, or the customer at Microsoft's own pages, does to a subscription."""
    tenant = simulator.store.tenants.get(str(body.get("tenant_id")).lower())
    one = tenant.subscriptions.get(str(body.get("subscription_id")).lower()) if tenant else None
    if tenant is None or one is None:
        raise ValueError("There is no such subscription.")
    wanted = {
        "quantity": body.get("quantity", one.quantity),
        "status": body.get("status", one.status),
        "autorenewenabled": body.get("auto_renew", one.auto_renew),
    }
    now = simulator.clock.now()
    try:
        changed = change_subscription(one, wanted, tenant=tenant, now=now, delay=datetime.timedelta())
    except PartnerRefusal as refusal:
        raise ValueError(str(refusal)) from refusal
    tenant.subscriptions[one.id] = changed
    return {"version": changed.version}


def _buy(simulator: Controlled, body: JsonObject) -> JsonObject:
    """What another seller, or the customer at Microsoft's own shop, buys for a tenant."""
    tenant = simulator.store.tenants.get(str(body.get("tenant_id")).lower())
    if tenant is None:
        raise ValueError(f"There is no tenant {body.get('tenant_id')!r}.")
    seed = SeedSubscription(sku=str(body["sku"]), quantity=int(body["quantity"]))
    return {"subscription_id": plant_subscription(tenant, seed, now=simulator.clock.now()).id}


def _move_clock(simulator: Controlled, body: JsonObject) -> JsonObject:
    clock: SimulatorClock = simulator.clock
    if "freeze" in body:
        clock.freeze(parse_instant(str(body["freeze"])))
    if "set" in body:
        clock.set(parse_instant(str(body["set"])))
    if "advance_seconds" in body:
        clock.advance(datetime.timedelta(seconds=float(body["advance_seconds"])))
    return {"now": instant(clock.now()), "frozen": clock.frozen_at is not None}


def _arm_fault(simulator: Controlled, body: JsonObject) -> JsonObject:
    simulator.faults.arm(read_fault(body))
    return {"faults": [dataclasses.asdict(fault) for fault in simulator.faults.armed()]}


def _disarm_faults(simulator: Controlled, _body: JsonObject) -> JsonObject:
    simulator.faults.disarm_all()
    return {"faults": []}


def _reset(simulator: Controlled, _body: JsonObject) -> JsonObject:
    simulator.reset()
    return {"tenants": 0}


def _plant_tenant(simulator: Controlled, body: JsonObject) -> JsonObject:
    lists = {
        "users": tuple(SeedUser(**_with_tuples(user)) for user in body.get("users") or ()),
        "subscriptions": tuple(SeedSubscription(**one) for one in body.get("subscriptions") or ()),
        "extra_domains": tuple(body.get("extra_domains") or ()),
    }
    return {"added": simulator.plant(SeedTenant(**{**body, **lists}))}


def _with_tuples(body: JsonObject) -> JsonObject:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}


def _list_calls(simulator: Controlled, _body: JsonObject) -> JsonObject:
    return {"calls": [dataclasses.asdict(call) | {"at": instant(call.at)} for call in simulator.calls]}


def _change_settings(simulator: Controlled, body: JsonObject) -> JsonObject:
    """Provisioning delay, availability ids, consents, demands of MFA, certificates; or what concerns one tenant."""
    store = simulator.store
    if "provisioning_delay_seconds" in body:
        store.provisioning_delay_seconds = int(body["provisioning_delay_seconds"])
    if body.get("rotate_availabilities"):
        store.catalog_generation += 1
    if "partner_consent" in body:
        store.is_consent_revoked = body["partner_consent"] == "revoked"
    if "certificate" in body:
        store.certificates.append(str(body["certificate"]))
    if "dialect" in body:
        store.dialect = dataclasses.replace(store.dialect, **body["dialect"])
    if "tenant_id" in body:
        _change_tenant(store, body)
    elif "mfa" in body:
        store.demands_mfa = body["mfa"] == "demanded"
    return {"provisioning_delay_seconds": store.provisioning_delay_seconds}


# What can be switched at a tenant: its attribute, and the word that switches it on.
_SWITCHES = {
    "mfa": ("demands_mfa", "demanded"),
    "agreement": ("is_signed_directly", "signed"),
    "reseller": ("is_customer", "accepted"),
}


def _change_tenant(store: Store, body: JsonObject) -> None:
    tenant = store.tenants.get(str(body.get("tenant_id")).lower())
    if tenant is None:
        raise ValueError(f"There is no tenant {body.get('tenant_id')!r}.")
    if "consent" in body:
        tenant.has_consent = body["consent"] != "revoked"
    for name, (attribute, word) in _SWITCHES.items():
        if name in body:
            setattr(tenant, attribute, body[name] == word)
    _trouble_tenant(tenant, body)
    if "validation_status" in body:
        if body["validation_status"] not in {"Allowed", "InReview", "NotAllowed"}:
            raise ValueError("`validation_status` is Allowed, InReview or NotAllowed.")
        tenant.validation_status = body["validation_status"]


def _trouble_tenant(tenant: Tenant, body: JsonObject) -> None:
    if "missing_permissions" in body:
        tenant.missing_permissions = [str(name) for name in body["missing_permissions"]]
    if "upgrade_trouble" in body:
        tenant.upgrade_trouble = UpgradeTrouble(**body["upgrade_trouble"]) if body["upgrade_trouble"] else None


def _answer_relationship(simulator: Controlled, body: JsonObject) -> JsonObject:
    """Do what the customer's administrator does at the approval link of a delegated relationship."""
    relationship = simulator.store.relationships.get(str(body.get("id")))
    if relationship is None:
        raise ValueError(f"There is no relationship {body.get('id')!r}.")
    answer_of_customer(relationship, action=str(body.get("action")), now=simulator.clock.now())
    return {"id": relationship.id, "status": relationship.status}


_HANDLERS: dict[tuple[str, str], Callable[[Controlled, JsonObject], JsonObject]] = {
    ("GET", "/control/state"): _get_state,
    ("GET", "/control/calls"): _list_calls,
    ("POST", "/control/clock"): _move_clock,
    ("POST", "/control/faults"): _arm_fault,
    ("DELETE", "/control/faults"): _disarm_faults,
    ("GET", "/control/chances"): chances_body,
    ("POST", "/control/chances"): set_chances,
    ("GET", "/control/holdings"): list_holdings,
    ("POST", "/control/reset"): _reset,
    ("POST", "/control/tenants"): _plant_tenant,
    ("POST", "/control/relationships"): _answer_relationship,
    ("POST", "/control/settings"): _change_settings,
    ("POST", "/control/subscriptions"): _change_subscription,
    ("POST", "/control/purchases"): _buy,
}
