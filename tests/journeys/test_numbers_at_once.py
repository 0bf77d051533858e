"""Fifty writers draw numbers at once, one in twenty takes everything back: no gap, no repeat, one chain."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from tests import makers

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document, NumberSeries
from perseat.domain.quote import Line, LineKind, LineReason
from perseat.domain.tax import document_totals
from perseat.journeys.audit_common import audit_series
from perseat.journeys.issuing import issue

WRITERS = 50
EACH = int(os.environ.get("NUMBERS_EACH", "40"))  # 200 for ten thousand
ROLLED_BACK_OF = 20


def a_line(day: date) -> Line:
    return Line(
        kind=LineKind.CHARGE, reason=LineReason.MANUAL, edition="", seats=1, start=day, end=date(2026, 12, 2), days=1,
        period_days=1, unit_price=Decimal(1), amount_minor=100, tax_category="S",
        tax_rate=Decimal(10),
    )  # fmt: skip


def write(customer: Customer, *, writer: int) -> int:
    """Issue EACH documents, each in its own transaction; returns how many were kept."""
    lines = [a_line(date(2026, 12, 1))]
    kept = 0
    try:
        for number in range(EACH):
            is_taken_back = (writer * EACH + number) % ROLLED_BACK_OF == 0
            with transaction.atomic():
                issue(
                    customer, lines=lines, totals=document_totals(lines), subscriptions=[None], service_id=None,
                    order_id=None, day=date(2026, 12, 1), now=makers.moment("2026-12-01"), actor="test",
                    texts=["One thing"],
                )  # fmt: skip
                transaction.set_rollback(is_taken_back)
            kept += not is_taken_back
    finally:
        connection.close()
    return kept


@pytest.mark.own_database
def test_numbers_have_no_gap_and_no_repeat_whoever_draws_them() -> None:
    customers = [makers.make_customer() for _ in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, customer, writer=index) for index, customer in enumerate(customers)]
        kept = sum(each.result() for each in writers)

    assert kept == WRITERS * EACH * (ROLLED_BACK_OF - 1) // ROLLED_BACK_OF
    sequences = list(Document.objects.order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, kept + 1))
    assert NumberSeries.objects.get().last_number == kept
    assert audit_series() == ()
