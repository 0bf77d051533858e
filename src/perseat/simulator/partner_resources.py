"""Shapes all Partner Center resources share: links, collections, folded request bodies, and the customer of a call."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from perseat.simulator.calls import Call
from perseat.simulator.catalog import CatalogSku, Market, load_catalog
from perseat.simulator.credentials import PARTNER_TENANT
from perseat.simulator.messages import JsonObject
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.store import Tenant


def link(uri: str, *, method: str = "GET") -> JsonObject:
    """A link of a resource; its address has neither host nor version."""
    return {"uri": uri, "method": method, "headers": []}


def collection(items: Sequence[Any], *, uri: str | None = None) -> JsonObject:
    """A collection resource holding all items."""
    body: JsonObject = {"totalCount": len(items), "items": list(items)}
    if uri is not None:
        body["links"] = {"self": link(uri)}
    return body | {"attributes": {"objectType": "Collection"}}


def offer_links(sku: CatalogSku, *, availability_id: str, country: str) -> JsonObject:
    """The links of an order line or subscription into the catalog."""
    product = f"/products/{sku.product_id}"
    path = f"{product}/skus/{sku.sku_id}"
    return {
        "product": link(f"{product}?country={country}"),
        "sku": link(f"{path}?country={country}"),
        "availability": link(f"{path}/availabilities/{availability_id}?country={country}"),
    }


def find_tenant(call: Call) -> Tenant:
    """The customer named in the path.

    :raises PartnerRefusal: 20002 when the partner has no such customer.
    """
    customer_id = call.names["customer"].lower()
    tenant = call.store.tenants.get(customer_id)
    if tenant is None or not tenant.is_customer:
        raise PartnerRefusal(20002, PARTNER_TENANT, customer_id)
    return tenant


def market_of(country: str) -> Market:
    """The market of a country.

    :raises PartnerRefusal: 800070 when nothing is sold there.
    """
    market = load_catalog().markets.get(country.upper())
    if market is None:
        raise PartnerRefusal(800070)
    return market


def read_body(call: Call) -> JsonObject:
    """The body with all names in lower case, as the service ignores their case.

    :raises PartnerRefusal: 800002 when it is no JSON object.
    """
    try:
        body = call.request.json()
    except ValueError as problem:
        raise PartnerRefusal(800002) from problem
    if not isinstance(body, dict):
        raise PartnerRefusal(800002)
    folded: JsonObject = fold_names(body)
    return folded


def fold_names(value: Any) -> Any:
    """The same JSON value with all names in lower case."""
    if isinstance(value, dict):
        return {name.lower(): fold_names(item) for name, item in value.items()}
    if isinstance(value, list):
        return [fold_names(item) for item in value]
    return value


def read_object(body: JsonObject, name: str) -> JsonObject:
    """An object inside a folded body.

    :raises PartnerRefusal: 3000 when it is missing or something else.
    """
    value = body.get(name)
    if not isinstance(value, dict):
        raise PartnerRefusal(3000, name)
    return value


def read_text(body: JsonObject, name: str) -> str:
    """A text inside a folded body.

    :raises PartnerRefusal: 3000 when it is missing, empty or something else.
    """
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise PartnerRefusal(3000, name)
    return value.strip()


def number(amount: Decimal) -> float:
    """An amount as the JSON number the service sends; only here, at the edge, does it become one."""
    return float(amount)


def require_person(call: Call) -> None:
    """Refuse a token that was asked for without a person.

    :raises PartnerRefusal: 900329.
    """
    if call.token.is_app_only:
        raise PartnerRefusal(900329)
