"""Upgrades of subscriptions: what may be upgraded to what, and doing it, as a whole or in part."""

from __future__ import annotations

import datetime
import uuid

from perseat.simulator.calls import Call
from perseat.simulator.catalog import TERM_MONTHS, CatalogSku, load_catalog
from perseat.simulator.licenses import move_licenses
from perseat.simulator.messages import Answer, JsonObject, instant
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.partner_resources import collection, find_tenant, read_body, read_text
from perseat.simulator.partner_subscriptions import find_subscription
from perseat.simulator.router import Router
from perseat.simulator.seats import new_order_id, open_subscription, room_for_sku
from perseat.simulator.store import Order, OrderLine, Subscription, Tenant, Transition
from perseat.simulator.subscription_changes import check_terms
from perseat.simulator.terms import last_day_of_term

_WITH_LICENSES = "transition_with_license_transfer"
_TYPES = ("transition_only", _WITH_LICENSES)


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
            "eligibilities": [_eligibility_body(kind, source=source) for kind in _TYPES],
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
        _transition_body(one, now=call.now)
        for one in tenant.transitions
        if one.from_subscription_id == source.id and operation in {"", one.operation_id}
    ]
    return Answer(status=200, body=collection(found))


def start_transition(call: Call) -> Answer:
    """Upgrade seats. All of them keep the subscription; some of them go into another with the same end."""
    tenant = find_tenant(call)
    source = find_subscription(call, tenant=tenant)
    transition = _read_transition(call, read_body(call), tenant=tenant, source=source)
    if transition.to_subscription_id:
        _move_into(tenant.subscriptions[transition.to_subscription_id], source, transition, tenant=tenant)
    elif transition.quantity == source.quantity:
        _convert(source, transition, tenant=tenant)
    else:
        _split(source, transition, tenant=tenant)
    tenant.transitions.append(transition)
    return Answer(status=200, body=_transition_body(transition, now=call.now))


def _read_transition(call: Call, body: JsonObject, *, tenant: Tenant, source: Subscription) -> Transition:
    _check_source(source)
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


def _check_source(source: Subscription) -> None:
    if source.status != "active":
        raise PartnerRefusal(800012)
    if source.pending is not None:
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


def _convert(source: Subscription, transition: Transition, *, tenant: Tenant) -> None:
    """All seats: the same subscription becomes the other SKU and people's licenses follow."""
    before, after = _sku(source), load_catalog().skus[transition.to_offer_id.rpartition(":")[0]]
    is_only_one = not any(one.sku_key == after.key and one.status == "active" for one in tenant.subscriptions.values())
    _finish_source(source)
    source.offer_id = transition.to_offer_id
    source.friendly_name = after.title
    _give_term(source, transition)
    transition.to_subscription_id = source.id
    if is_only_one:
        now = transition.started_at
        move_licenses(tenant, from_sku_id=before.graph_sku_id, to_sku_id=after.graph_sku_id, now=now)


def _split(source: Subscription, transition: Transition, *, tenant: Tenant) -> None:
    """Some seats: a new subscription with the end of the old one; people's licenses stay where they are."""
    now, visible_at = transition.started_at, transition.completed_at
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
        delay=visible_at - now,
        end_date=source.end_date if transition.term_duration == source.term_duration else None,
    )
    target.cancellable_until = None
    target.batches = []
    transition.to_subscription_id = target.id
    line = OrderLine(
        number=0,
        offer_id=target.offer_id,
        quantity=target.quantity,
        term_duration=target.term_duration,
        billing_cycle=target.billing_cycle,
        friendly_name=title,
        subscription_id=target.id,
    )
    tenant.orders[order_id] = Order(id=order_id, created_at=now, visible_at=visible_at, lines=[line])
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
    source.status_changed_at = transition.started_at
    source.auto_renew = False
    if transition.transition_type == _WITH_LICENSES:
        from_id, to_id = _sku(source).graph_sku_id, _sku(target).graph_sku_id
        move_licenses(tenant, from_sku_id=from_id, to_sku_id=to_id, now=transition.started_at)


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


def _eligibility_body(kind: str, *, source: Subscription) -> JsonObject:
    if source.status == "active":
        return {"isEligible": True, "transitionType": kind}
    error = {"code": 2, "description": "The subscription is not active."}
    return {"isEligible": False, "transitionType": kind, "errors": [error]}


def _transition_body(transition: Transition, *, now: datetime.datetime) -> JsonObject:
    names = ["Conversion"] + (["LicenseReassignment"] if transition.transition_type == _WITH_LICENSES else [])
    events = [_event_body(name, "Started", transition.started_at) for name in names]
    if now >= transition.completed_at:
        events += [_event_body(name, "Completed", transition.completed_at) for name in names]
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


def _event_body(name: str, status: str, moment: datetime.datetime) -> JsonObject:
    return {
        "name": name,
        "status": status,
        "timestamp": instant(moment),
        "attributes": {"objectType": "TransitionEvent"},
    }
