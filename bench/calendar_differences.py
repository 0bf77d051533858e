"""How often periods and terms differ from what counting days gives: never, for all anchors and cycles over 60 years."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta

from bench._shares import PROCESSES, Faults, Found, search
from bench.rows import Row
from perseat.domain.calendar import Period, Rhythm, aligned_period, charge_period, next_period, term_end

CYCLES = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12, "P3Y": 36}
_TERM = 12  # cycles; beside terms of one cycle
_FIRST, _LAST = date(2000, 1, 1), date(2110, 12, 31)
_ANCHORED = range(2023, 2027)  # a leap year among them
_YEARS_BEFORE, _YEARS_AFTER = 15, 45
_DAY = timedelta(days=1)


def measure() -> list[Row]:
    """Every day of four years as an anchor, and every anchor day that a short month cuts off."""
    begun = time.monotonic()
    found = search(_share)
    note = f"of {found.looked_at:,} periods, at both their ends and within; {time.monotonic() - begun:.0f} s"
    return [Row(name="calendar_differences", value=found.faults, unit="periods", limit=0, note=note)]


def _share(number: int) -> Found:
    looked_at, faults = 0, Faults()
    for anchor_day in range(1 + number, 32, PROCESSES):
        firsts = _first_days(anchor_day)
        for place, anchor in enumerate(firsts):
            if anchor.year not in _ANCHORED:
                continue
            for name, months in CYCLES.items():
                starts = _within_sixty_years(anchor, firsts[place % months :: months])
                looked_at += len(starts) - _TERM
                for fault in _faults(anchor, anchor_day, months, starts):
                    faults.add(f"calendar_differences: anchor {anchor}, anchor day {anchor_day}, {name}: {fault}")
    return faults.found(looked_at)


def _first_days(anchor_day: int) -> list[date]:
    """By looking at every day: the anchor day, or the last of a month that does not have it."""
    found, day = [], _FIRST
    while day <= _LAST:
        tomorrow = day + _DAY
        if day.day == anchor_day or (day.day < anchor_day and tomorrow.day == 1):
            found.append(day)
        day = tomorrow
    return found


def _within_sixty_years(anchor: date, starts: list[date]) -> list[date]:
    """Those days, and as many more as a term needs."""
    years = range(anchor.year - _YEARS_BEFORE, anchor.year + _YEARS_AFTER)
    found = [place for place, start in enumerate(starts) if start.year in years]
    return starts[found[0] : found[-1] + 1 + _TERM]


def _faults(anchor: date, anchor_day: int, months: int, starts: list[date]) -> Iterator[str]:
    try:
        yield from _wrong_periods(anchor, anchor_day, months, starts)
    except ValueError as trouble:  # a day that cannot be
        yield repr(trouble)


def _wrong_periods(anchor: date, anchor_day: int, months: int, starts: list[date]) -> Iterator[str]:
    once, often = (
        Rhythm(anchor=anchor, anchor_day=anchor_day, cycle_months=months, term_cycles=cycles) for cycles in (1, _TERM)
    )
    for place, start in enumerate(starts[:-_TERM]):
        end = starts[place + 1]
        within, last = start + (end - start) // 2, end - _DAY
        tried = (
            *(aligned_period(once, day) == Period(start, end) for day in (start, within, last)),
            next_period(once, last).start == end,
            charge_period(once, within, last) == Period(within, end),
            term_end(once, term_start=within) == end,
            term_end(often, term_start=within) == starts[place + _TERM],
        )
        if not all(tried):
            yield f"the period from {start} to {end}: {tried}"
