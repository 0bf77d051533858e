"""Decreases: each part of a quote, or of the order made of it, with its day, its deadline and its money."""

from __future__ import annotations

from datetime import date, datetime

from perseat.entrypoints.api.shapes import Money, Shape, money
from perseat.journeys.figures import DecreaseFigure


class QuotedDecrease(Shape):
    """Fewer seats: credited today (`refund`, as the lines are), or scheduled for `effective_on`.

    `refund_incl_tax`: null in quotes of old. `until`: the last day on which they could be refunded, null when any day
    would do or none does. `changeable_until`: the moment until which what is scheduled can be changed.
    """

    edition: str
    seats: int
    effective_on: date
    refund: Money
    refund_incl_tax: Money | None
    until: date | None
    is_scheduled: bool
    changeable_until: datetime | None


def decrease_shape(figure: DecreaseFigure, *, currency: str) -> QuotedDecrease:
    """One part."""
    with_tax = figure.refund_total_minor
    return QuotedDecrease(
        edition=figure.edition,
        seats=figure.seats,
        effective_on=figure.effective_on,
        refund=money(figure.refund_minor, currency),
        refund_incl_tax=None if with_tax is None else money(with_tax, currency),
        until=figure.until,
        is_scheduled=figure.is_scheduled,
        changeable_until=figure.changeable_until,
    )
