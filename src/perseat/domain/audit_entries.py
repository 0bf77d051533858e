"""Audit of what ledger entries say beside their amounts: what they refer to, when, and where the money came from."""

from __future__ import annotations

from collections.abc import Iterator

from perseat.domain.audit_facts import AuditedEntry, CustomerBooks, Difference


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


def _compare(entry: AuditedEntry, what: str, expected: str, found: str) -> Iterator[Difference]:
    if expected != found:
        yield Difference(subject=f"ledger {entry.key}", what=what, expected=expected, found=found)
