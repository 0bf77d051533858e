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

from perseat.domain.quote import BilledCredit, BilledLine, DocumentKind, Line, TaxRate
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


def test_when_two_halves_are_rounded_away_the_credits_take_the_unit_between_them() -> None:
    lines = [
        credit(replace(billed("basic"), reference="a"), 10),
        credit(replace(billed("basic"), reference="b"), 20),
        charge(5, rate="10"),
    ]

    totals = document_totals(lines)

    assert totals.tax_minor == -3  # of -2.5; the charge alone has 1, of 0.5
    assert totals.line_taxes == (-1, -3, 1)


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


def original(
    reference: str,
    *,
    document: str = "",
    rate: str = "19",
    credited: int = 0,
    before: tuple[int, int | None] | None = None,
) -> BilledLine:
    """A line of 100.00; `before`: amount and tax that were credited so far on its document."""
    return replace(
        billed("basic"),
        reference=reference,
        document=document,
        amount_minor=10_000,
        tax_rate=Decimal(rate),
        credited_minor=credited,
        document_credited_minor=before[0] if before else None,
        document_credited_tax_minor=before[1] if before else None,
    )


@pytest.mark.parametrize(
    ("originals", "amounts", "taxes"),
    [  # 19 % of 3 is 0.57, of 6 it is 1.14, of 9 it is 1.71
        ([original("a", document="x"), original("b", document="x")], [3, 3], (-1, 0)),  # one document: one sum
        ([original("a", document="x"), original("b", document="y")], [3, 3], (-1, -1)),
        ([original("a"), original("b")], [3, 3], (-1, -1)),  # of no document known: each counts as alone
        ([original("a", document="x"), original("b", document="x", rate="18")], [3, 9], (-1, -2)),
        ([original("a", before=(3, 1))], [3], (0,)),
        ([original("a", before=(3, 0))], [3], (-1,)),  # what was counted before is what its document said
        ([original("a", before=(3, None))], [3], (0,)),  # not told: as exact
        ([original("a", credited=3)], [3], (0,)),
        ([original("a", credited=6)], [3], (-1,)),
        ([original("a", credited=3, before=(0, 0))], [3], (-1,)),
    ],
)  # fmt: skip
def test_a_credits_tax_is_what_its_document_has_not_yet_given_back(
    originals: list[BilledLine], amounts: list[int], taxes: tuple[int, ...]
) -> None:
    lines = [credit(line, amount) for line, amount in zip(originals, amounts, strict=True)]

    totals = document_totals(lines, billed=originals)

    assert totals.line_taxes == taxes
    assert totals.tax_minor == sum(taxes)
    for group in totals.taxes:
        assert group.tax_minor == sum(
            tax for line, tax in zip(originals, taxes, strict=True) if line.tax_rate == group.rate
        )


@pytest.mark.parametrize(
    ("credited", "taxes"),
    [([("a", 2)], (0,)), ([("a", 3)], (-1,)), ([("a", 3), ("b", 3)], (-1, -1)), ([("a", 3), ("a", 3)], (-1, 0))],
)
def test_lines_that_are_no_longer_known_are_credited_each_for_itself(
    credited: list[tuple[str, int]], taxes: tuple[int, ...]
) -> None:
    lines = [credit(original(reference), amount) for reference, amount in credited]

    assert document_totals(lines).line_taxes == taxes


@pytest.mark.parametrize(
    ("restored", "taxes"),
    [  # two credits of 3: the first gave 1 of tax back, the second nothing
        ([("first", 3)], (1,)),
        ([("second", 3)], (0,)),
        ([("first", 3), ("second", 3)], (1, 0)),
        ([("second", 3), ("first", 3)], (0, 1)),
        ([("first", 1)], (0,)),  # a part of it: by what stays credited
        ([("untold", 3)], (0,)),
        ([("forgotten", 3)], (0,)),
    ],
)
def test_a_credit_undone_as_a_whole_takes_back_exactly_the_tax_it_gave(
    restored: list[tuple[str, int]], taxes: tuple[int, ...]
) -> None:
    taxed = {"first": 1, "second": 0, "untold": None}
    credits_ = tuple(
        BilledCredit(reference=name, seats=1, seat_days=30, amount_minor=3, tax_minor=tax)
        for name, tax in taxed.items()
    )
    line = replace(original("a", before=(6, 1)), credits_of_the_day=credits_)
    lines = [charge(amount)._replace(credits="a", restores=name) for name, amount in restored]

    totals = document_totals(lines, billed=[line])

    assert totals.line_taxes == taxes


@pytest.mark.parametrize(
    ("credited", "taxes"),
    [  # beside a charge of 100, whose tax is 19
        ([("a", 3)], (-1,)),
        ([("a", 2)], (0,)),
        ([("a", 3), ("a", 3)], (0, -1)),
        ([("b", 3), ("a", 3), ("a", 3)], (-1, 0, -1)),  # first to each original, then to its credits
        ([("a", 3), ("b", 3), ("a", 3)], (0, -1, -1)),
        ([("a", 3), ("b", 3), ("c", 3)], (0, -1, -1)),
        ([("a", 300), ("b", 600)], (-57, -114)),
        ([("a", 300), ("b", 600), ("a", 200)], (-57, -114, -38)),
    ],
)
def test_beside_a_charge_several_credits_of_a_line_count_as_one(
    credited: list[tuple[str, int]], taxes: tuple[int, ...]
) -> None:
    lines = [credit(original(reference), amount) for reference, amount in credited]

    totals = document_totals([*lines, charge(100)])

    assert totals.line_taxes == (*taxes, 19)


def test_a_tax_group_is_one_category_at_one_rate() -> None:
    lines = [
        charge(333),
        charge(333, rate="7"),
        charge(333, category="AA"),
        charge(334),
        charge(0, category="Z", rate="0"),
    ]

    totals = document_totals(lines)

    assert [(each.category, each.rate, each.net_minor, each.tax_minor) for each in totals.taxes] == [
        ("S", Decimal(19), 667, 127),
        ("S", Decimal(7), 333, 23),
        ("AA", Decimal(19), 333, 63),
        ("Z", Decimal(0), 0, 0),
    ]
    assert totals.line_taxes == (63, 23, 63, 64, 0)


def test_a_credit_of_a_line_no_longer_known_is_undone_by_its_amount() -> None:
    undone = charge(3)._replace(credits="gone", restores="first")

    assert document_totals([undone]).line_taxes == (1,)
