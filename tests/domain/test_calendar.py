"""Periods, terms and local days: rules 1 to 3."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perseat.domain.calendar import (
    MomentWithoutZone,
    Period,
    Rhythm,
    RhythmNotUsable,
    UnknownZone,
    aligned_period,
    charge_period,
    get_zone,
    local_day,
    next_period,
    term_end,
)


def starts(rhythm: Rhythm, first: date, count: int) -> list[str]:
    days = [aligned_period(rhythm, first).start]
    while len(days) < count:
        days.append(next_period(rhythm, days[-1]).start)
    return [str(day) for day in days]


def test_the_last_of_the_month_comes_back_after_a_short_month() -> None:
    rhythm = Rhythm(anchor=date(2027, 1, 31), anchor_day=31, cycle_months=1, term_cycles=1)

    assert starts(rhythm, date(2027, 1, 31), 4) == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]


def test_a_leap_day_comes_back_after_four_years() -> None:
    rhythm = Rhythm(anchor=date(2024, 2, 29), anchor_day=29, cycle_months=12, term_cycles=1)

    assert [day[5:] for day in starts(rhythm, date(2024, 2, 29), 5)] == ["02-29", "02-28", "02-28", "02-28", "02-29"]


def test_a_first_period_is_the_trailing_part_of_an_aligned_one() -> None:
    rhythm = Rhythm(anchor=date(2026, 11, 1), anchor_day=1, cycle_months=1, term_cycles=12)

    assert charge_period(rhythm, date(2026, 11, 15), date(2026, 11, 20)) == Period(
        date(2026, 11, 15), date(2026, 12, 1)
    )
    assert charge_period(rhythm, date(2026, 11, 15), date(2026, 12, 1)) == Period(date(2026, 12, 1), date(2027, 1, 1))
    assert term_end(rhythm, term_start=date(2026, 11, 15)) == date(2027, 11, 1)


@settings(max_examples=150, deadline=None)
@given(
    anchor=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    cycle=st.sampled_from([1, 3, 6, 12, 36]),
    day=st.dates(date(1990, 1, 1), date(2060, 1, 1)),
)
def test_periods_tile_without_gap_or_overlap_on_either_side_of_the_anchor(anchor: date, cycle: int, day: date) -> None:
    rhythm = Rhythm(anchor=anchor, anchor_day=anchor.day, cycle_months=cycle, term_cycles=1)

    period = aligned_period(rhythm, day)

    assert day in period
    assert aligned_period(rhythm, period.end).start == period.end
    assert aligned_period(rhythm, period.start - timedelta(days=1)).end == period.start
    assert aligned_period(rhythm, anchor).start == anchor
    assert next_period(rhythm, day).start == period.end


@settings(max_examples=200, deadline=None)
@given(day=st.dates(date(2020, 1, 1), date(2040, 1, 1)), anchor_day=st.integers(1, 31), cycles=st.integers(1, 36))
def test_a_term_is_its_number_of_whole_periods(day: date, anchor_day: int, cycles: int) -> None:
    rhythm = Rhythm(anchor=date(2020, 1, anchor_day), anchor_day=anchor_day, cycle_months=1, term_cycles=cycles)
    end = day
    for _ in range(cycles):
        end = aligned_period(rhythm, end).end

    assert term_end(rhythm, term_start=day) == end


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (datetime(2026, 11, 22, 12, 59, tzinfo=UTC), "Australia/Sydney", date(2026, 11, 22)),
        (datetime(2026, 11, 22, 13, 0, tzinfo=UTC), "Australia/Sydney", date(2026, 11, 23)),  # summer time, +11
        (datetime(2026, 7, 22, 13, 59, tzinfo=UTC), "Australia/Sydney", date(2026, 7, 22)),  # winter, +10
        (datetime(2026, 11, 22, 4, 59, tzinfo=UTC), "America/New_York", date(2026, 11, 21)),
    ],
)
def test_a_moment_is_the_date_on_the_wall(moment: datetime, zone: str, day: date) -> None:
    assert local_day(moment, zone) == day


def test_a_naive_moment_and_an_unknown_zone_are_refused() -> None:
    with pytest.raises(MomentWithoutZone):
        local_day(datetime(2026, 11, 22, 12, 0), "UTC")  # noqa: DTZ001
    for zone in ("Mars/Olympus", "", "../etc/passwd"):
        with pytest.raises(UnknownZone):
            local_day(datetime(2026, 11, 22, tzinfo=UTC), zone)


@pytest.mark.parametrize(
    ("anchor_day", "cycle_months", "term_cycles"), [(16, 1, 1), (15, 0, 1), (15, 1, 0), (0, 1, 1), (32, 1, 1)]
)
def test_a_rhythm_that_counts_nothing_is_refused(anchor_day: int, cycle_months: int, term_cycles: int) -> None:
    with pytest.raises(RhythmNotUsable):
        Rhythm(anchor=date(2026, 11, 15), anchor_day=anchor_day, cycle_months=cycle_months, term_cycles=term_cycles)


@pytest.mark.parametrize(
    ("day", "is_in"),
    [
        (date(2026, 11, 14), False),
        (date(2026, 11, 15), True),
        (date(2026, 12, 14), True),
        (date(2026, 12, 15), False),  # the end belongs to the next period
        ("2026-11-20", False),
        (None, False),
    ],
)
def test_a_period_has_its_first_day_and_not_its_end(day: object, is_in: bool) -> None:  # noqa: FBT001
    assert (day in Period(date(2026, 11, 15), date(2026, 12, 15))) is is_in


def test_what_was_refused_is_told() -> None:
    naive = datetime(2026, 11, 22, 12, 0)  # noqa: DTZ001
    with pytest.raises(MomentWithoutZone) as caught:
        local_day(naive, "UTC")
    assert caught.value.args == (naive,)
    with pytest.raises(RhythmNotUsable) as refused:
        Rhythm(anchor=date(2026, 11, 15), anchor_day=15, cycle_months=0, term_cycles=1)
    assert refused.value.rhythm.cycle_months == 0
    with pytest.raises(UnknownZone) as unknown:
        get_zone("Mars/Olympus")
    assert unknown.value.zone_name == "Mars/Olympus"
