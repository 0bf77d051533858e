"""Tax: rule 11."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.oracle_values import nearest
from tests.domain.services import START, billed, change, edition, service

from perseat.domain.quote import BilledLine, DocumentKind, Line, TaxRate
from perseat.domain.tax import TaxRateNotUsable, TaxRateUnknown, document_totals, rate_on

RATES = (
    TaxRate(category="S", rate=Decimal(19), starts_on=date(2026, 1, 1)),
    TaxRate(category="S", rate=Decimal(21), starts_on=date(2027, 1, 1)),
    TaxRate(category="AA", rate=Decimal("5.5"), starts_on=date(2026, 1, 1)),
)


def charge(amount_minor: int, *, category: str = "S", rate: str = "19") -> Line:
    line = change(service(), START, basic=1).lines[0]
    return line._replace(amount_minor=amount_minor, tax_category=category, tax_rate=Decimal(rate))


def credit(original: BilledLine, amount_minor: int) -> Line:
    line = charge(-amount_minor, rate=str(original.tax_rate))
    return line._replace(
        kind=change(service(edition("basic", 5)), START, basic=4).lines[0].kind, credits=original.reference
    )


@pytest.mark.parametrize(
    ("category", "day", "rate"),
    [
        ("S", date(2026, 12, 31), "19"),
        ("S", date(2027, 1, 1), "21"),  # from its first day on
        ("AA", date(2027, 1, 1), "5.5"),
        ("S", date(2025, 12, 31), "0"),  # a tax that has not begun
    ],
)
def test_the_rate_of_a_day_is_the_latest_that_has_begun(category: str, day: date, rate: str) -> None:
    assert rate_on(category, day=day, rates=RATES) == Decimal(rate)


def test_a_category_without_any_rate_is_refused_and_a_seller_without_tax_is_not() -> None:
    with pytest.raises(TaxRateUnknown):
        rate_on("Z", day=START, rates=RATES)
    assert rate_on("Z", day=START, rates=()) == 0


def test_a_negative_rate_is_refused() -> None:
    with pytest.raises(TaxRateNotUsable):
        document_totals([charge(100, rate="-1")])


def test_tax_is_taken_once_of_the_sum_of_each_rate() -> None:
    lines = [charge(333), charge(333), charge(333), charge(50, category="AA", rate="5.5")]

    totals = document_totals(lines)

    assert [(group.rate, group.net_minor, group.tax_minor) for group in totals.taxes] == [
        (Decimal(19), 999, 190),  # line by line it would be 189
        (Decimal("5.5"), 50, 3),
    ]
    assert totals.line_taxes == (64, 63, 63, 3)
    assert totals.total_minor == 999 + 50 + 193


def test_prices_that_include_tax_keep_their_total() -> None:
    totals = document_totals([charge(700), charge(700), charge(700)], prices_include_tax=True)

    assert (totals.net_minor, totals.tax_minor, totals.total_minor) == (1765, 335, 2100)


def test_nothing_due_is_an_invoice_and_less_is_a_credit_note() -> None:
    assert document_totals([charge(0)]).kind is DocumentKind.INVOICE
    assert document_totals([charge(-1)]).kind is DocumentKind.CREDIT_NOTE


@settings(max_examples=150, deadline=None)
@given(
    amounts=st.lists(st.integers(0, 5000), min_size=1, max_size=6),
    rate=st.sampled_from(["0", "5.5", "7.7", "10", "19", "33.333"]),
    include=st.booleans(),
    data=st.data(),
)
def test_a_document_credited_bit_by_bit_gives_back_exactly_its_tax(
    *, amounts: list[int], rate: str, include: bool, data: st.DataObject
) -> None:
    issued = document_totals([charge(amount, rate=rate) for amount in amounts], prices_include_tax=include)
    originals = [
        replace(
            billed("basic"),
            reference=str(index),
            document="one",
            amount_minor=amount,
            tax_rate=Decimal(rate),
            document_credited_minor=0,
            document_credited_tax_minor=0,
        )
        for index, amount in enumerate(amounts)
    ]
    tax_back = 0
    while any(line.amount_minor > line.credited_minor for line in originals):
        parts = [data.draw(st.integers(0, line.amount_minor - line.credited_minor)) for line in originals]
        if not any(parts):
            parts = [line.amount_minor - line.credited_minor for line in originals]
        lines = [credit(line, part) for line, part in zip(originals, parts, strict=True)]

        totals = document_totals(lines, billed=originals, prices_include_tax=include)

        tax_back -= totals.tax_minor
        assert sum(totals.line_taxes) == totals.tax_minor
        originals = [
            replace(
                line,
                credited_minor=line.credited_minor + part,
                document_credited_minor=(line.document_credited_minor or 0) + sum(parts),
                document_credited_tax_minor=tax_back,
            )
            for line, part in zip(originals, parts, strict=True)
        ]
    assert tax_back == issued.tax_minor


@settings(max_examples=150, deadline=None)
@given(
    charged=st.lists(st.integers(0, 5000), min_size=1, max_size=4),
    credited=st.lists(st.integers(0, 5000), max_size=4),
    include=st.booleans(),
)
def test_beside_charges_credits_count_as_the_rest_of_the_tax(
    *, charged: list[int], credited: list[int], include: bool
) -> None:
    originals = [replace(billed("basic"), reference=str(index), tax_rate=Decimal(19)) for index in range(4)]
    lines = [credit(originals[index], amount) for index, amount in enumerate(credited)]

    totals = document_totals([*lines, *map(charge, charged)], billed=originals, prices_include_tax=include)

    share = Fraction(19, 119 if include else 100)
    alone = nearest(share * sum(charged))
    assert totals.tax_minor == nearest(share * (sum(charged) - sum(credited)))
    assert sum(totals.line_taxes[len(lines) :]) == alone
    assert sum(totals.line_taxes[: len(lines)]) == totals.tax_minor - alone
    for part, line in zip(totals.line_taxes[len(lines) :], charged, strict=True):
        assert abs(part - share * line) < 1
