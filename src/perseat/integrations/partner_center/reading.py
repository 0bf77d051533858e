"""Microsoft's resources read as the port's values: its words end here."""

from __future__ import annotations

from datetime import UTC, datetime

from perseat.integrations.partner_center.record import Record
from perseat.ports.seat_provider import (
    NextTermPlan,
    ReturnableSeats,
    SupplierOffer,
    SupplierStatus,
    SupplierSubscription,
    SupplierTenant,
)

CYCLE_OF = {"monthly": "P1M", "annual": "P1Y", "triennial": "P3Y"}
BILLING_CYCLE_OF = {cycle: name for name, cycle in CYCLE_OF.items()}

_STATUS_OF = {
    "none": SupplierStatus.PENDING,
    "pending": SupplierStatus.PENDING,
    "active": SupplierStatus.ACTIVE,
    "suspended": SupplierStatus.SUSPENDED,
    "expired": SupplierStatus.ENDED,
    "disabled": SupplierStatus.ENDED,
    "deleted": SupplierStatus.ENDED,
}
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def read_subscription(record: Record) -> SupplierSubscription:
    """A subscription; offers are named product:sku:availability, older ones by a single id.

    :raises UnreadableAnswer: without an id or a number of seats: no seats at all would be quite another thing.
    """
    record.must_have("id", "quantity")
    product_id, sku_id, _availability_id = split_offer(record.text("offerId"))
    ends = record.moment("commitmentEndDate") or record.moment("commitmentEndDateTime")
    plan = record.record("scheduledNextTermInstructions")
    return SupplierSubscription(
        subscription_id=record.text("id"),
        product_id=product_id,
        sku_id=sku_id,
        title=record.text("offerName") or record.text("friendlyName"),
        seats=record.number("quantity"),
        status=_STATUS_OF.get(record.text("status").casefold(), SupplierStatus.PENDING),
        term=record.text("termDuration").upper(),
        cycle=CYCLE_OF.get(record.text("billingCycle").casefold(), ""),
        created_at=record.moment("creationDate") or _LONG_AGO,
        started_at=record.moment("effectiveStartDate") or record.moment("creationDate") or _LONG_AGO,
        term_ends_on=ends.date() if ends else None,
        renews_itself=record.is_true("autoRenewEnabled"),
        renewal_seats=plan.number("quantity") if plan.has("quantity") else None,
        returnable=tuple(_returnable(part) for part in record.record("refundableQuantity").records("details")),
        order_id=record.text("orderId"),
        cancellable_until=record.moment("cancellationAllowedUntilDate"),
        is_trial=record.is_true("isTrial"),
        parent_id=record.text("parentSubscriptionId"),
        next_term=_next_term(plan) if plan.raw else None,
        end_actions=tuple(
            action for part in record.records("scheduledActions") if (action := part.text("actionType").strip())
        ),
    )


def _next_term(plan: Record) -> NextTermPlan:
    product, ends = plan.record("product"), plan.moment("customTermEndDate")
    return NextTermPlan(
        product_id=product.text("productId"),
        sku_id=product.text("skuId"),
        term=product.text("termDuration").upper(),
        cycle=CYCLE_OF.get(product.text("billingCycle").casefold(), ""),
        seats=plan.number("quantity") if plan.has("quantity") else None,
        ends_on=ends.date() if ends else None,
    )


def split_offer(offer_id: str) -> tuple[str, str, str]:
    """Product, SKU and availability of an offer id; missing parts are empty."""
    parts = [*offer_id.split(":"), "", ""]
    return parts[0], parts[1], parts[2]


def is_license(record: Record) -> bool:
    """Whether a subscription is of seats, not of metered use such as an Azure plan."""
    kind = record.record("productType").text("id").casefold()
    return kind == "onlineservicesnce" or record.text("billingType").casefold() == "license"


def read_tenant(record: Record, *, has_agreement: bool) -> SupplierTenant:
    """A customer. The country is that of its billing address, as Microsoft prices by it."""
    company, billing = record.record("companyProfile"), record.record("billingProfile")
    return SupplierTenant(
        tenant_id=record.text("id") or company.text("tenantId"),
        company=company.text("companyName") or billing.text("companyName"),
        domain=company.text("domain"),
        country=billing.record("defaultAddress").text("country").upper(),
        has_agreement=has_agreement,
    )


def read_offers(product: Record, *, sku: Record, availability: Record) -> tuple[SupplierOffer, ...]:
    """One offer for each term and charge cycle that the availability has; none when it is not for sale."""
    if not availability.is_true("isPurchasable"):
        return ()
    return tuple(
        SupplierOffer(
            product_id=product.text("id"),
            sku_id=sku.text("id"),
            availability_id=availability.text("id"),
            title=sku.text("title") or product.text("title"),
            directory_sku_id=sku.record("dynamicAttributes").text("provisioningId").lower(),
            term=term.text("duration").upper(),
            cycle=CYCLE_OF[term.text("billingCycle").casefold()],
            minimum_seats=sku.number("minimumQuantity", default=1),
            maximum_seats=sku.number("maximumQuantity", default=1),
        )
        for term in availability.records("terms")
        if term.text("duration") and term.text("billingCycle").casefold() in CYCLE_OF
    )


def _returnable(part: Record) -> ReturnableSeats:
    return ReturnableSeats(seats=part.number("quantity"), until=part.moment("allowedUntilDateTime") or _LONG_AGO)
