"""Audit reading: the books of many customers at once, with a number of queries that does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.actions import hash_of
from perseat.capabilities.invoicing.models import Document, DocumentLine, DocumentTax
from perseat.capabilities.ledger.models import Account, LedgerEntry, LedgerLine
from perseat.capabilities.payments.actions import BANK_TRANSFER, source_words
from perseat.capabilities.payments.models import Allocation, Payment, Repayment
from perseat.domain.audit_facts import (
    AuditedAllocation,
    AuditedDocument,
    AuditedEntry,
    AuditedOrder,
    AuditedPayment,
    AuditedRepayment,
    CustomerBooks,
)
from perseat.domain.calendar import local_day
from perseat.domain.fulfillment import PaymentState, RepaymentState
from perseat.domain.parties import TaxTreatment, category_of_treatment
from perseat.domain.quote import DocumentKind, TaxSum
from perseat.journeys.audit_reading_orders import edition_codes, grouped, read_line, read_orders
from perseat.journeys.audit_reading_services import read_services, read_tax_rates
from perseat.journeys.billed_lines import NOT_IN_EFFECT


def load_books(customer_ids: Sequence[int], *, now: datetime) -> tuple[CustomerBooks, ...]:
    """The books of these customers, in the order of their ids."""
    customers = {each.pk: each for each in Customer.objects.filter(pk__in=customer_ids).order_by("pk")}
    of_customers = Q(document__customer__in=customers) | Q(repayment__customer__in=customers)
    allocations = list(Allocation.objects.filter(of_customers).order_by("pk"))
    repayments = _repayments(customers, allocations)
    orders = read_orders(customers)
    documents = _documents(customers, allocations, orders=[each for rows in orders.values() for each in rows])
    payments = _payments(customers, allocations)
    entries = _entries([each.number for each in customers.values()])
    services = read_services(customers)
    tax_rates = read_tax_rates()
    numbers = {each.document_id: each.number for rows in documents.values() for each in rows}
    owners = {each.document_id: owner for owner, rows in documents.items() for each in rows}
    by_owner = grouped((owners[each.document_id], each) for each in allocations if each.document_id is not None)
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
                    source=source_words(payment_id=each.payment_id, credit_note_id=each.credit_note_id),
                    allocated_at=each.allocated_at,
                    document_number=numbers[each.document_id or 0],
                    currency=each.currency,
                    amount_minor=each.amount_minor,
                )
                for each in by_owner.get(customer.pk, ())
            ),
            repayments=tuple(repayments.get(customer.pk, ())),
            entries=tuple(entries.get(customer.number, ())),
            services=tuple(services.get(customer.pk, ())),
            orders=tuple(orders.get(customer.pk, ())),
            tax_rates=tax_rates,
        )
        for customer in customers.values()
    )


def _documents(
    customers: Mapping[int, Customer], allocations: Sequence[Allocation], *, orders: Sequence[AuditedOrder]
) -> dict[int, list[AuditedDocument]]:
    rows = list(Document.objects.filter(customer__in=customers).order_by("pk"))
    ids = [row.pk for row in rows]
    lines = grouped(
        (line.document_id, line)
        for line in DocumentLine.objects.filter(document__in=ids).order_by("document", "number")
    )
    taxes = grouped((tax.document_id, tax) for tax in DocumentTax.objects.filter(document__in=ids).order_by("pk"))
    by_id = {order.order_id: order for order in orders}
    codes = edition_codes()
    settled: dict[int, int] = defaultdict(int)
    used: dict[int, int] = defaultdict(int)
    for each in allocations:
        if each.document_id is not None:
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
        order = by_id.get(row.order_id or 0)
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
                lines=tuple(read_line(line, codes) for line in own_lines),
                taxes=tuple(
                    TaxSum(category=tax.category, rate=tax.rate, net_minor=tax.net_minor, tax_minor=tax.tax_minor)
                    for tax in own_taxes
                ),
                expected_hash=hash_of(row, lines=own_lines, taxes=own_taxes),
                found_hash=row.content_hash,
                settled_minor=settled[row.pk],
                used_minor=used[row.pk],
                quote=order.quote if order and is_first else None,
                effects=_effects(order) if order else None,
                order_effective_on=order.effective_on if order else None,
                treated=_treated(row.buyer),
            )
        )
    return found


def _effects(order: AuditedOrder) -> tuple[tuple[datetime, bool], ...]:
    return tuple((at, state not in NOT_IN_EFFECT) for state, at in order.events)


def _treated(buyer: Mapping[str, str]) -> str:
    """The tax category that the buyer's treatment gave to everything, "" for none; documents name it."""
    treatment = buyer.get("tax_treatment", "")
    return category_of_treatment(TaxTreatment(treatment)) if treatment in set(TaxTreatment) else ""


def _payments(customers: Mapping[int, Customer], allocations: Sequence[Allocation]) -> dict[int, list[AuditedPayment]]:
    used: dict[int, int] = defaultdict(int)
    for each in allocations:
        if each.payment_id is not None:
            used[each.payment_id] += each.amount_minor
    return grouped(
        (
            row.customer_id,
            AuditedPayment(
                payment_id=row.pk,
                name=row.bank_reference or row.gateway_reference or str(row.pk),
                reference=row.bank_reference or row.gateway_reference,
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


def _repayments(
    customers: Mapping[int, Customer], allocations: Sequence[Allocation]
) -> dict[int, list[AuditedRepayment]]:
    drawn: dict[int, int] = defaultdict(int)
    for each in allocations:
        if each.repayment_id is not None:
            drawn[each.repayment_id] += each.amount_minor
    return grouped(
        (
            row.customer_id,
            AuditedRepayment(
                repayment_id=row.pk,
                account=Account.GATEWAY if row.payment_id else Account.BANK,
                currency=row.currency,
                amount_minor=row.amount_minor,
                is_by_gateway=row.payment_id is not None,
                is_sent=row.state == RepaymentState.SENT,
                is_refused=row.state == RepaymentState.REFUSED,
                drawn_minor=drawn[row.pk],
            ),
        )
        for row in Repayment.objects.filter(customer__in=customers).order_by("pk")
    )


def _entries(customer_numbers: Sequence[str]) -> dict[str, list[AuditedEntry]]:
    sides: dict[int, dict[tuple[str, str], int]] = {}
    rows = LedgerLine.objects.filter(entry__customer_number__in=customer_numbers).order_by("entry", "pk")
    for entry_id, account, currency, amount in rows.values_list("entry_id", "account", "currency", "amount_minor"):
        amounts = sides.setdefault(entry_id, {})
        amounts[(account, currency)] = amounts.get((account, currency), 0) + amount
    entries = LedgerEntry.objects.filter(customer_number__in=customer_numbers).order_by("pk")
    names = ("pk", "customer_number", "idempotency_key", "reference", "occurred_on", "recorded_at", "reason")
    return grouped(
        (
            number,
            AuditedEntry(
                key=key,
                amounts=sides.get(pk, {}),
                reference=reference,
                occurred_on=occurred_on,
                recorded_at=recorded_at,
                reason=reason,
            ),
        )
        for pk, number, key, reference, occurred_on, recorded_at, reason in entries.values_list(*names)
    )
