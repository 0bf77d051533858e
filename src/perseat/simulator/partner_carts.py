"""Carts: asked for line by line, with the line's own error where a line cannot be had."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from perseat.simulator.calls import Call
from perseat.simulator.catalog import TERMS, CatalogSku, load_catalog
from perseat.simulator.messages import Answer, JsonObject, instant, parse_instant
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.partner_resources import find_tenant, link, market_of, number, read_body
from perseat.simulator.router import Router
from perseat.simulator.seats import room_for_sku, seats_of_sku
from perseat.simulator.store import Cart, CartLine, Tenant
from perseat.simulator.terms import last_day_of_term

CART_LIFETIME = datetime.timedelta(days=7)
_CART_ERRORS = {
    10001: "The catalog item ID is invalid.",
    10010: "The input is invalid.",
    10013: "The billing plan is invalid for the catalog item.",
    10016: "The custom term end date is neither the end of a month nor that of another subscription within the term.",
    10015: "MaxAllowedSeatsPerSubscriptionExceeded",
}


def add_routes(router: Router) -> None:
    """Answer the addresses of carts, but for the checkout."""
    router.add("POST", "/v1/customers/{customer}/carts", create_cart)
    router.add("GET", "/v1/customers/{customer}/carts/{cart}", get_cart)
    router.add("PUT", "/v1/customers/{customer}/carts/{cart}", replace_cart)


def create_cart(call: Call) -> Answer:
    """A new cart; it is made even when lines of it carry errors."""
    tenant = find_tenant(call)
    lines = _read_lines(call, tenant=tenant)
    cart = Cart(
        id=str(uuid.uuid4()),
        created_at=call.now,
        changed_at=call.now,
        expires_at=call.now + CART_LIFETIME,
        lines=lines,
    )
    tenant.carts[cart.id] = cart
    return Answer(status=201, body=cart_body(cart, tenant=tenant))


def get_cart(call: Call) -> Answer:
    """One cart."""
    tenant = find_tenant(call)
    return Answer(status=200, body=cart_body(find_cart(call, tenant=tenant), tenant=tenant))


def replace_cart(call: Call) -> Answer:
    """Other lines for a cart that is still open."""
    tenant = find_tenant(call)
    cart = find_cart(call, tenant=tenant)
    if cart.checkout_answer is not None:
        raise PartnerRefusal(800065, cart.id)
    cart.lines = _read_lines(call, tenant=tenant)
    cart.changed_at = call.now
    return Answer(status=201, body=cart_body(cart, tenant=tenant))


def find_cart(call: Call, *, tenant: Tenant) -> Cart:
    """The cart named in the path.

    :raises PartnerRefusal: 800008 when there is none or when it is past its seven days.
    """
    cart = tenant.carts.get(call.names["cart"].lower())
    if cart is None or (cart.checkout_answer is None and call.now >= cart.expires_at):
        raise PartnerRefusal(800008)
    return cart


def cart_body(cart: Cart, *, tenant: Tenant) -> JsonObject:
    """The cart as the service shows it."""
    return {
        "id": cart.id,
        "creationTimestamp": instant(cart.created_at),
        "lastModifiedTimestamp": instant(cart.changed_at),
        "expirationTimestamp": instant(cart.expires_at),
        "lastModifiedUser": str(uuid.uuid5(uuid.NAMESPACE_URL, "simulator/partner-user")),
        "status": "Active" if cart.checkout_answer is None else "Ordered",
        "lineItems": [_line_body(line, tenant=tenant) for line in cart.lines],
        "links": {"self": link(f"/customers/{tenant.id}/carts/{cart.id}")},
        "attributes": {"objectType": "Cart"},
    }


def order_group(line: CartLine) -> str:
    """Lines of one billing cycle and term go into one order."""
    kinds = sorted(TERMS)
    return str(kinds.index((line.term_duration, line.billing_cycle)))


def pricing_body(sku: CatalogSku, *, country: str, term: str, cycle: str, quantity: int) -> JsonObject:
    """List price of a charge cycle, and of all cycles of the term for all seats, before tax."""
    price = sku.cycle_price(market=market_of(country), term=term, cycle=cycle)
    cycles = TERMS[term, cycle][0]
    each = dict.fromkeys(("listPrice", "discountedPrice", "proratedPrice", "price"), number(price))
    return {**each, "extendedPrice": number(price * cycles * quantity)}


def _read_lines(call: Call, *, tenant: Tenant) -> list[CartLine]:
    entries = read_body(call).get("lineitems")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise PartnerRefusal(800002)
    return [_read_line(call, entry, position, tenant=tenant) for position, entry in enumerate(entries)]


def _read_line(call: Call, entry: JsonObject, position: int, *, tenant: Tenant) -> CartLine:
    item = str(entry.get("catalogitemid") or "")
    sku = load_catalog().find_sku(item) if item.count(":") == 2 else None
    line = CartLine(
        number=_whole_number(entry.get("id"), otherwise=position),
        catalog_item_id=item,
        quantity=_whole_number(entry.get("quantity"), otherwise=0),
        term_duration=str(entry.get("termduration") or ""),
        billing_cycle=str(entry.get("billingcycle") or "").lower(),
        friendly_name=str(entry.get("friendlyname") or (sku.title if sku else "")),
    )
    line.problem = _line_problem(call, line, sku=sku, tenant=tenant)
    if line.problem is None and entry.get("customtermenddate"):
        _set_end_date(line, str(entry["customtermenddate"]), tenant=tenant, today=call.now.date())
    return line


def _whole_number(value: Any, *, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _line_problem(call: Call, line: CartLine, *, sku: CatalogSku | None, tenant: Tenant) -> JsonObject | None:
    generation = call.store.catalog_generation
    if sku is None or line.catalog_item_id.upper() != sku.catalog_item_id(
        country=tenant.country, generation=generation
    ):
        return _problem(10001)
    if (line.term_duration, line.billing_cycle) not in TERMS:
        return _problem(10013)
    if line.quantity < 1:
        return _problem(10010)
    room = room_for_sku(tenant, sku=sku)
    if line.quantity > room:
        purchased = seats_of_sku(tenant, sku_key=sku.key)
        return _problem(10015) | {
            "additionalInformation": {"availableQuantity": room, "purchasedQuantity": purchased},
        }
    return None


def _set_end_date(line: CartLine, text: str, *, tenant: Tenant, today: datetime.date) -> None:
    """Let the first term end with a month or with another subscription, within its full length."""
    try:
        end_date = parse_instant(text).date()
    except ValueError:
        line.problem = _problem(10016)
        return
    is_month_end = (end_date + datetime.timedelta(days=1)).day == 1
    ends = {one.end_date for one in tenant.subscriptions.values() if one.status == "active"}
    is_within = today <= end_date <= last_day_of_term(today, term=line.term_duration)
    if is_within and (is_month_end or end_date in ends):
        line.custom_term_end_date = end_date
    else:
        line.problem = _problem(10016)


def _problem(code: int) -> JsonObject:
    return {"errorCode": str(code), "errorDescription": _CART_ERRORS[code]}


def _line_body(line: CartLine, *, tenant: Tenant) -> JsonObject:
    body: JsonObject = {
        "id": line.number,
        "catalogItemId": line.catalog_item_id,
        "quantity": line.quantity,
        "currencyCode": market_of(tenant.country).currency,
        "billingCycle": line.billing_cycle,
        "termDuration": line.term_duration,
        "friendlyName": line.friendly_name,
        "provisioningContext": {},
    }
    if line.custom_term_end_date is not None:
        body["customTermEndDate"] = f"{line.custom_term_end_date.isoformat()}T00:00:00Z"
    if line.problem is not None:
        return body | {"error": line.problem}
    sku = load_catalog().skus[line.catalog_item_id.rpartition(":")[0].upper()]
    term, cycle = line.term_duration, line.billing_cycle
    pricing = pricing_body(sku, country=tenant.country, term=term, cycle=cycle, quantity=line.quantity)
    return body | {"orderGroup": order_group(line), "pricing": pricing}
