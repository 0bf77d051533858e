"""Tamper evidence: every issued document hashed again, and the chain of each series (also in a copy of the tables)."""

from __future__ import annotations

from collections.abc import Iterator

from perseat.capabilities.invoicing.actions import hash_of
from perseat.capabilities.invoicing.models import Document
from perseat.domain.audit_facts import Difference
from perseat.journeys.audit_common import audit_series

BATCH = 1000


def find_altered_documents() -> Iterator[Difference]:
    """Gaps, repeats and broken links of each series, then each document whose content no longer has its hash.

    Whoever rewrites a document and every hash after it leaves a chain that holds; then the ledger, the quote and the
    arithmetic disagree (`perseat audit`), and so does the customer's own copy.
    """
    yield from audit_series()
    last = 0
    while rows := list(Document.objects.filter(pk__gt=last).order_by("pk").prefetch_related("lines", "taxes")[:BATCH]):
        last = rows[-1].pk
        for row in rows:
            expected = hash_of(row, lines=list(row.lines.all()), taxes=list(row.taxes.all()))
            if expected != row.content_hash:
                yield Difference(
                    subject=row.number,
                    what="was changed after it was issued (hash of its content)",
                    expected=row.content_hash[:12],
                    found=expected[:12],
                )
            if row.number != f"{row.number.rpartition('-')[0]}-{row.sequence:06d}":
                yield Difference(
                    subject=row.number, what="number in its series", expected=f"{row.sequence:06d}", found=row.number
                )
