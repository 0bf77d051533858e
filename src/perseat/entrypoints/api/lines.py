"""Lines and taxes of quotes and documents, with the arithmetic of each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from perseat.capabilities.invoicing.queries import DocumentLineView, DocumentTaxView
from perseat.domain.quote import LineKind, LineReason
from perseat.entrypoints.api.shapes import Money, Shape, money, unit_price
from perseat.journeys.figures import LineFigure, TaxFigure


class Line(Shape):
    """One line. `last_day` is included; `credits_number` names the document whose line is credited, "" for none."""

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


class Tax(Shape):
    """Tax of one category and rate (in percent)."""

    label: str
    category: str
    rate: str
    net: Money
    tax: Money


def line_shapes(lines: Iterable[LineFigure | DocumentLineView], *, currency: str) -> list[Line]:
    """Lines as they stand."""
    return [
        Line(
            number=each.number,
            kind=each.kind,
            reason=each.reason,
            edition=each.edition,
            edition_name=each.edition_name,
            text=each.text,
            arithmetic=each.arithmetic,
            seats=each.seats,
            start=each.start,
            last_day=each.last_day,
            days=each.days,
            period_days=each.period_days,
            unit_price=unit_price(each.unit_price, currency),
            amount=money(each.amount_minor, currency),
            tax_category=each.tax_category,
            tax_rate=f"{each.tax_rate.normalize():f}",
            credits_number=each.credits_number,
        )
        for each in lines
    ]


def tax_shapes(taxes: Iterable[TaxFigure | DocumentTaxView], *, currency: str) -> list[Tax]:
    """Taxes as they stand."""
    return [
        Tax(
            label=each.label,
            category=each.category,
            rate=f"{each.rate.normalize():f}",
            net=money(each.net_minor, currency),
            tax=money(each.tax_minor, currency),
        )
        for each in taxes
    ]
