"""What a document's seats will cost us at the supplier, estimated from the dated costs; for the staff only."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from perseat.capabilities.catalog.models import SupplierCost
from perseat.capabilities.invoicing.models import DocumentLine
from perseat.domain.cost_estimate import estimate_cost_minor
from perseat.domain.money import get_currency
from perseat.domain.quote import LineKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEstimate:
    """An amount in minor units of the supplier's currency; `unknown_lines`: how many lines no cost is known of."""

    currency: str
    amount_minor: int
    unknown_lines: int


def estimate_costs(document_number: str) -> tuple[CostEstimate, ...]:
    """Per currency of the supplier's; empty for a document without any line whose cost is known.

    A line costs what its term's first day cost, as the supplier keeps its price for the term. Credits count against.
    """
    lines = DocumentLine.objects.filter(
        document__number=document_number, edition__isnull=False, document__service__isnull=False
    )
    totals: dict[str, int] = {}
    unknown = 0
    for line in lines.select_related("subscription", "edition", "document__service").order_by("number"):
        cost = _cost_of(line)
        if cost is None:
            unknown += 1
            continue
        amount = estimate_cost_minor(
            unit_cost=cost.unit_cost,
            seats=line.seats,
            days=line.days,
            period_days=line.period_days,
            currency=get_currency(cost.currency),
        )
        sign = -1 if line.kind == LineKind.CREDIT else 1
        totals[cost.currency] = totals.get(cost.currency, 0) + sign * amount
    return tuple(
        CostEstimate(currency=currency, amount_minor=amount, unknown_lines=unknown)
        for currency, amount in sorted(totals.items())
    )


def _cost_of(line: DocumentLine) -> SupplierCost | None:
    edition, service = line.edition, line.document.service
    if edition is None or service is None:
        return None
    # Of a document of an earlier term, the present term's first day comes after the line.
    day = min(line.subscription.term_started_on, line.start) if line.subscription else line.start
    known = SupplierCost.objects.filter(
        market=settings.PERSEAT.provider_country,
        product_id=edition.supplier_product_id,
        sku_id=edition.supplier_sku_id,
        term=service.term,
        cycle=service.cycle,
        starts_on__lte=day,
    )
    return known.order_by("-starts_on").first()
