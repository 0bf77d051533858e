"""Buying at Partner Center: the availability of the day, the basket, the checkout, the order."""

from __future__ import annotations

import json
from uuid import UUID

from perseat.integrations.partner_center.connection import Connection, path_part
from perseat.integrations.partner_center.reading import BILLING_CYCLE_OF, CYCLE_OF
from perseat.integrations.partner_center.record import Record
from perseat.integrations.partner_center.sentences import is_for_staff, plain_facts, sentence_for
from perseat.ports.failures import Refused, Unanswered
from perseat.ports.seat_provider import PreparedPurchase, Purchase

NOT_ON_SALE = "10001"


def prepare(
    connection: Connection,
    tenant_id: str,
    *,
    product_id: str,
    sku_id: str,
    term: str,
    cycle: str,
    seats: int,
    country: str,
    request_id: UUID,
) -> PreparedPurchase:
    """Fill a basket of one line. Availability ids change over time, so today's is fetched just before.

    :raises Refused: for the line too, which Microsoft reports inside a successful answer.
    """
    connection.must_be_allowed_to_write()
    catalog_item_id = find_catalog_item(
        connection, product_id=product_id, sku_id=sku_id, term=term, cycle=cycle, country=country
    )
    line = {
        "id": 0,
        "catalogItemId": catalog_item_id,
        "quantity": seats,
        "billingCycle": BILLING_CYCLE_OF[cycle],
        "termDuration": term,
    }
    path = f"/customers/{path_part(tenant_id)}/carts"
    answer = connection.write("POST", path, body={"lineItems": [line]}, request_id=request_id)
    for refused in (part.record("error") for part in answer.record.records("lineItems")):
        if refused.text("errorCode") or refused.text("errorDescription"):
            raise _line_refusal(refused, correlation_id=answer.correlation_id)
    basket_id = answer.record.text("id")
    if not basket_id:
        raise Unanswered("Partner Center answered without a cart.", correlation_id=answer.correlation_id)
    return PreparedPurchase(basket_id=basket_id)


def find_catalog_item(
    connection: Connection, *, product_id: str, sku_id: str, term: str, cycle: str, country: str
) -> str:
    """Today's product:sku:availability for a term and a charge cycle. :raises Refused: not on sale so."""
    path = f"/products/{path_part(product_id)}/skus/{path_part(sku_id)}/availabilities"
    for availability in connection.list_all(path, params={"country": country}):
        if availability.is_true("isPurchasable") and _has_term(availability, term=term, cycle=cycle):
            return availability.text("catalogItemId") or f"{product_id}:{sku_id}:{availability.text('id')}"
    raise Refused(code=NOT_ON_SALE, sentence=sentence_for(NOT_ON_SALE, description=""))


def complete(connection: Connection, tenant_id: str, *, basket_id: str, request_id: UUID) -> Purchase:
    """Check the basket out. Microsoft gives a basket's first answer again, however often it is checked out."""
    path = f"/customers/{path_part(tenant_id)}/carts/{path_part(basket_id)}/checkout"
    answer = connection.write("POST", path, body=None, request_id=request_id)
    orders = answer.record.records("orders")
    for refused in answer.record.records("orderErrors"):
        code = refused.text("code")
        raise Refused(
            code=code,
            sentence=sentence_for(code, description=refused.text("description")),
            details={"order_ids": " ".join(order.text("id") for order in orders)} if orders else None,
            correlation_id=answer.correlation_id,
            is_for_staff=is_for_staff(code),
        )
    if not orders:
        raise Unanswered("Partner Center answered without an order.", correlation_id=answer.correlation_id)
    return read_purchase(orders[0])


def read_purchase(order: Record) -> Purchase:
    """An order of one line; its subscription's id is missing until it is provisioned."""
    lines = order.records("lineItems")
    return Purchase(order_id=order.text("id"), subscription_id=lines[0].text("subscriptionId") if lines else "")


def _has_term(availability: Record, *, term: str, cycle: str) -> bool:
    return any(
        part.text("duration").upper() == term and CYCLE_OF.get(part.text("billingCycle").casefold()) == cycle
        for part in availability.records("terms")
    )


def _line_refusal(error: Record, *, correlation_id: str) -> Refused:
    code = error.text("errorCode")
    facts = error.raw.get("additionalInformation") or error.raw.get("AdditionalInformation") or {}
    if not isinstance(facts, dict):
        facts = {"additionalInformation": json.dumps(facts)}
    details = {name[:1].lower() + name[1:]: str(value) for name, value in facts.items()}
    words = sentence_for(code, description=error.text("errorDescription"))
    return Refused(
        code=code,
        sentence=f"{words} {plain_facts(details)}".strip(),
        details=details,
        correlation_id=correlation_id,
        is_for_staff=is_for_staff(code),
    )
