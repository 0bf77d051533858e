"""Calendar: half-open periods of local dates, counted from the original anchor."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FIRST_YEAR, _LAST_YEAR = 2000, 2999
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class UnknownZone(ValueError):
    """The name is not a time zone of the IANA database."""

    def __init__(self, zone_name: str) -> None:
        super().__init__(f"{zone_name!r} is not an IANA time zone.")
        self.zone_name = zone_name


class MomentWithoutZone(ValueError):
    """A moment must be aware of its zone before it can become a local date."""


class RhythmNotUsable(ValueError):
    """A rhythm needs a cycle and a term of at least one, and an anchor that falls on its anchor day."""

    def __init__(self, rhythm: Rhythm) -> None:
        super().__init__(f"No periods can be counted with {rhythm}.")
        self.rhythm = rhythm


class Period(NamedTuple):
    """Days from `start` (included) to `end` (not included)."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """The number of days in the period."""
        return (self.end - self.start).days

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When a service is charged and renewed.

    `anchor`: a date on which an aligned period begins; `anchor_day` (1 to 31) is restored after short months.
    `cycle_months`: the length of a charge period (1, 3, 6, 12, 36). `term_cycles`: charge periods in a term, 1 or more.

    :raises RhythmNotUsable: when the anchor is not the anchor day of its month, or a length is below one.
    """

    anchor: date
    anchor_day: int
    cycle_months: int
    term_cycles: int

    def __post_init__(self) -> None:
        is_aligned = self.anchor.day == min(self.anchor_day, month_length(self.anchor.year, self.anchor.month))
        if not is_aligned or self.cycle_months < 1 or self.term_cycles < 1:
            raise RhythmNotUsable(self)


@lru_cache(maxsize=65536)
def aligned_period(rhythm: Rhythm, day: date) -> Period:
    """The whole aligned period that contains `day`; its length is the denominator of every share (rules 2, 3).

    >>> month_ends = Rhythm(anchor=date(2027, 1, 31), anchor_day=31, cycle_months=1, term_cycles=1)
    >>> aligned_period(month_ends, date(2027, 3, 1))
    Period(start=datetime.date(2027, 2, 28), end=datetime.date(2027, 3, 31))
    """
    cycle = _cycle_of(rhythm, day)
    return Period(_cycle_start(rhythm, cycle), _cycle_start(rhythm, cycle + 1))


def charge_period(rhythm: Rhythm, started_on: date, day: date) -> Period:
    """The charge period that contains `day`, clipped to the service's first day: the aligned period's trailing part."""
    aligned = aligned_period(rhythm, day)
    if aligned.start < started_on <= day:
        return Period(started_on, aligned.end)
    return aligned


@lru_cache(maxsize=65536)
def next_period(rhythm: Rhythm, day: date) -> Period:
    """The aligned period after the one that contains `day`; its start is the date of the next charge."""
    return aligned_period(rhythm, aligned_period(rhythm, day).end)


@lru_cache(maxsize=65536)
def term_end(rhythm: Rhythm, term_start: date) -> date:
    """The day of renewal: the first day after the term that began on `term_start`.

    Terms are counted from the aligned period that contains the start, so an aligned first term is the shorter one.
    """
    return _cycle_start(rhythm, _cycle_of(rhythm, term_start) + rhythm.term_cycles)


def month_length(year: int, month: int) -> int:
    """The number of days in a month; `month` counts from 1.

    >>> month_length(2028, 2)
    29
    """
    return 29 if month == 2 and isleap(year) else _MONTH_LENGTHS[month - 1]


def is_day_of_business(day: date) -> bool:
    """Whether anything of ours can be dated there: the years 2000 to 2999, whose periods can all be counted.

    >>> is_day_of_business(date(9999, 12, 31))
    False
    """
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def local_day(moment: datetime, zone_name: str) -> date:
    """The date on the wall in the zone at that moment; done once, at the door (rule 1).

    >>> from datetime import UTC
    >>> local_day(datetime(2026, 11, 22, 13, 30, tzinfo=UTC), "Australia/Sydney")
    datetime.date(2026, 11, 23)

    :raises UnknownZone: for a name outside the IANA database.
    :raises MomentWithoutZone: for a naive moment.
    """
    if moment.tzinfo is None:
        raise MomentWithoutZone(moment)
    return moment.astimezone(get_zone(zone_name)).date()


def get_zone(zone_name: str) -> ZoneInfo:
    """The IANA zone of that name.

    :raises UnknownZone: for a name outside the IANA database.
    """
    try:
        return ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownZone(zone_name) from None


def _cycle_of(rhythm: Rhythm, day: date) -> int:
    """How many cycles after the anchor the period begins that contains `day`; negative before the anchor."""
    months = (day.year - rhythm.anchor.year) * 12 + day.month - rhythm.anchor.month
    cycle = months // rhythm.cycle_months
    return cycle if _cycle_start(rhythm, cycle) <= day else cycle - 1


def _cycle_start(rhythm: Rhythm, cycle: int) -> date:
    """The anchor plus that many cycles, clamped to the last day of its month, never stepped from another period."""
    months = rhythm.anchor.year * 12 + rhythm.anchor.month - 1 + cycle * rhythm.cycle_months
    year, index = divmod(months, 12)
    day = rhythm.anchor_day
    return date(year, index + 1, day if day <= 28 else min(day, month_length(year, index + 1)))
