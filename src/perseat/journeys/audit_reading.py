"""Audit reading: the books of many customers at once, with a number of queries that does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from perseat.capabilities.catalog.models import Price
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.actions import hash_of
from perseat.capabilities.invoicing.models import Document, DocumentLine, DocumentTax
from perseat.capabilities.ledger.models import Account, LedgerLine
from perseat.capabilities.ordering.models import Order, OrderEvent, QuoteLine
from perseat.capabilities.payments.actions import BANK_TRANSFER
from perseat.capabilities.payments.models import Allocation, Payment
from perseat.capabilities.renewals.models import RenewedPeriod
from perseat.capabilities.subscriptions.models import SeatMovement, Service, ServiceState, Subscription
from perseat.domain.audit_facts import (
    AuditedAllocation,
    AuditedDocument,
    AuditedEntry,
    AuditedLine,
    AuditedMovement,
    AuditedPayment,
    AuditedPeriod,
    AuditedQuote,
    AuditedService,
    AuditedSubscription,
    CustomerBooks,
)
from perseat.domain.calendar import Period, local_day
from perseat.domain.fulfillment import PaymentState
from perseat.domain.quote import DocumentKind, Line, LineKind, LineReason, TaxSum
from perseat.journeys.billed_lines import NOT_IN_EFFECT
from perseat.journeys.service_state import rhythm_of

_Row = TypeVar("_Row")
Prices = Mapping[tuple[int, str, bool], tuple[tuple[date, Decimal], ...]]


def load_books(customer_ids: Sequence[int], *, now: datetime) -> tuple[CustomerBooks, ...]:
    """The books of these customers, in the order of their ids."""
    customers = {each.pk: each for each in Customer.objects.filter(pk__in=customer_ids).order_by("pk")}
    allocations = list(Allocation.objects.filter(document__customer__in=customers).order_by("pk"))
    documents = _documents(customers, allocations)
    payments = _payments(customers, allocations)
    entries = _entries([each.number for each in customers.values()])
    services = _services(customers)
    numbers = {each.document_id: each.number for rows in documents.values() for each in rows}
    owners = {each.document_id: owner for owner, rows in documents.items() for each in rows}
    by_owner = _grouped((owners[each.document_id], each) for each in allocations)
    return tuple(
        CustomerBooks(
            customer_id=customer.pk,
            number=customer.number,
            currency=customer.currency,
            today=local_day(now, customer.time_zone),
            now=now,
            documents=tuple(documents.get(customer.pk, ())),
            payments=tuple(payments.get(customer.pk, ())),
            allocations=tuple(
                AuditedAllocation(
                    allocation_id=each.pk,
                    document_number=numbers[each.document_id],
                    currency=each.currency,
                    amount_minor=each.amount_minor,
                )
                for each in by_owner.get(customer.pk, ())
            ),
            entries=tuple(entries.get(customer.number, ())),
            services=tuple(services.get(customer.pk, ())),
        )
        for customer in customers.values()
    )


def _grouped(pairs: Iterable[tuple[Any, _Row]]) -> dict[Any, list[_Row]]:
    found: dict[Any, list[_Row]] = defaultdict(list)
    for key, row in pairs:
        found[key].append(row)
    return dict(found)


def _documents(
    customers: Mapping[int, Customer], allocations: Sequence[Allocation]
) -> dict[int, list[AuditedDocument]]:
    rows = list(Document.objects.filter(customer__in=customers).order_by("pk"))
    ids = [row.pk for row in rows]
    lines = _grouped(
        (line.document_id, line)
        for line in DocumentLine.objects.filter(document__in=ids)
        .select_related("edition", "partner")
        .order_by("document", "number")
    )
    taxes = _grouped((tax.document_id, tax) for tax in DocumentTax.objects.filter(document__in=ids).order_by("pk"))
    orders = {order.pk: order for order in Order.objects.filter(customer__in=customers).select_related("quote")}
    quotes = _quotes(orders)
    effects = _effects(orders)
    settled: dict[int, int] = defaultdict(int)
    used: dict[int, int] = defaultdict(int)
    for each in allocations:
        settled[each.document_id] += each.amount_minor
        if each.credit_note_id is not None:
            used[each.credit_note_id] += each.amount_minor
    found: dict[int, list[AuditedDocument]] = defaultdict(list)
    seen: set[int] = set()
    for row in rows:
        # An order's own document is its first; one of a return that could not be copied from the quote says why.
        is_first = row.order_id is not None and row.order_id not in seen and not row.reason
        if row.order_id is not None:
            seen.add(row.order_id)
        own_lines, own_taxes = lines.get(row.pk, []), taxes.get(row.pk, [])
        found[row.customer_id].append(
            AuditedDocument(
                document_id=row.pk,
                number=row.number,
                kind=DocumentKind(row.kind),
                service_id=row.service_id,
                corrects_id=row.corrects_id,
                issued_on=row.issued_on,
                issued_at=row.issued_at,
                due_on=row.due_on,
                currency=row.currency,
                net_minor=row.net_minor,
                tax_minor=row.tax_minor,
                total_minor=row.total_minor,
                prices_include_tax=row.prices_include_tax,
                lines=tuple(_line(line) for line in own_lines),
                taxes=tuple(
                    TaxSum(category=tax.category, rate=tax.rate, net_minor=tax.net_minor, tax_minor=tax.tax_minor)
                    for tax in own_taxes
                ),
                expected_hash=hash_of(row, lines=own_lines, taxes=own_taxes),
                found_hash=row.content_hash,
                settled_minor=settled[row.pk],
                used_minor=used[row.pk],
                quote=quotes.get(row.order_id or 0) if is_first else None,
                effects=effects.get(row.order_id or 0, ()) if row.order_id is not None else None,
            )
        )
    return found


def _quotes(orders: Mapping[int, Order]) -> dict[int, AuditedQuote]:
    by_quote = _grouped(
        (line.quote_id, line)
        for line in QuoteLine.objects.filter(quote__order__in=orders)
        .select_related("edition", "partner")
        .order_by("quote", "number")
    )
    return {
        order.pk: AuditedQuote(
            lines=tuple(_line(line) for line in by_quote.get(order.quote_id, ())),
            due_today_minor=order.quote.due_today_minor,
        )
        for order in orders.values()
    }


def _effects(orders: Mapping[int, Order]) -> dict[int, tuple[tuple[datetime, bool], ...]]:
    events = OrderEvent.objects.filter(order__in=orders).order_by("pk").values_list("order_id", "at", "state")
    pairs = _grouped((order_id, (at, state not in NOT_IN_EFFECT)) for order_id, at, state in events)
    return {order_id: tuple(moves) for order_id, moves in pairs.items()}


def _line(row: DocumentLine | QuoteLine) -> AuditedLine:
    issued = row if isinstance(row, DocumentLine) else None
    credited = row.credits_line_id if isinstance(row, DocumentLine) else row.credits_line
    restored = row.restores_line_id if isinstance(row, DocumentLine) else row.restores_line
    return AuditedLine(
        line_id=row.pk,
        number=row.number,
        subscription_id=issued.subscription_id if issued else None,
        tax_minor=row.tax_minor,
        line=Line(
            kind=LineKind(row.kind),
            reason=LineReason(row.reason),
            edition=row.edition.code if row.edition else "",
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
            partner=row.partner.code if row.partner else None,
        ),
    )


def _payments(customers: Mapping[int, Customer], allocations: Sequence[Allocation]) -> dict[int, list[AuditedPayment]]:
    used: dict[int, int] = defaultdict(int)
    for each in allocations:
        if each.payment_id is not None:
            used[each.payment_id] += each.amount_minor
    return _grouped(
        (
            row.customer_id,
            AuditedPayment(
                payment_id=row.pk,
                name=row.bank_reference or row.gateway_reference or str(row.pk),
                account=Account.BANK if row.method == BANK_TRANSFER else Account.GATEWAY,
                currency=row.currency,
                amount_minor=row.amount_minor,
                is_received=row.state in (PaymentState.SUCCEEDED, PaymentState.REVERSED),
                is_reversed=row.state == PaymentState.REVERSED,
                used_minor=used[row.pk],
            ),
        )
        for row in Payment.objects.filter(customer__in=customers).order_by("pk")
    )


def _entries(customer_numbers: Sequence[str]) -> dict[str, list[AuditedEntry]]:
    sides: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
    rows = LedgerLine.objects.filter(entry__customer_number__in=customer_numbers).order_by("entry", "pk")
    names = ("entry__customer_number", "entry__idempotency_key", "account", "currency", "amount_minor")
    for number, key, account, currency, amount in rows.values_list(*names):
        amounts = sides.setdefault((number, key), {})
        amounts[(account, currency)] = amounts.get((account, currency), 0) + amount
    return _grouped((number, AuditedEntry(key=key, amounts=amounts)) for (number, key), amounts in sides.items())


def _services(customers: Mapping[int, Customer]) -> dict[int, list[AuditedService]]:
    rows = list(Service.objects.filter(customer__in=customers).order_by("pk"))
    ids = [row.pk for row in rows]
    movements = _grouped(
        (row.subscription_id, row) for row in SeatMovement.objects.filter(subscription__service__in=ids).order_by("pk")
    )
    held = Subscription.objects.filter(service__in=ids).select_related("offer__edition").order_by("pk")
    subscriptions = _grouped((row.service_id, row) for row in held)
    prices = _prices({row.offer_id for rows in subscriptions.values() for row in rows})
    periods = _grouped(
        (row.service_id, row) for row in RenewedPeriod.objects.filter(service__in=ids).order_by("starts_on")
    )
    ends = _grouped(Order.objects.filter(service__in=ids).values_list("service_id", "quote__period_end"))
    return _grouped(
        (
            row.customer_id,
            AuditedService(
                service_id=row.pk,
                name=row.name,
                rhythm=rhythm_of(row),
                billing_starts_on=row.billing_starts_on,
                billed_through=row.billed_through,
                is_running=row.state == ServiceState.ACTIVE,
                subscriptions=tuple(
                    _subscription(
                        each,
                        movements=movements.get(each.pk, ()),
                        prices=prices.get((each.offer_id, *_list_of(customers[row.customer_id])), ()),
                    )
                    for each in subscriptions.get(row.pk, ())
                ),
                periods=tuple(
                    AuditedPeriod(
                        period=Period(each.starts_on, each.ends_on),
                        document_id=each.document_id,
                        renewed_at=each.renewed_at,
                    )
                    for each in periods.get(row.pk, ())
                ),
                begun_through=tuple(ends.get(row.pk, ())),
            ),
        )
        for row in rows
    )


def _prices(offer_ids: set[int]) -> Prices:
    rows = Price.objects.filter(offer__in=offer_ids).order_by("starts_on")
    pairs = _grouped(((row.offer_id, row.currency, row.includes_tax), (row.starts_on, row.unit_price)) for row in rows)
    return {key: tuple(dated) for key, dated in pairs.items()}


def _list_of(customer: Customer) -> tuple[str, bool]:
    return customer.currency, customer.prices_include_tax


def _subscription(
    row: Subscription, *, movements: Sequence[SeatMovement], prices: tuple[tuple[date, Decimal], ...]
) -> AuditedSubscription:
    return AuditedSubscription(
        subscription_id=row.pk,
        edition=row.offer.edition.code,
        position=row.offer.edition.position,
        held=row.held_seats,
        planned=row.planned_seats,
        started_on=row.started_on,
        term_started_on=row.term_started_on,
        movements=tuple(
            AuditedMovement(
                effective_on=each.effective_on,
                recorded_at=each.recorded_at,
                seats=each.seats,
                planned=each.planned_seats,
                is_renewal=each.cause == "renewal",
                is_adoption=each.cause.startswith("adopted"),
            )
            for each in movements
        ),
        prices=prices,
    )
