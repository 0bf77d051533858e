"""Numbers of documents that are missing or drawn twice, when many write at once and some take everything back: none."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

from bench import databases
from bench.rows import Row
from perseat.domain.quote import Line, LineKind, LineReason
from perseat.domain.tax import document_totals

WRITERS = 50
DOCUMENTS = 10_000
TAKEN_BACK_OF = 20
_DATABASE = "bench_numbers"
_DAY = date(2026, 12, 1)


def measure() -> list[Row]:
    """The product's own issuing, each document with its settlement, e-mail and chain in a transaction of its own."""
    with databases.migrated_database(_DATABASE):
        begun = time.monotonic()
        kept = _write_all()
        seconds = time.monotonic() - begun
        wrong, issued = _count_wrong(kept)
    note = (
        f"of {DOCUMENTS:,} documents by {WRITERS} writers, {DOCUMENTS - kept:,} rolled back, {issued:,} issued;"
        f" gaps + repeats + differences of the audit of the series; {seconds:.0f} s"
    )
    return [Row(name="numbers_wrong", value=wrong, unit="numbers", limit=0, note=note)]


def _write_all() -> int:
    from tests.makers import make_customer  # noqa: PLC0415 - Django is set up only now

    customers = [make_customer().pk for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(_write, range(WRITERS), customers))


def _write(writer: int, customer_id: int) -> int:
    """This writer's share of the documents, each in its own transaction; how many were kept."""
    from django.db import connection, transaction  # noqa: PLC0415
    from tests.makers import moment  # noqa: PLC0415

    from perseat.capabilities.customers.models import Customer  # noqa: PLC0415
    from perseat.journeys.issuing import issue  # noqa: PLC0415

    customer, lines, kept = Customer.objects.get(pk=customer_id), [_line()], 0
    try:
        for number in range(writer, DOCUMENTS, WRITERS):
            is_taken_back = number // WRITERS % TAKEN_BACK_OF == writer % TAKEN_BACK_OF
            with transaction.atomic():
                issue(
                    customer,
                    lines=lines,
                    totals=document_totals(lines),
                    subscriptions=[None],
                    service_id=None,
                    order_id=None,
                    day=_DAY,
                    now=moment(_DAY),
                    actor="benchmark",
                    texts=["One thing"],
                )
                transaction.set_rollback(is_taken_back)
            kept += not is_taken_back
    finally:
        connection.close()
    return kept


def _line() -> Line:
    return Line(
        kind=LineKind.CHARGE,
        reason=LineReason.MANUAL,
        edition="",
        seats=1,
        start=_DAY,
        end=date(2026, 12, 2),
        days=1,
        period_days=1,
        unit_price=Decimal(1),
        amount_minor=100,
        tax_category="S",
        tax_rate=Decimal(10),
    )


def _count_wrong(kept: int) -> tuple[int, int]:
    """Numbers from 1 to the last kept one that are not there once, and what the audit of the series finds."""
    from perseat.capabilities.invoicing.models import Document  # noqa: PLC0415
    from perseat.journeys.audit_common import audit_series  # noqa: PLC0415

    drawn = list(Document.objects.values_list("sequence", flat=True))
    gaps = set(range(1, max(kept, *drawn) + 1)) - set(drawn)
    repeats = len(drawn) - len(set(drawn))
    return len(gaps) + repeats + len(audit_series()), len(drawn)
