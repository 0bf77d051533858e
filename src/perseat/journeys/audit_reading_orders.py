"""Audit reading of orders: accepted quotes with all that they rested on, what they changed, and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.ordering.credit_basis import basis_in
from perseat.capabilities.ordering.models import Order, OrderEvent, OrderLine, Quote, QuoteLine
from perseat.capabilities.provisioning.models import Delivery
from perseat.domain.audit_facts import AuditedLine, AuditedOrder, AuditedOrderLine, AuditedQuote
from perseat.domain.quote import Line, LineKind, LineReason
from perseat.journeys.quote_inputs import read_inputs
from perseat.journeys.service_state import fingerprint

_Row = TypeVar("_Row")
# What a quote says beside its figures, in JSON that takes a while to read; it follows from what is compared.
_NOT_COMPARED = ("recurring", "decreases", "taxes", "people")


def grouped(pairs: Iterable[tuple[Any, _Row]]) -> dict[Any, list[_Row]]:
    """Rows by their key, in the order they come."""
    found: dict[Any, list[_Row]] = defaultdict(list)
    for key, row in pairs:
        found[key].append(row)
    return dict(found)


def read_orders(customers: Mapping[int, Customer]) -> dict[int, list[AuditedOrder]]:
    """Orders of each of these customers, oldest first."""
    rows = list(
        Order.objects.filter(customer__in=customers)
        .select_related("quote")
        .defer(*(f"quote__{name}" for name in _NOT_COMPARED))
        .order_by("pk")
    )
    ids = [row.pk for row in rows]
    codes = edition_codes()
    quoted = grouped(
        (line.quote_id, line)
        for line in QuoteLine.objects.filter(quote__in=[row.quote_id for row in rows]).order_by("quote", "number")
    )
    lines = grouped(
        (line.order_id, line)
        for line in OrderLine.objects.filter(order__in=ids).select_related("offer__edition").order_by("pk")
    )
    events = grouped(
        (order_id, (state, at))
        for order_id, state, at in OrderEvent.objects.filter(order__in=ids)
        .order_by("pk")
        .values_list("order_id", "state", "at")
    )
    done = grouped(
        (order_id, (exchanges[0]["source"], code, seats))
        for order_id, exchanges, code, seats in Delivery.objects.filter(order__in=ids, upgraded_seats__gt=0)
        .order_by("pk")
        .values_list("order_id", "exchanges", "subscription__offer__edition__code", "upgraded_seats")
    )
    documents = grouped(Document.objects.filter(order__in=ids).order_by("pk").values_list("order_id", "pk"))
    return grouped(
        (
            row.customer_id,
            AuditedOrder(
                order_id=row.pk,
                service_id=row.service_id,
                state=row.state,
                is_return=row.is_return,
                accepted_at=row.accepted_at,
                effective_on=row.effective_on,
                lines=tuple(_order_line(line) for line in lines.get(row.pk, ())),
                events=tuple(events.get(row.pk, ())),
                upgrades=tuple((each["source"], each["target"], each["seats"]) for each in row.quote.upgrades),
                done_upgrades=tuple(done.get(row.pk, ())),
                document_ids=tuple(documents.get(row.pk, ())),
                quote=_quote(row.quote, quoted.get(row.quote_id, ()), order_id=row.pk, codes=codes),
            ),
        )
        for row in rows
    )


def _order_line(row: OrderLine) -> AuditedOrderLine:
    return AuditedOrderLine(
        edition=row.offer.edition.code,
        seats_before=row.seats_before,
        seats_now=row.seats_now,
        planned=row.planned_seats,
        unit_price=row.unit_price,
    )


def _quote(row: Quote, lines: Sequence[QuoteLine], *, order_id: int, codes: Mapping[int | None, str]) -> AuditedQuote:
    inputs, is_same = None, row.inputs is None
    if row.inputs is not None:
        try:
            inputs = read_inputs(row.inputs)
            is_same = fingerprint(inputs.state) == row.inputs_fingerprint
        except ValueError:
            is_same = False
    return AuditedQuote(
        lines=tuple(read_line(line, codes) for line in lines),
        due_today_minor=row.due_today_minor,
        name=f"quote of order {order_id}",
        day=row.day,
        made_at=row.made_at,
        net_minor=row.net_minor,
        tax_minor=row.tax_minor,
        from_balance_minor=row.from_balance_minor,
        to_pay_minor=row.to_pay_minor,
        recurring_total_minor=row.recurring_total_minor,
        next_charge_on=row.next_charge_on,
        outcomes=tuple((each["code"], each["now"], each["planned_after"]) for each in row.outcomes),
        wanted=inputs.wanted if inputs else row.wanted,
        state=inputs.state if inputs else None,
        is_same_state=is_same,
    )


def edition_codes() -> dict[int | None, str]:
    """Every edition's code by its id, and "" for none: read once instead of with each line."""
    return {None: "", **dict(Edition.objects.values_list("pk", "code"))}


def read_line(row: DocumentLine | QuoteLine, codes: Mapping[int | None, str]) -> AuditedLine:
    """An issued or quoted line as a value."""
    issued = row if isinstance(row, DocumentLine) else None
    credited = row.credits_line_id if isinstance(row, DocumentLine) else row.credits_line
    restored = row.restores_line_id if isinstance(row, DocumentLine) else row.restores_line
    return AuditedLine(
        line_id=row.pk,
        number=row.number,
        subscription_id=issued.subscription_id if issued else None,
        original_id=issued.original_line_id if issued else None,
        tax_minor=row.tax_minor,
        line=Line(
            kind=LineKind(row.kind),
            reason=LineReason(row.reason),
            edition=codes[row.edition_id],
            seats=row.seats,
            start=row.start,
            end=row.end,
            days=row.days,
            period_days=row.period_days,
            unit_price=row.unit_price,
            amount_minor=row.amount_minor,
            tax_category=row.tax_category,
            tax_rate=row.tax_rate,
            credits=str(credited) if credited else None,
            restores=str(restored) if restored else None,
            partner=codes[row.partner_id] or None,
            basis=basis_in(row),
        ),
    )
