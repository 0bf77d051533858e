"""A document is taken back as a whole: its exact mirror (billing rule: Payment gates)."""

from __future__ import annotations

from datetime import date

import pytest
from tests.domain.services import after, change, edition, service

from perseat.domain.cancellation import IssuedLine, cancel_document, drop_undone, repeat, take_back
from perseat.domain.quote import DocumentKind, LineKind, LineReason, QuotedChange

LATER = date(2026, 11, 22)


def issued(quoted: QuotedChange) -> list[IssuedLine]:
    assert quoted.totals is not None
    pairs = zip(quoted.lines, quoted.totals.line_taxes, strict=True)
    return [IssuedLine(reference=f"line-{at}", line=line, tax_minor=tax) for at, (line, tax) in enumerate(pairs)]


def _more() -> QuotedChange:
    return change(service(edition("basic", 5)), LATER, basic=8)


def _exchange() -> QuotedChange:
    return change(service(edition("basic", 5)), LATER, basic=2, premium=3)


def _fewer() -> QuotedChange:
    return change(service(edition("basic", 5)), LATER, basic=3)


def _undone() -> QuotedChange:
    state = service(edition("basic", 5))
    return change(after(state, change(state, LATER, basic=3)), LATER, basic=5)


@pytest.mark.parametrize(
    ("quoted", "kind"),
    [
        (_more(), DocumentKind.CREDIT_NOTE),
        (_exchange(), DocumentKind.CREDIT_NOTE),
        (_fewer(), DocumentKind.INVOICE),
        (_undone(), DocumentKind.CREDIT_NOTE),
    ],
    ids=["more seats", "another edition", "fewer seats", "a restored credit"],
)
def test_every_amount_and_every_tax_comes_back_with_the_opposite_sign(quoted: QuotedChange, kind: DocumentKind) -> None:
    totals = quoted.totals
    assert totals is not None

    lines, back = cancel_document(issued(quoted), taxes=totals.taxes)

    assert back.kind is kind
    assert [line.amount_minor for line in lines] == [-line.amount_minor for line in quoted.lines]
    assert back.line_taxes == tuple(-tax for tax in totals.line_taxes)
    assert (back.net_minor, back.tax_minor, back.total_minor) == (
        -totals.net_minor, -totals.tax_minor, -totals.total_minor
    )  # fmt: skip
    assert [(tax.category, tax.rate, tax.net_minor, tax.tax_minor) for tax in back.taxes] == [
        (tax.category, tax.rate, -tax.net_minor, -tax.tax_minor) for tax in totals.taxes
    ]
    told = ("edition", "seats", "start", "end", "days", "period_days", "unit_price", "tax_category", "tax_rate")
    for line, original in zip(lines, quoted.lines, strict=True):
        assert [getattr(line, name) for name in told] == [getattr(original, name) for name in told]


def test_a_charge_is_credited_and_a_credit_is_restored() -> None:
    quoted = _exchange()

    lines, _totals = cancel_document(issued(quoted), taxes=quoted.totals.taxes if quoted.totals else ())

    assert [(line.kind, line.reason, line.credits, line.restores) for line in lines] == [
        (LineKind.CHARGE, LineReason.RESTORED, "basic-0", "line-0"),
        (LineKind.CREDIT, LineReason.CANCELLED, "line-1", None),
    ]


def test_a_restored_credit_is_credited_again_on_its_original_line() -> None:
    quoted = _undone()

    lines, _totals = cancel_document(issued(quoted), taxes=quoted.totals.taxes if quoted.totals else ())

    assert [(line.kind, line.reason, line.credits, line.restores) for line in lines] == [
        (LineKind.CREDIT, LineReason.CANCELLED, "basic-0", None)
    ]


def test_an_order_that_cost_nothing_is_taken_back_by_an_invoice_of_nothing() -> None:
    quoted = change(service(edition("basic", 5)), LATER, basic=8)
    free = [IssuedLine(reference="line-0", line=quoted.lines[0]._replace(amount_minor=0), tax_minor=0)]

    _lines, totals = cancel_document(free, taxes=())

    assert (totals.kind, totals.total_minor, totals.taxes) == (DocumentKind.INVOICE, 0, ())


@pytest.mark.parametrize("prices_include_tax", [False, True])
@pytest.mark.parametrize("quoted", [_more(), _exchange(), _fewer()], ids=["more", "exchange", "fewer"])
def test_what_is_taken_back_and_issued_again_is_the_same_to_the_cent(
    *, quoted: QuotedChange, prices_include_tax: bool
) -> None:
    lines = issued(quoted)
    amount, tax = sum(each.line.amount_minor for each in lines), sum(each.tax_minor for each in lines)
    net = amount - tax if prices_include_tax else amount

    mirrored, back = take_back(lines, prices_include_tax=prices_include_tax)
    repeated, again = repeat(lines, renamed={}, prices_include_tax=prices_include_tax)

    assert [line.amount_minor for line in mirrored] == [-each.line.amount_minor for each in lines]
    assert repeated == tuple(each.line for each in lines)
    assert (again.net_minor, again.tax_minor, again.total_minor) == (net, tax, net + tax)
    assert (back.net_minor, back.tax_minor, back.total_minor) == (-net, -tax, -net - tax)
    assert again.line_taxes == tuple(each.tax_minor for each in lines)
    assert back.line_taxes == tuple(-each.tax_minor for each in lines)
    assert [(group.net_minor, group.tax_minor) for group in again.taxes] == [(net, tax)]


def test_lines_issued_again_name_each_other_by_their_new_names() -> None:
    lines = [*issued(_exchange()), *issued(_undone())]

    repeated, _totals = repeat(lines, renamed={"basic-0": "basic-9", "credit-0": "credit-9"}, prices_include_tax=False)

    assert [(line.credits, line.restores) for line in repeated] == [
        ("basic-9", None),
        (None, None),
        ("basic-9", "credit-9"),
    ]


def test_a_line_whose_original_was_not_issued_again_keeps_its_name() -> None:
    repeated, _totals = repeat(issued(_undone()), renamed={"other": "new"}, prices_include_tax=False)

    assert [(line.credits, line.restores) for line in repeated] == [("basic-0", "credit-0")]


def credit_and_undone(*restored: int) -> list[IssuedLine]:
    """A credit of 10.73 named "credit-0", other credits, and lines that take so much of it back."""
    fewer, undone = _fewer().lines[0], _undone().lines[0]
    return [
        IssuedLine(reference="charge", line=_more().lines[0], tax_minor=0),
        IssuedLine(reference="credit-0", line=fewer, tax_minor=0),
        IssuedLine(reference="credit-1", line=fewer, tax_minor=0),
        *(
            IssuedLine(reference=f"undone-{at}", line=undone._replace(amount_minor=amount), tax_minor=0)
            for at, amount in enumerate(restored)
        ),
    ]


@pytest.mark.parametrize(
    ("restored", "left"),
    [
        ([], ["charge", "credit-0", "credit-1"]),
        ([1073], ["charge", "credit-1"]),
        ([537, 536], ["charge", "credit-1"]),
        ([537], ["charge", "credit-0", "credit-1", "undone-0"]),  # in part: both stand
        ([1072], ["charge", "credit-0", "credit-1", "undone-0"]),
    ],
)
def test_a_credit_that_was_undone_as_a_whole_goes_with_what_undid_it(restored: list[int], left: list[str]) -> None:
    assert [each.reference for each in drop_undone(credit_and_undone(*restored))] == left
