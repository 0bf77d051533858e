"""Subscriptions: reading them, and the PATCH that changes them."""

from __future__ import annotations

import base64
import datetime
import json

from perseat.simulator.calls import Call
from perseat.simulator.catalog import load_catalog
from perseat.simulator.messages import Answer, JsonObject, instant
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.partner_resources import collection, find_tenant, link, offer_links, read_body, require_person
from perseat.simulator.router import Router
from perseat.simulator.store import NextTerm, PendingUpdate, Subscription, Tenant
from perseat.simulator.subscription_changes import change_subscription

_FULL_REFUND_FOR = datetime.timedelta(days=1)


def add_routes(router: Router) -> None:
    """Answer the addresses of subscriptions."""
    router.add("GET", "/v1/customers/{customer}/subscriptions", list_subscriptions)
    router.add("GET", "/v1/customers/{customer}/subscriptions/{subscription}", get_subscription)
    router.add("PATCH", "/v1/customers/{customer}/subscriptions/{subscription}", patch_subscription)
    status = "/v1/customers/{customer}/subscriptions/{subscription}/provisioningstatus"
    router.add("GET", status, get_provisioning_status)


def list_subscriptions(call: Call) -> Answer:
    """A customer's subscriptions, those that are over included; `order_id` narrows them."""
    tenant = find_tenant(call)
    order_id = call.request.query.get("order_id", "").lower()
    found = [
        subscription_body(subscription, tenant=tenant, now=call.now)
        for subscription in tenant.subscriptions.values()
        if call.now >= subscription.visible_at and order_id in {"", subscription.order_id}
    ]
    return Answer(status=200, body=collection(found))


def get_subscription(call: Call) -> Answer:
    """One subscription."""
    tenant = find_tenant(call)
    subscription = find_subscription(call, tenant=tenant)
    return Answer(status=200, body=subscription_body(subscription, tenant=tenant, now=call.now))


def patch_subscription(call: Call) -> Answer:
    """Make the subscription what the full body says; what the body leaves out is reset."""
    tenant = find_tenant(call)
    subscription = find_subscription(call, tenant=tenant)
    expected = call.request.headers.get("if-match")
    if expected not in {None, "*", etag(subscription)}:
        raise PartnerRefusal(2055)
    delay = call.store.provisioning_delay
    changed = change_subscription(subscription, read_body(call), tenant=tenant, now=call.now, delay=delay)
    if call.update_delay is not None:
        subscription.pending = PendingUpdate(apply_at=call.now + call.update_delay, result=changed)
        location = f"/customers/{tenant.id}/subscriptions/{subscription.id}"
        return Answer(status=202, headers={"Location": location})
    tenant.subscriptions[subscription.id] = changed
    return Answer(status=200, body=subscription_body(changed, tenant=tenant, now=call.now))


def get_provisioning_status(call: Call) -> Answer:
    """Whether the directory has heard of all seats of a subscription."""
    require_person(call)
    subscription = find_subscription(call, tenant=find_tenant(call))
    body = {
        "skuId": load_catalog().skus[subscription.sku_key].graph_sku_id,
        "status": "pending" if subscription.directory_steps else "success",
        "quantity": subscription.quantity,
        "endDate": _midnight(subscription.end_date),
        "attributes": {"objectType": "SubscriptionProvisioningStatus"},
    }
    return Answer(status=200, body=body)


def find_subscription(call: Call, *, tenant: Tenant) -> Subscription:
    """The subscription named in the path.

    :raises PartnerRefusal: 20003 when there is none, or when it is not provisioned yet.
    """
    subscription = tenant.subscriptions.get(call.names["subscription"].lower())
    if subscription is None or call.now < subscription.visible_at:
        raise PartnerRefusal(20003, call.names["subscription"])
    return subscription


def etag(subscription: Subscription) -> str:
    """The mark of this version of a subscription."""
    mark = json.dumps({"id": subscription.id, "version": subscription.version})
    return base64.b64encode(mark.encode()).decode()


def subscription_body(subscription: Subscription, *, tenant: Tenant, now: datetime.datetime) -> JsonObject:
    """The subscription as the service shows it."""
    sku = load_catalog().skus[subscription.sku_key]
    availability_id = subscription.offer_id.rpartition(":")[2]
    links = offer_links(sku, availability_id=availability_id, country=tenant.country)
    links["self"] = link(f"/customers/{tenant.id}/subscriptions/{subscription.id}")
    body: JsonObject = {
        "id": subscription.id,
        "offerId": subscription.offer_id,
        "offerName": sku.title,
        "friendlyName": subscription.friendly_name,
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": subscription.quantity,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": instant(subscription.created_at),
        "effectiveStartDate": instant(subscription.term_start),
        "commitmentEndDate": _midnight(subscription.end_date),
        "commitmentEndDateTime": f"{subscription.end_date.isoformat()}T23:59:59Z",
        "status": subscription.status,
        "autoRenewEnabled": subscription.auto_renew,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": subscription.billing_cycle,
        "termDuration": subscription.term_duration,
        "renewalTermDuration": "",
        "isMicrosoftProduct": True,
        "partnerId": "",
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": "subscription",
        "links": links,
        "publisherName": "Microsoft Corporation",
        "orderId": subscription.order_id,
        "attributes": {"etag": etag(subscription), "objectType": "Subscription"},
    }
    return body | _window_body(subscription, now=now) | _next_term_body(subscription.next_term)


def _window_body(subscription: Subscription, *, now: datetime.datetime) -> JsonObject:
    open_batches = [batch for batch in subscription.batches if now < batch.allowed_until]
    details = [
        {"quantity": batch.quantity, "allowedUntilDateTime": instant(batch.allowed_until)} for batch in open_batches
    ]
    body: JsonObject = {
        "refundableQuantity": {"totalQuantity": sum(batch.quantity for batch in open_batches), "details": details},
        "refundOptions": [],
    }
    if subscription.cancellable_until is not None:
        full_until = subscription.term_start + _FULL_REFUND_FOR
        body["refundOptions"] = [
            {"type": "Full", "expiresAt": instant(full_until)},
            {"type": "Partial", "expiresAt": instant(subscription.cancellable_until)},
        ]
        body["cancellationAllowedUntilDate"] = instant(subscription.cancellable_until)
    return body


def _next_term_body(next_term: NextTerm | None) -> JsonObject:
    if next_term is None:
        return {}
    body: JsonObject = {
        "product": {
            "productId": next_term.product_id,
            "skuId": next_term.sku_id,
            "availabilityId": next_term.availability_id,
            "billingCycle": next_term.billing_cycle,
            "termDuration": next_term.term_duration,
            "promotionId": None,
        },
        "quantity": next_term.quantity,
    }
    if next_term.custom_term_end_date is not None:
        body["customTermEndDate"] = _midnight(next_term.custom_term_end_date)
    return {"scheduledNextTermInstructions": body}


def _midnight(day: datetime.date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
