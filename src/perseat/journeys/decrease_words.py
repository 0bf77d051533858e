"""Decrease words: each part of a decrease as one line of a letter; the pages show the same parts with more room."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from perseat.capabilities.invoicing.wording import write_money
from perseat.journeys.figures import DecreaseFigure

_DAY = "d MMMM y"


def describe_decrease(part: DecreaseFigure, *, currency: str, zone_name: str, language: str = "en") -> str:
    """ "2 refunded now: A$ 12.40 incl. tax, possible until 29 November 2026", or "1 at the renewal on 15 March 2027".

    Days are those of the customer, and so is the clock.
    """
    if part.is_scheduled:
        on = format_date(part.effective_on, format=_DAY, locale=language)
        if part.changeable_until is None:
            return f"{part.seats} at the renewal on {on}"
        until = format_datetime(
            part.changeable_until, format="d MMMM y, HH:mm", tzinfo=ZoneInfo(zone_name), locale=language
        )
        return f"{part.seats} at the renewal on {on}; this can be changed until {until}"
    amount, tax = part.refund_total_minor, "incl. tax"
    if amount is None:
        amount, tax = part.refund_minor, "before tax"
    words = f"{part.seats} refunded now: {write_money(amount, currency=currency, language=language)} {tax}"
    if part.until is not None:
        words += f", possible until {format_date(part.until, format=_DAY, locale=language)}"
    return words
