"""Products, SKUs and availabilities."""

from __future__ import annotations

from perseat.simulator.calls import Call
from perseat.simulator.catalog import TERMS, CatalogSku, load_catalog
from perseat.simulator.messages import Answer, JsonObject
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.partner_resources import collection, find_tenant, link, market_of
from perseat.simulator.router import Router

_TERM_WORDS = {"P1M": "One-Month", "P1Y": "One-Year", "P3Y": "Three-Year"}


def add_routes(router: Router) -> None:
    """Answer the catalog's addresses, for a country and for a customer."""
    for start in ("/v1", "/v1/customers/{customer}"):
        router.add("GET", f"{start}/products", list_products)
        router.add("GET", f"{start}/products/{{product}}", get_product)
        router.add("GET", f"{start}/products/{{product}}/skus", list_skus)
        router.add("GET", f"{start}/products/{{product}}/skus/{{sku}}", get_sku)
        router.add("GET", f"{start}/products/{{product}}/skus/{{sku}}/availabilities", list_availabilities)
        one = f"{start}/products/{{product}}/skus/{{sku}}/availabilities/{{availability}}"
        router.add("GET", one, get_availability)


def list_products(call: Call) -> Answer:
    """All products; only the view of online services holds any."""
    country = _country(call)
    view = call.request.query.get("targetView", "").lower()
    if not view:
        raise PartnerRefusal(3000, "targetView")
    skus = load_catalog().skus.values() if view == "onlineservices" else ()
    products = {sku.product_id: sku for sku in skus}
    body = [_product_body(sku, country=country) for sku in products.values()]
    return Answer(status=200, body=collection(body, uri=f"/products?country={country}&targetView=OnlineServices"))


def get_product(call: Call) -> Answer:
    """One product."""
    country = _country(call)
    return Answer(status=200, body=_product_body(_skus(call)[0], country=country))


def list_skus(call: Call) -> Answer:
    """The SKUs of a product."""
    country = _country(call)
    skus = _skus(call)
    uri = f"/products/{skus[0].product_id}/skus?country={country}"
    return Answer(status=200, body=collection([_sku_body(sku, country=country) for sku in skus], uri=uri))


def get_sku(call: Call) -> Answer:
    """One SKU."""
    return Answer(status=200, body=_sku_body(_sku(call), country=_country(call)))


def list_availabilities(call: Call) -> Answer:
    """The availabilities of a SKU in a country: one, with all its terms."""
    body = _availability_body(_sku(call), country=_country(call), generation=call.store.catalog_generation)
    return Answer(status=200, body=collection([body]))


def get_availability(call: Call) -> Answer:
    """One availability."""
    body = _availability_body(_sku(call), country=_country(call), generation=call.store.catalog_generation)
    if body["id"] != call.names["availability"].upper():
        raise PartnerRefusal(400019)
    return Answer(status=200, body=body)


def _country(call: Call) -> str:
    if "customer" in call.names:
        return find_tenant(call).country
    country = call.request.query.get("country", "")
    if not country:
        raise PartnerRefusal(3000, "country")
    return market_of(country).country


def _skus(call: Call) -> tuple[CatalogSku, ...]:
    skus = load_catalog().product_skus(call.names["product"])
    if not skus:
        raise PartnerRefusal(400013)
    return skus


def _sku(call: Call) -> CatalogSku:
    for sku in _skus(call):
        if sku.sku_id == call.names["sku"].upper():
            return sku
    raise PartnerRefusal(400018)


def _product_body(sku: CatalogSku, *, country: str) -> JsonObject:
    path = f"/products/{sku.product_id}"
    return {
        "id": sku.product_id,
        "title": sku.title,
        "description": sku.title,
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "isMicrosoftProduct": True,
        "publisherName": "Microsoft Corporation",
        "links": {"skus": link(f"{path}/skus?country={country}"), "self": link(f"{path}?country={country}")},
    }


def _sku_body(sku: CatalogSku, *, country: str) -> JsonObject:
    path = f"/products/{sku.product_id}/skus/{sku.sku_id}"
    return {
        "id": sku.sku_id,
        "productId": sku.product_id,
        "title": sku.title,
        "description": sku.title,
        "minimumQuantity": 1,
        "maximumQuantity": sku.maximum_quantity,
        "isTrial": False,
        "supportedBillingCycles": sorted({cycle for _, cycle in TERMS}),
        "purchasePrerequisites": ["MicrosoftCustomerAgreement"],
        "inventoryVariables": [],
        "provisioningVariables": [],
        "actions": ["Refund"],
        "dynamicAttributes": {
            "isMicrosoftProduct": True,
            "hasConstraints": True,
            "isAddon": False,
            "prerequisiteSkus": [],
            "isSoftwareAssuranceApplicable": False,
            "upgradeTargetOffers": list(sku.upgrade_targets),
            "provisioningId": sku.graph_sku_id,
            "internal": False,
        },
        "links": {
            "availabilities": link(f"{path}/availabilities?country={country}"),
            "self": link(f"{path}?country={country}"),
        },
    }


def _availability_body(sku: CatalogSku, *, country: str, generation: int) -> JsonObject:
    market = market_of(country)
    availability_id = sku.availability_id(country=country, generation=generation)
    path = f"/products/{sku.product_id}/skus/{sku.sku_id}/availabilities/{availability_id}"
    terms = [_term_body(term, cycle) for term, cycle in TERMS]
    renewal = {"renewToId": sku.key, "isAutoRenewable": True}
    return {
        "id": availability_id,
        "productId": sku.product_id,
        "skuId": sku.sku_id,
        "catalogItemId": f"{sku.key}:{availability_id}",
        "defaultCurrency": {"code": market.currency, "symbol": market.symbol},
        "segment": "commercial",
        "country": country,
        "isPurchasable": True,
        "isRenewable": True,
        "renewalInstructions": [
            {"applicableTermIds": [term["id"] for term in terms], "renewalOptions": [renewal]},
        ],
        "terms": terms,
        "product": {},
        "sku": {},
        "links": {"self": link(f"{path}?country={country}")},
    }


def _term_body(term: str, cycle: str) -> JsonObject:
    policy = {"refundOptions": [{"sequenceId": 0, "type": "Full", "expiresAfter": "P1D"}]}
    return {
        "id": f"{term}-{cycle}".lower(),
        "duration": term,
        "description": f"{_TERM_WORDS[term]} commitment for {cycle} billing",
        "billingCycle": cycle.capitalize(),
        "cancellationPolicies": [policy],
    }
