"""Lines and taxes of quotes and documents, with the arithmetic of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from perseat.capabilities.invoicing.explaining import Method
from perseat.capabilities.invoicing.queries import DocumentLineView, DocumentTaxView
from perseat.domain.quote import LineKind, LineReason
from perseat.entrypoints.api.shapes import Money, Shape, money, unit_price
from perseat.journeys.figures import LineFigure, TaxFigure


class Line(Shape):
    """One line. `last_day` is included; `credits_number` names the document whose line is credited, "" for none.

    `explanation`: how the amount comes about, step by step. `method` and `parts` are the same for programs: share
    (seats × unit_price × days ÷ period_days), complement (billed − stays_charged − credited_before, where stays_charged
    is billed × kept_seat_days ÷ (billed_seats × billed_days)), undone, by_hand (seats × unit_price), given. Each is
    rounded once, half away from zero; `parts` are decimal strings by name.
    """

    number: int
    kind: LineKind
    reason: LineReason
    edition: str
    edition_name: str
    text: str
    arithmetic: str
    seats: int
    start: date
    last_day: date
    days: int
    period_days: int
    unit_price: Money
    amount: Money
    tax_category: str
    tax_rate: str
    credits_number: str
    explanation: str
    method: Method
    parts: dict[str, str]


class Tax(Shape):
    """Tax of one category and rate (in percent); `explanation`: how it comes about."""

    label: str
    category: str
    rate: str
    net: Money
    tax: Money
    explanation: str


def line_shapes(lines: Iterable[LineFigure | DocumentLineView], *, currency: str) -> list[Line]:
    """Lines as they stand."""
    return [_line(each, currency=currency) for each in lines]


def tax_shapes(taxes: Iterable[TaxFigure | DocumentTaxView], *, currency: str) -> list[Tax]:
    """Taxes as they stand."""
    return [
        Tax(
            label=each.label,
            category=each.category,
            rate=f"{each.rate.normalize():f}",
            net=money(each.net_minor, currency),
            tax=money(each.tax_minor, currency),
            explanation=" ".join(each.explanation),
        )
        for each in taxes
    ]


def _line(line: LineFigure | DocumentLineView, *, currency: str) -> Line:
    explained = line.explanation
    return Line(
        number=line.number,
        kind=line.kind,
        reason=line.reason,
        edition=line.edition,
        edition_name=line.edition_name,
        text=line.text,
        arithmetic=line.arithmetic,
        seats=line.seats,
        start=line.start,
        last_day=line.last_day,
        days=line.days,
        period_days=line.period_days,
        unit_price=unit_price(line.unit_price, currency),
        amount=money(line.amount_minor, currency),
        tax_category=line.tax_category,
        tax_rate=f"{line.tax_rate.normalize():f}",
        credits_number=line.credits_number,
        explanation=" ".join(explained.sentences) if explained else line.arithmetic,
        method=explained.method if explained else Method.AS_ISSUED,
        parts=dict(explained.parts) if explained else {},
    )
