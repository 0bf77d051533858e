"""Upgrades of subscriptions as they are asked for: what may be upgraded to what, starting it, how far it is."""

from __future__ import annotations

import datetime
import uuid

from perseat.simulator.calls import Call
from perseat.simulator.catalog import TERM_MONTHS, CatalogSku, load_catalog
from perseat.simulator.messages import Answer, JsonObject, instant
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.partner_resources import collection, find_tenant, read_body, read_text
from perseat.simulator.partner_subscriptions import find_subscription
from perseat.simulator.router import Router
from perseat.simulator.seats import room_for_sku
from perseat.simulator.store import Subscription, Tenant, Transition
from perseat.simulator.subscription_changes import check_terms
from perseat.simulator.upgrading import WITH_LICENSES, finish_due_upgrades, is_being_upgraded

_TYPES = ("transition_only", WITH_LICENSES)


def add_routes(router: Router) -> None:
    """Answer the addresses of upgrades."""
    start = "/v1/customers/{customer}/subscriptions/{subscription}"
    router.add("GET", f"{start}/transitionEligibilities", list_eligibilities)
    router.add("GET", f"{start}/transitions", list_transitions)
    router.add("POST", f"{start}/transitions", start_transition)


def list_eligibilities(call: Call) -> Answer:
    """What the subscription may be upgraded to."""
    tenant = find_tenant(call)
    source = find_subscription(call, tenant=tenant)
    generation = call.store.catalog_generation
    targets = [load_catalog().skus[key] for key in _sku(source).upgrade_targets]
    items = [
        {
            "catalogItemId": target.catalog_item_id(country=tenant.country, generation=generation),
            "title": target.title,
            "description": target.title,
            "quantity": source.quantity,
            "eligibilities": [_eligibility_body(kind, source=source, tenant=tenant) for kind in _TYPES],
            "attributes": {"objectType": "TransitionEligibility"},
        }
        for target in targets
    ]
    return Answer(status=200, body=collection(items))


def list_transitions(call: Call) -> Answer:
    """The upgrades of a subscription, or the one of an operation."""
    tenant = find_tenant(call)
    source = find_subscription(call, tenant=tenant)
    operation = call.request.query.get("operationId", "").lower()
    found = [
        _transition_body(one)
        for one in tenant.transitions
        if one.from_subscription_id == source.id and operation in {"", one.operation_id}
    ]
    return Answer(status=200, body=collection(found))


def start_transition(call: Call) -> Answer:
    """Begin an upgrade. Of all seats it keeps the subscription; of some it opens another with the same end."""
    tenant = find_tenant(call)
    source = find_subscription(call, tenant=tenant)
    transition = _read_transition(call, read_body(call), tenant=tenant, source=source)
    trouble = tenant.upgrade_trouble
    if trouble is not None and not trouble.is_told_before:
        transition.error_code = trouble.code
        transition.fails_licenses_only = trouble.fails_licenses_only
    if not transition.to_subscription_id:
        is_whole = transition.quantity == source.quantity
        transition.to_subscription_id = source.id if is_whole else str(uuid.uuid4())
    tenant.transitions.append(transition)
    finish_due_upgrades(tenant, now=call.now)
    return Answer(status=200, body=_transition_body(transition))


def _read_transition(call: Call, body: JsonObject, *, tenant: Tenant, source: Subscription) -> Transition:
    _check_source(source, tenant=tenant)
    target = _read_target(call, body, tenant=tenant, source=source)
    term = str(body.get("termduration") or source.term_duration)
    cycle = str(body.get("billingcycle") or source.billing_cycle).lower()
    check_terms(term, cycle)
    if TERM_MONTHS[term] < TERM_MONTHS[source.term_duration]:
        raise PartnerRefusal(900267)
    quantity = body.get("quantity", source.quantity)
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= source.quantity:
        raise PartnerRefusal(900275, 0)
    room = room_for_sku(tenant, sku=target)
    if quantity > room:
        raise PartnerRefusal(800088, quantity, room)
    kind = str(body.get("transitiontype") or _TYPES[0]).lower()
    if kind not in _TYPES:
        raise PartnerRefusal(3000, "transitionType")
    transition = Transition(
        operation_id=str(uuid.uuid4()),
        from_offer_id=source.offer_id,
        from_subscription_id=source.id,
        to_offer_id=target.catalog_item_id(country=tenant.country, generation=call.store.catalog_generation),
        to_subscription_id=str(body.get("tosubscriptionid") or "").lower(),
        quantity=quantity,
        term_duration=term,
        billing_cycle=cycle,
        transition_type=kind,
        started_at=call.now,
        completed_at=call.now + call.store.provisioning_delay,
    )
    if transition.to_subscription_id:
        _check_target_subscription(transition, tenant=tenant, source=source)
    return transition


def _check_source(source: Subscription, *, tenant: Tenant) -> None:
    if source.status != "active":
        raise PartnerRefusal(800012)
    if source.pending is not None or is_being_upgraded(source, tenant=tenant):
        raise PartnerRefusal(900278)


def _read_target(call: Call, body: JsonObject, *, tenant: Tenant, source: Subscription) -> CatalogSku:
    item = read_text(body, "tocatalogitemid").upper()
    target = load_catalog().find_sku(item)
    if target is None or item != target.catalog_item_id(
        country=tenant.country, generation=call.store.catalog_generation
    ):
        raise PartnerRefusal(400019)
    if target.key not in _sku(source).upgrade_targets:
        raise PartnerRefusal(800020)
    return target


def _check_target_subscription(transition: Transition, *, tenant: Tenant, source: Subscription) -> None:
    target = tenant.subscriptions.get(transition.to_subscription_id)
    if target is None:
        raise PartnerRefusal(20003, transition.to_subscription_id)
    now = transition.started_at
    checks = (
        (target.id == source.id, 900259),
        (target.status != "active", 900258),
        (target.sku_key != transition.to_offer_id.rpartition(":")[0], 900260),
        (target.cancellable_until is not None and now < target.cancellable_until, 900261),
        (target.pending is not None, 900261),
        (TERM_MONTHS[target.term_duration] < TERM_MONTHS[source.term_duration], 900267),
        (target.end_date < source.end_date, 900236),
    )
    for is_wrong, code in checks:
        if is_wrong:
            raise PartnerRefusal(code)


def _sku(subscription: Subscription) -> CatalogSku:
    return load_catalog().skus[subscription.sku_key]


def _eligibility_body(kind: str, *, source: Subscription, tenant: Tenant) -> JsonObject:
    trouble = tenant.upgrade_trouble
    code = trouble.code if trouble is not None and trouble.is_told_before else None
    code = 2 if source.status != "active" else code
    if code is None:
        return {"isEligible": True, "transitionType": kind}
    return {"isEligible": False, "transitionType": kind, "errors": [_error_body(code)]}


def _error_body(code: int) -> JsonObject:
    return {"code": code, "description": f"Upgrades answer with error {code}."}


def _transition_body(transition: Transition) -> JsonObject:
    names = ["Conversion"] + (["LicenseReassignment"] if transition.transition_type == WITH_LICENSES else [])
    events = [_event_body(name, "Started", transition.started_at) for name in names]
    if transition.is_over:
        events += [_end_body(name, transition) for name in names]
    return {
        "operationId": transition.operation_id,
        "fromCatalogItemId": transition.from_offer_id,
        "fromSubscriptionId": transition.from_subscription_id,
        "toCatalogItemId": transition.to_offer_id,
        "toSubscriptionId": transition.to_subscription_id,
        "quantity": transition.quantity,
        "termDuration": transition.term_duration,
        "billingCycle": transition.billing_cycle,
        "transitionType": transition.transition_type,
        "events": events,
        "attributes": {"objectType": "Transition"},
    }


def _end_body(name: str, transition: Transition) -> JsonObject:
    """The last event of a kind; its errors say why when it failed."""
    is_spared = transition.fails_licenses_only and name == "Conversion"
    if transition.error_code is None or is_spared:
        return _event_body(name, "Completed", transition.completed_at)
    failed = _event_body(name, "Failed", transition.completed_at)
    return failed | {"errors": [_error_body(transition.error_code)]}


def _event_body(name: str, status: str, moment: datetime.datetime) -> JsonObject:
    return {
        "name": name,
        "status": status,
        "timestamp": instant(moment),
        "attributes": {"objectType": "TransitionEvent"},
    }
