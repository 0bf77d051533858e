"""Audit of what ledger entries say beside their amounts: what they refer to, when, and where the money came from."""

from __future__ import annotations

from collections.abc import Iterator

from perseat.domain.audit_facts import AuditedEntry, CustomerBooks, Difference, show_amount


def compare_entries(books: CustomerBooks) -> Iterator[Difference]:
    """Every entry that names another document, day or source than the fact it was made of."""
    entries = {entry.key: entry for entry in books.entries}
    for document in books.documents:
        entry = entries.get(f"document:{document.number}")
        if entry is not None:
            yield from _compare(entry, "refers to", document.number, entry.reference)
            yield from _compare(entry, "day", str(document.issued_on), str(entry.occurred_on))
            yield from _compare(entry, "recorded", str(document.issued_at), str(entry.recorded_at))
    for payment in books.payments:
        entry = entries.get(f"payment:{payment.payment_id}:received")
        if entry is not None:
            yield from _compare(entry, "refers to", payment.reference, entry.reference)
    for each in books.allocations:
        entry = entries.get(f"allocation:{each.allocation_id}")
        if entry is not None:
            yield from _compare(entry, "refers to", each.document_number, entry.reference)
            yield from _compare(entry, "recorded", str(each.allocated_at), str(entry.recorded_at))
            if entry.reason:  # entries made before the source was told have none
                yield from _compare(entry, "source", each.source, entry.reason)


def compare_from_balance(books: CustomerBooks) -> Iterator[Difference]:
    """What a quote took from the balance was used when its document was issued, of sources that were there before."""
    place = {entry.key: at for at, entry in enumerate(books.entries)}
    sources = {f"From credit note {each.document_id}": f"document:{each.number}" for each in books.documents}
    sources |= {f"From payment {each.payment_id}": f"payment:{each.payment_id}:received" for each in books.payments}
    for document in books.documents:
        if document.quote is None or document.quote.due_today_minor <= 0:
            continue
        issued = place.get(f"document:{document.number}", 0)
        used = sum(
            each.amount_minor
            for each in books.allocations
            if each.document_number == document.number
            and each.allocated_at == document.issued_at
            and place.get(sources.get(each.source, ""), issued) < issued
        )
        if used != document.quote.from_balance_minor:
            yield Difference(
                subject=document.quote.name,
                what="from the balance (by what was used of it)",
                expected=show_amount(used, books.currency),
                found=show_amount(document.quote.from_balance_minor, books.currency),
            )


def _compare(entry: AuditedEntry, what: str, expected: str, found: str) -> Iterator[Difference]:
    if expected != found:
        yield Difference(subject=f"ledger {entry.key}", what=what, expected=expected, found=found)
