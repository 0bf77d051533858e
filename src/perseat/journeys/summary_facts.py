"""Summary facts: the rows that product summaries are made of, for many services at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.invoicing.queries import with_open_amounts
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.queries import Source, list_sources_of
from perseat.capabilities.provisioning.returns import ReturningSeats, list_returning_of
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import LineKind, LineReason
from perseat.journeys.billed_lines import NOT_IN_EFFECT

FINISHED = (OrderState.READY, OrderState.SCHEDULED, OrderState.CANCELLED)


class Charge(NamedTuple):
    """A line that charges seats of a service from `start` to `end` (not included), with the number of its document."""

    line_id: int
    document_id: int
    number: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryFacts:
    """Rows of one service. `documents`: all of them, newest first, those it shares with other services included.

    `unpaid_elsewhere`: the customer's unpaid ones that are not among these, newest first.
    `charges`: lines of documents in effect that charge its seats. `orders`: with their quotes, those that are not
    finished or return seats. `sources`: what the customer's balance is made of. `returning`: seats on their way back.
    """

    documents: tuple[Document, ...]
    unpaid_elsewhere: tuple[Document, ...]
    charges: tuple[Charge, ...]
    orders: tuple[Order, ...]
    sources: tuple[Source, ...]
    returning: tuple[ReturningSeats, ...]

    def document_of(self, order: Order) -> Document | None:
        """What is paid for the order: its first document, or what that was issued again as."""
        found = min(
            (each for each in self.documents if each.order_id == order.pk), key=lambda each: each.pk, default=None
        )
        again = {each.reissues_id: each for each in self.documents if each.reissues_id is not None}
        while found is not None and found.pk in again:
            found = again[found.pk]
        return found


def read_summary_facts(services: Sequence[Service]) -> dict[int, SummaryFacts]:
    """By the services' ids (their customers are read already); the number of queries does not grow with them."""
    ids = [service.pk for service in services]
    documents = _documents(ids)
    unpaid = _unpaid({service.customer_id for service in services})
    charges = _charges(ids)
    orders: dict[int, list[Order]] = {}
    returning = list_returning_of(ids)
    with_returns = [each.order_id for seats in returning.values() for each in seats]
    unfinished = Q(service__in=ids) & ~Q(state__in=[state.value for state in FINISHED])
    rows = Order.objects.filter(unfinished | Q(pk__in=with_returns))
    for order in rows.select_related("quote").order_by("pk"):
        orders.setdefault(order.service_id, []).append(order)
    sources = list_sources_of({service.customer_id for service in services})
    return {
        service.pk: SummaryFacts(
            documents=documents.get(service.pk, ()),
            unpaid_elsewhere=_but(unpaid.get(service.customer_id, ()), documents.get(service.pk, ())),
            charges=charges.get(service.pk, ()),
            orders=tuple(orders.get(service.pk, ())),
            sources=sources.get((service.customer_id, service.customer.currency), ()),
            returning=returning.get(service.pk, ()),
        )
        for service in services
    }


def _documents(service_ids: Sequence[int]) -> dict[int, tuple[Document, ...]]:
    own = set(Document.objects.filter(service__in=service_ids).values_list("service_id", "pk"))
    shared = DocumentLine.objects.filter(subscription__service__in=service_ids)
    own |= set(shared.values_list("subscription__service_id", "document_id").distinct())
    every = Document.objects.filter(pk__in={key for _service_id, key in own})
    rows = with_open_amounts(every.select_related("order").defer("seller", "buyer"))
    by_id = {row.pk: row for row in rows}
    found: dict[int, list[int]] = {}
    for service_id, key in own:
        found.setdefault(service_id, []).append(key)
    return {service_id: tuple(by_id[key] for key in sorted(keys, reverse=True)) for service_id, keys in found.items()}


def _unpaid(customer_ids: Collection[int]) -> dict[int, list[Document]]:
    settled = Coalesce(Sum("allocations__amount_minor"), 0)
    invoices = Document.objects.filter(customer__in=customer_ids, total_minor__gt=0)
    rows = invoices.annotate(open_minor=F("total_minor") - settled).filter(open_minor__gt=0)
    found: dict[int, list[Document]] = {}
    for row in rows.defer("seller", "buyer").order_by("-pk"):
        found.setdefault(row.customer_id, []).append(row)
    return found


def _but(documents: Sequence[Document], those: Sequence[Document]) -> tuple[Document, ...]:
    left_out = {each.pk for each in those}
    return tuple(each for each in documents if each.pk not in left_out)


def _charges(service_ids: Sequence[int]) -> dict[int, tuple[Charge, ...]]:
    of_services = Q(subscription__service__in=service_ids) | Q(subscription=None, document__service__in=service_ids)
    rows = (
        DocumentLine.objects.filter(of_services, kind=LineKind.CHARGE)
        .exclude(reason=LineReason.RESTORED)
        .exclude(document__order__state__in=NOT_IN_EFFECT)
        .annotate(service_key=Coalesce("subscription__service_id", "document__service_id"))
        .order_by("pk")
        .values_list("service_key", "pk", "document_id", "document__number", "start", "end")
    )
    found: dict[int, list[Charge]] = {}
    for service_id, line_id, document_id, number, start, end in rows:
        found.setdefault(service_id, []).append(Charge(line_id, document_id, number, start, end))
    return {service_id: tuple(charges) for service_id, charges in found.items()}
