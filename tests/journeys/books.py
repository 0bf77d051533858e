"""Books: one check, used after every story, that documents, allocations, ledger and summary tell the same."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db.models import Q, Sum

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.actions import recompute_hash
from perseat.capabilities.invoicing.models import Document, DocumentLine, NumberSeries
from perseat.capabilities.ledger.models import Account, LedgerLine
from perseat.capabilities.ledger.queries import get_account_minor
from perseat.capabilities.payments.models import Payment, Repayment
from perseat.capabilities.payments.queries import get_available_minor, get_open_minor, get_owed_minor
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.calendar import local_day
from perseat.domain.fulfillment import PaymentState, RepaymentState
from perseat.domain.quote import LineKind, LineReason
from perseat.journeys.audit import compare_books
from perseat.journeys.audit_reading import load_books
from perseat.journeys.product_summary import get_product_summary


def assert_books_hold(customer: Customer, *, now: datetime) -> None:
    """Fail with the figures that differ."""
    documents = list(Document.objects.filter(customer=customer).order_by("pk"))
    for document in documents:
        _assert_document_holds(document)
    _assert_lines_are_credited_once(documents)
    _assert_numbers_have_no_gap()
    _assert_ledger_says_the_same(customer, documents)
    (books,) = load_books([customer.pk], now=now)
    differences = [str(each) for each in compare_books(books)]
    assert differences == [], "\n".join(differences)
    for service in Service.objects.filter(customer=customer):
        _assert_seats_are_billed(service, now=now)
        _assert_summary_says_the_same(service, now=now)


def _assert_document_holds(document: Document) -> None:
    lines = list(document.lines.order_by("number"))
    taxes = list(document.taxes.all())
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    tax_in_lines = document.tax_minor if document.prices_include_tax else 0
    assert document.net_minor == sum(line.amount_minor for line in lines) - tax_in_lines, document.number
    assert document.tax_minor == sum(tax.tax_minor for tax in taxes), document.number
    assert document.tax_minor == sum(line.tax_minor for line in lines), document.number
    assert document.net_minor == sum(tax.net_minor for tax in taxes), document.number
    assert recompute_hash(document) == document.content_hash, f"{document.number} was changed after it was issued"
    settled = document.allocations.aggregate(total=Sum("amount_minor"))["total"] or 0
    assert 0 <= settled <= max(document.total_minor, 0), f"{document.number} is settled beyond its total"
    used = document.used_for.aggregate(total=Sum("amount_minor"))["total"] or 0
    assert 0 <= used <= max(-document.total_minor, 0), f"{document.number} is used beyond its total"
    is_first = document.order is not None and document.order.documents.order_by("pk").first() == document
    if is_first and not document.reason:  # the credit note of a return that was taken in part says why it differs
        _assert_copied_from_quote(document, lines)


def _assert_copied_from_quote(document: Document, lines: list[DocumentLine]) -> None:
    assert document.order is not None
    quote = document.order.quote
    names = (
        "number",
        "kind",
        "reason",
        "edition_id",
        "seats",
        "start",
        "end",
        "unit_price",
        "amount_minor",
        "tax_minor",
    )
    quoted = [tuple(getattr(line, name) for name in names) for line in quote.lines.order_by("number")]
    issued = [tuple(getattr(line, name) for name in names) for line in lines]
    assert issued == quoted, "the invoice's lines are the quote's"
    assert document.total_minor == quote.due_today_minor


def _assert_lines_are_credited_once(documents: list[Document]) -> None:
    lines = DocumentLine.objects.filter(document__in=documents, credits_line=None, kind=LineKind.CHARGE)
    for line in lines:
        related = list(line.credits.all())
        credited = -sum(each.amount_minor for each in related)
        assert 0 <= credited <= line.amount_minor, f"{line} is credited beyond its amount"


def _assert_numbers_have_no_gap() -> None:
    for series in NumberSeries.objects.all():
        numbers = list(series.documents.order_by("sequence").values_list("sequence", flat=True))
        assert numbers == list(range(1, series.last_number + 1)), f"series {series.prefix} has a gap"
        previous = ""
        for document in series.documents.order_by("sequence"):
            assert document.previous_hash == previous, f"the chain breaks before {document.number}"
            previous = document.content_hash


def _assert_ledger_says_the_same(customer: Customer, documents: list[Document]) -> None:
    sums: dict[int, int] = defaultdict(int)
    for line in LedgerLine.objects.filter(customer_number=customer.number):
        sums[line.entry_id] += line.amount_minor
    assert not any(sums.values()), "an entry does not balance"

    def account(name: Account) -> int:
        return get_account_minor(customer.number, account=name, currency=customer.currency)

    received = Payment.objects.filter(customer=customer, state=PaymentState.SUCCEEDED)
    assert account(Account.RECEIVABLE) == sum(get_open_minor(document) for document in documents)
    assert account(Account.RECEIVABLE) == get_owed_minor(customer.pk, currency=customer.currency)
    assert -account(Account.BALANCE) == get_available_minor(customer.pk, currency=customer.currency)
    assert -account(Account.REVENUE) == sum(document.net_minor for document in documents)
    assert -account(Account.TAX) == sum(document.tax_minor for document in documents)
    returned = Repayment.objects.filter(customer=customer).exclude(state=RepaymentState.REFUSED)
    money = account(Account.BANK) + account(Account.GATEWAY) + account(Account.RETURNING)
    assert money == sum(payment.amount_minor for payment in received) - sum(each.amount_minor for each in returned)


def _assert_seats_are_billed(service: Service, *, now: datetime) -> None:
    """Every seat held today is on a charge line that covers today, and no other seat is."""
    day = local_day(now, service.customer.time_zone)
    if day < service.billing_starts_on:
        return
    held = {
        row.offer.edition.code: row.held_seats
        for row in service.subscriptions.filter(ended_on=None).select_related("offer__edition")
    }
    billed: dict[str, int] = defaultdict(int)
    lines = DocumentLine.objects.filter(document__customer=service.customer).select_related(
        "edition", "document__order", "subscription", "credits_line"
    )
    for line in lines:
        of_service = line.subscription.service_id if line.subscription else line.document.service_id
        order = line.document.order
        if of_service != service.pk or not line.start <= day < line.end:
            continue
        if order is not None and order.state in ("awaiting_payment", "cancelled"):
            continue
        if line.reason == LineReason.LATE_START or line.edition is None:
            continue
        billed[line.edition.code] += line.seats if line.kind == LineKind.CHARGE else -line.seats
    assert {code: seats for code, seats in billed.items() if seats} == held


def _assert_summary_says_the_same(service: Service, *, now: datetime) -> None:
    today = local_day(now, service.customer.time_zone)
    summary = get_product_summary(customer_id=service.customer_id, service_id=service.pk, today=today)
    currency = service.customer.currency
    number = service.customer.number
    assert summary.balance.amount_minor == -get_account_minor(number, account=Account.BALANCE, currency=currency)
    own = Q(service=service) | Q(lines__subscription__service=service)
    of_service = Document.objects.filter(own, customer=service.customer).distinct()
    assert summary.owed.amount_minor == sum(get_open_minor(document) for document in of_service)
    held = {row.edition: row.held for row in summary.licenses if row.held}
    rows = service.subscriptions.filter(ended_on=None).select_related("offer__edition")
    assert held == {row.offer.edition.code: row.held_seats for row in rows}
    for row in summary.licenses:
        assert bool(row.document_numbers) == (row.held > 0) or today < service.billing_starts_on
