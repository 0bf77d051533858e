"""When a term ends: whole months from its first day, the last day inclusive."""

from __future__ import annotations

import calendar
import datetime

from perseat.simulator.catalog import TERM_MONTHS


def last_day_of_term(first_day: datetime.date, *, term: str) -> datetime.date:
    """The last day, inclusive, of a term that begins on `first_day`.

    A month without the day uses its last day as the next beginning (31 January, one month: 27 February).

    >>> last_day_of_term(datetime.date(2026, 1, 31), term="P1M")
    datetime.date(2026, 2, 27)
    >>> last_day_of_term(datetime.date(2026, 1, 14), term="P1Y")
    datetime.date(2027, 1, 13)
    """
    return _add_months(first_day, months=TERM_MONTHS[term]) - datetime.timedelta(days=1)


def renewal_moment(end_date: datetime.date) -> datetime.datetime:
    """The moment the next term begins: midnight UTC after the last day."""
    return datetime.datetime.combine(end_date + datetime.timedelta(days=1), datetime.time(), datetime.UTC)


def _add_months(day: datetime.date, *, months: int) -> datetime.date:
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return datetime.date(day.year + years, month + 1, min(day.day, last))
