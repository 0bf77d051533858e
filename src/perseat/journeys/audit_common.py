"""Audit of what belongs to no customer alone: series of numbers, entries of nobody, and the months that are closed."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import NumberSeries
from perseat.capabilities.ledger.models import ClosedMonth, LedgerEntry, LedgerLine
from perseat.domain.audit_facts import Difference

# Number and previous hash of each document must follow those of the one before it in its series.
_BREAKS = """
    SELECT number, sequence, before_sequence FROM (
        SELECT number, sequence, previous_hash,
            coalesce(lag(sequence) OVER (ORDER BY sequence), 0) AS before_sequence,
            coalesce(lag(content_hash) OVER (ORDER BY sequence), '') AS before_hash
        FROM document WHERE series_id = %s
    ) chain WHERE sequence <> before_sequence + 1 OR previous_hash <> before_hash ORDER BY sequence
"""


def audit_common() -> tuple[Difference, ...]:
    """Every difference that no customer's books would show."""
    return (*audit_series(), *_stray_entries(), *_closed_months())


@transaction.atomic
def audit_series() -> tuple[Difference, ...]:
    """Numbers without gap or repeat, and an unbroken chain of hashes, in each series."""
    found: list[Difference] = []
    # Under the lock under which numbers are drawn, so that a number cannot be drawn between two reads.
    for series in NumberSeries.objects.select_for_update().order_by("prefix"):
        last = series.documents.order_by("-sequence").values_list("sequence", flat=True).first() or 0
        if last != series.last_number:
            found.append(
                Difference(
                    subject=f"series {series.prefix}",
                    what="last number",
                    expected=str(series.last_number),
                    found=str(last),
                )
            )
        with connection.cursor() as cursor:
            cursor.execute(_BREAKS, [series.pk])
            found += [_broken(number, sequence, before) for number, sequence, before in cursor.fetchall()]
    return tuple(found)


def _broken(number: str, sequence: int, before: int) -> Difference:
    if sequence != before + 1:
        return Difference(subject=number, what="follows in its series", expected=str(before + 1), found=str(sequence))
    return Difference(
        subject=number,
        what="the hash of the document before it",
        expected="the one that it was issued with",
        found="another one",
    )


def _stray_entries() -> Iterator[Difference]:
    """Entries of no customer, without lines, or with lines of another customer."""
    known = Customer.objects.filter(number=OuterRef("customer_number"))
    lines = LedgerLine.objects.filter(entry=OuterRef("pk"))
    for entry in LedgerEntry.objects.filter(~Exists(known)).order_by("pk"):
        yield _of_entry(entry, "customer", "one of ours", entry.customer_number or "none")
    for entry in LedgerEntry.objects.filter(~Exists(lines)).order_by("pk"):
        yield _of_entry(entry, "lines", "two or more", "none")
    others = LedgerLine.objects.exclude(customer_number=F("entry__customer_number")).select_related("entry")
    for line in others.order_by("pk"):
        yield _of_entry(line.entry, "customer of its lines", line.entry.customer_number, line.customer_number)


def _of_entry(entry: LedgerEntry, what: str, expected: str, found: str) -> Difference:
    return Difference(subject=f"ledger {entry.idempotency_key}", what=what, expected=expected, found=found)


def _closed_months() -> Iterator[Difference]:
    """Every month that somebody closed is closed, and no other."""
    told = set(AuditEntry.objects.filter(verb="closed month").values_list("object_label", flat=True))
    closed = {f"{day:%Y-%m}" for day in ClosedMonth.objects.values_list("starts_on", flat=True)}
    for month in sorted(told ^ closed):
        expected, found = ("closed", "open") if month in told else ("open", "closed")
        yield Difference(subject=f"month {month}", what="by who closed it", expected=expected, found=found)
