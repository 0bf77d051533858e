"""Fifty writers draw numbers at once, one in twenty takes everything back: no gap, no repeat, one chain."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from tests import makers

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document, NumberSeries
from perseat.domain.quote import Line, LineKind, LineReason
from perseat.domain.tax import document_totals
from perseat.journeys.audit import audit_series
from perseat.journeys.issuing import issue

WRITERS = 50
EACH = 40
ROLLED_BACK_OF = 20


class TakenBack(Exception):
    """The writer's transaction fails after its document was issued."""


def a_line(day: date) -> Line:
    return Line(
        kind=LineKind.CHARGE, reason=LineReason.MANUAL, edition="", seats=1, start=day, end=date(2026, 12, 2), days=1,
        period_days=1, unit_price=Decimal(1), amount_minor=100, tax_category="S",
        tax_rate=Decimal(10),
    )  # fmt: skip


def write(customer: Customer, *, writer: int, done: list[int], problems: list[BaseException]) -> None:
    lines = [a_line(date(2026, 12, 1))]
    try:
        for number in range(EACH):
            is_taken_back = (writer * EACH + number) % ROLLED_BACK_OF == 0
            try:
                with transaction.atomic():
                    issue(
                        customer, lines=lines, totals=document_totals(lines), subscriptions=[None], service_id=None,
                        order_id=None, day=date(2026, 12, 1), now=makers.moment("2026-12-01"), actor="test",
                        texts=["One thing"],
                    )  # fmt: skip
                    if is_taken_back:
                        raise TakenBack
                done.append(1)
            except TakenBack:
                continue
    except BaseException as problem:
        problems.append(problem)
    finally:
        connection.close()


@pytest.mark.own_database
def test_numbers_have_no_gap_and_no_repeat_whoever_draws_them() -> None:
    customers = [makers.make_customer() for _ in range(WRITERS)]
    done: list[int] = []
    problems: list[BaseException] = []
    threads = [
        threading.Thread(target=write, args=(customer,), kwargs={"writer": index, "done": done, "problems": problems})
        for index, customer in enumerate(customers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []
    expected = WRITERS * EACH * (ROLLED_BACK_OF - 1) // ROLLED_BACK_OF
    assert len(done) == expected == 1900
    sequences = list(Document.objects.order_by("sequence").values_list("sequence", flat=True))
    assert sequences == list(range(1, expected + 1))
    assert NumberSeries.objects.get().last_number == expected
    assert audit_series() == ()
