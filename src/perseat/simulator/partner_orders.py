"""Checkout and orders."""

from __future__ import annotations

import collections
import datetime
from decimal import Decimal

from perseat.simulator.calls import Call
from perseat.simulator.catalog import TERMS, load_catalog
from perseat.simulator.messages import Answer, JsonObject, instant
from perseat.simulator.partner_carts import find_cart, order_group, pricing_body
from perseat.simulator.partner_errors import PARTNER_ERRORS, PartnerRefusal
from perseat.simulator.partner_resources import (
    collection,
    find_tenant,
    link,
    market_of,
    number,
    offer_links,
    require_person,
)
from perseat.simulator.router import Router
from perseat.simulator.seats import new_order_id, open_subscription, room_for_sku
from perseat.simulator.store import Cart, CartLine, Order, OrderLine, Tenant

_REFUSED_BY_REVIEW = {"InReview": 800073, "NotAllowed": 800075}


def add_routes(router: Router) -> None:
    """Answer the addresses of the checkout and of orders."""
    router.add("POST", "/v1/customers/{customer}/carts/{cart}/checkout", check_out)
    router.add("GET", "/v1/customers/{customer}/orders", list_orders)
    router.add("GET", "/v1/customers/{customer}/orders/{order}", get_order)
    router.add("GET", "/v1/customers/{customer}/orders/{order}/provisioningstatus", get_provisioning_status)


def check_out(call: Call) -> Answer:
    """Buy a cart. A cart is bought once: asked again, the first answer is given again."""
    tenant = find_tenant(call)
    cart = find_cart(call, tenant=tenant)
    if cart.checkout_answer is not None:
        return Answer(status=201, body=cart.checkout_answer)
    _check_may_buy(call, tenant=tenant, cart=cart)
    orders, errors = _buy(cart, tenant=tenant, now=call.now, delay=call.store.provisioning_delay)
    body: JsonObject = {
        "orders": [order_body(order, tenant=tenant, now=call.now) for order in orders],
        "orderErrors": errors,
        "attributes": {"objectType": "CartCheckoutResult"},
    }
    if orders:
        cart.checkout_answer = body
    return Answer(status=201, body=body)


def list_orders(call: Call) -> Answer:
    """The orders of a customer that can be seen by now."""
    tenant = find_tenant(call)
    visible = [order for order in tenant.orders.values() if call.now >= order.visible_at]
    return Answer(status=200, body=collection([order_body(order, tenant=tenant, now=call.now) for order in visible]))


def get_order(call: Call) -> Answer:
    """One order."""
    tenant = find_tenant(call)
    return Answer(status=200, body=order_body(_find_order(call, tenant=tenant), tenant=tenant, now=call.now))


def get_provisioning_status(call: Call) -> Answer:
    """How far the lines of an order are."""
    require_person(call)
    order = _find_order(call, tenant=find_tenant(call))
    lines = [
        {
            "orderLineItemId": line.number,
            "lineItemNumber": line.number,
            "status": "fulfilled",
            "quantityProvisioningInformation": [{"quantity": line.quantity, "status": "fulfilled"}],
        }
        for line in order.lines
    ]
    return Answer(status=200, body=collection(lines))


def order_body(order: Order, *, tenant: Tenant, now: datetime.datetime) -> JsonObject:
    """The order as the service shows it; the subscriptions are named once they are provisioned."""
    is_provisioned = now >= order.visible_at
    path = f"/customers/{tenant.id}/orders/{order.id}"
    market = market_of(tenant.country)
    lines = [_line_body(line, tenant=tenant, is_provisioned=is_provisioned) for line in order.lines]
    return {
        "id": order.id,
        "alternateId": order.id,
        "referenceCustomerId": tenant.id,
        "billingCycle": order.lines[0].billing_cycle,
        "currencyCode": market.currency,
        "currencySymbol": market.symbol,
        "lineItems": lines,
        "creationDate": instant(order.created_at),
        "status": "completed" if is_provisioned else "pending",
        "transactionType": "UserPurchase",
        "links": {
            "self": link(path),
            "provisioningStatus": link(f"{path}/provisioningstatus"),
            "patchOperation": link(path, method="PATCH"),
        },
        "totalPrice": number(sum((_line_price(line, tenant=tenant) for line in order.lines), Decimal())),
        "client": {},
        "attributes": {"objectType": "Order"},
    }


def _check_may_buy(call: Call, *, tenant: Tenant, cart: Cart) -> None:
    if tenant.validation_status in _REFUSED_BY_REVIEW:
        raise PartnerRefusal(_REFUSED_BY_REVIEW[tenant.validation_status])
    if not (tenant.agreements or tenant.is_signed_directly):
        raise PartnerRefusal(13605)
    if any(line.problem is not None for line in cart.lines):
        raise PartnerRefusal(800009)
    generation = call.store.catalog_generation
    for line in cart.lines:
        sku = load_catalog().find_sku(line.catalog_item_id)
        current = sku.catalog_item_id(country=tenant.country, generation=generation) if sku else None
        if current != line.catalog_item_id.upper():
            raise PartnerRefusal(400019)


def _buy(
    cart: Cart, *, tenant: Tenant, now: datetime.datetime, delay: datetime.timedelta
) -> tuple[list[Order], list[JsonObject]]:
    groups: dict[str, list[CartLine]] = collections.defaultdict(list)
    for line in cart.lines:
        groups[order_group(line)].append(line)
    orders: list[Order] = []
    errors: list[JsonObject] = []
    for group, lines in groups.items():
        problem = _group_problem(lines, tenant=tenant)
        if problem is None:
            orders.append(_place_order(lines, tenant=tenant, now=now, delay=delay))
        else:
            errors.append({"orderGroupId": group, **problem})
    return orders, errors


def _group_problem(lines: list[CartLine], *, tenant: Tenant) -> JsonObject | None:
    wanted: collections.Counter[str] = collections.Counter()
    for line in lines:
        wanted[_sku_key(line.catalog_item_id)] += line.quantity
    for key, quantity in wanted.items():
        room = room_for_sku(tenant, sku=load_catalog().skus[key])
        if quantity > room:
            return {"code": 800088, "description": PARTNER_ERRORS[800088][1].format(quantity, room)}
    return None


def _place_order(lines: list[CartLine], *, tenant: Tenant, now: datetime.datetime, delay: datetime.timedelta) -> Order:
    order = Order(id=new_order_id(), created_at=now, visible_at=now + delay, lines=[])
    for line in lines:
        subscription = open_subscription(
            tenant,
            order_id=order.id,
            offer_id=line.catalog_item_id,
            name=line.friendly_name,
            quantity=line.quantity,
            term=line.term_duration,
            cycle=line.billing_cycle,
            now=now,
            delay=delay,
            end_date=line.custom_term_end_date,
        )
        placed = OrderLine(
            number=line.number,
            offer_id=line.catalog_item_id,
            quantity=line.quantity,
            term_duration=line.term_duration,
            billing_cycle=line.billing_cycle,
            friendly_name=line.friendly_name,
            subscription_id=subscription.id,
        )
        order.lines.append(placed)
    tenant.orders[order.id] = order
    return order


def _find_order(call: Call, *, tenant: Tenant) -> Order:
    order = tenant.orders.get(call.names["order"].lower())
    if order is None or call.now < order.visible_at:
        raise PartnerRefusal(20000)
    return order


def _line_body(line: OrderLine, *, tenant: Tenant, is_provisioned: bool) -> JsonObject:
    sku = load_catalog().skus[_sku_key(line.offer_id)]
    term, cycle = line.term_duration, line.billing_cycle
    body: JsonObject = {
        "lineItemNumber": line.number,
        "offerId": line.offer_id,
        "termDuration": line.term_duration,
        "transactionType": "New",
        "friendlyName": line.friendly_name,
        "quantity": line.quantity,
        "pricing": pricing_body(sku, country=tenant.country, term=term, cycle=cycle, quantity=line.quantity),
        "links": offer_links(sku, availability_id=line.offer_id.rpartition(":")[2], country=tenant.country),
    }
    return body | ({"subscriptionId": line.subscription_id} if is_provisioned else {})


def _line_price(line: OrderLine, *, tenant: Tenant) -> Decimal:
    sku = load_catalog().skus[_sku_key(line.offer_id)]
    term, cycle = line.term_duration, line.billing_cycle
    price = sku.cycle_price(market=market_of(tenant.country), term=term, cycle=cycle)
    return price * TERMS[term, cycle][0] * line.quantity


def _sku_key(offer_id: str) -> str:
    return offer_id.rpartition(":")[0].upper()
