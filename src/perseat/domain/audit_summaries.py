"""Audit of product summaries: every figure that a customer reads, from the documents that it links to (rule 18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from perseat.domain.audit_accounts import open_minor
from perseat.domain.audit_facts import (
    AuditedDocument,
    AuditedLine,
    AuditedService,
    AuditedSummary,
    CustomerBooks,
    Difference,
    show_amount,
)
from perseat.domain.quote_values import LineKind, LineReason


def compare_summaries(books: CustomerBooks, summaries: Sequence[AuditedSummary]) -> Iterator[Difference]:
    """Every difference between the customer's product summaries and documents, ledger and history."""
    balance = -sum(entry.amounts.get(("balance", books.currency), 0) for entry in books.entries)
    shown = {each.service_id: each for each in summaries}
    for service in books.services:
        summary = shown.get(service.service_id)
        if summary is None:
            yield _differs(service, "the summary", "one", "none")
            continue
        own = _documents_of(service, books)
        unpaid = [each for each in own if open_minor(each) > 0]
        owed = sum(map(open_minor, unpaid))
        charges = list(_charges_of(service, books))
        listed = tuple((each.number, each.total_minor, open_minor(each)) for each in own[: len(summary.documents)])
        for what, expected, found in (
            ("balance", show_amount(balance, books.currency), show_amount(summary.balance_minor, books.currency)),
            ("owed", show_amount(owed, books.currency), show_amount(summary.owed_minor, books.currency)),
            ("documents that are owed", _list(each.number for each in unpaid), _list(summary.owed_by)),
            ("documents", str(listed), str(summary.documents)),
            ("paid to", str(_paid_to(service, unpaid, charges)), str(summary.paid_to)),
        ):
            if expected != found:
                yield _differs(service, what, expected, found)
        yield from _compare_licenses(service, summary, charges, books.today)


def _documents_of(service: AuditedService, books: CustomerBooks) -> list[AuditedDocument]:
    """Newest first, those that it shares with other services included."""
    own = {each.subscription_id for each in service.subscriptions}
    return [
        each
        for each in reversed(books.documents)
        if each.service_id == service.service_id or any(line.subscription_id in own for line in each.lines)
    ]


def _charges_of(service: AuditedService, books: CustomerBooks) -> Iterator[tuple[AuditedDocument, AuditedLine]]:
    own = {each.subscription_id for each in service.subscriptions}
    for document in books.documents:
        for line in document.lines:
            is_own = line.subscription_id in own or (
                line.subscription_id is None and document.service_id == service.service_id
            )
            is_charge = line.line.kind is LineKind.CHARGE and line.line.reason is not LineReason.RESTORED
            if is_own and is_charge and document.is_in_effect(books.now):
                yield document, line


def _paid_to(
    service: AuditedService,
    unpaid: Sequence[AuditedDocument],
    charges: Sequence[tuple[AuditedDocument, AuditedLine]],
) -> date | None:
    is_unpaid = {each.document_id for each in unpaid}
    starts = [line.line.start for document, line in charges if document.document_id in is_unpaid]
    if starts:
        before = min(starts) - timedelta(days=1)
        return before if before >= service.billing_starts_on else None
    ends = [line.line.end for _document, line in charges]
    return max(ends) - timedelta(days=1) if ends else None


def _compare_licenses(
    service: AuditedService,
    summary: AuditedSummary,
    charges: Sequence[tuple[AuditedDocument, AuditedLine]],
    today: date,
) -> Iterator[Difference]:
    held = {each.edition: (each.held, each.planned) for each in service.subscriptions if each.held}
    shown = {each.edition: (each.held, each.planned) for each in summary.licenses if each.held}
    if held != shown:
        yield _differs(service, "licenses held and planned", str(sorted(held.items())), str(sorted(shown.items())))
    for each in summary.licenses:
        charged_by = {
            document.number for document, line in charges if line.line.edition == each.edition and line.line.end > today
        }
        if not charged_by.issuperset(each.document_numbers):
            what = f"documents that charge {each.edition}"
            yield _differs(service, what, _list(sorted(charged_by)), _list(each.document_numbers))
        running = [one for one in service.subscriptions if one.held and one.edition == each.edition]
        price = running[0].unit_price if running else None
        if price is not None and price != each.unit_price:
            yield _differs(service, f"unit price of {each.edition}", str(price), str(each.unit_price))


def _list(numbers: Iterable[str]) -> str:
    return ", ".join(numbers) or "none"


def _differs(service: AuditedService, what: str, expected: str, found: str) -> Difference:
    subject = f"product summary of service {service.service_id}"
    return Difference(subject=subject, what=what, expected=expected, found=found)
