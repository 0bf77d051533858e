"""Audit reading of product summaries: what customers read, by the very function that the page calls (rule 18)."""

from __future__ import annotations

from collections.abc import Sequence

from perseat.capabilities.subscriptions.models import Service
from perseat.domain.audit_facts import AuditedLicense, AuditedSummary, CustomerBooks
from perseat.journeys.audit_reading_orders import grouped
from perseat.journeys.product_summary import ProductSummary, list_product_summaries


def read_summaries(books: Sequence[CustomerBooks]) -> dict[int, list[AuditedSummary]]:
    """The summaries of all services of these customers, by the customers' ids."""
    today = {each.customer_id: each.today for each in books}
    services = list(Service.objects.filter(customer__in=today).select_related("customer", "tenant").order_by("pk"))
    found = list_product_summaries(services, today_of={each.pk: today[each.customer_id] for each in services})
    return grouped((each.customer_id, _audited(found[each.pk])) for each in services)


def _audited(summary: ProductSummary) -> AuditedSummary:
    return AuditedSummary(
        service_id=summary.service_id,
        balance_minor=summary.balance.amount_minor,
        owed_minor=summary.owed.amount_minor,
        owed_by=summary.owed.sources,
        paid_to=summary.paid_to.day,
        documents=tuple((each.number, each.total_minor, each.open_minor) for each in summary.documents),
        licenses=tuple(
            AuditedLicense(
                edition=each.edition,
                held=each.held,
                planned=each.planned,
                unit_price=each.unit_price,
                document_numbers=each.document_numbers,
            )
            for each in summary.licenses
        ),
    )
