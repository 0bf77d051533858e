"""The supplier's deadlines, laid over our batches and over whole days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perseat.domain.deadlines import SeatsUntil, assign_deadlines, last_day_before, plan_changeable_until

Told = list[tuple[int, int | None]]  # seats, and the day of November at whose noon they can no longer go


def deadlines(told: Told) -> list[SeatsUntil]:
    return [SeatsUntil(seats, datetime(2026, 11, day, 12, tzinfo=UTC) if day else None) for seats, day in told]


@pytest.mark.parametrize(
    ("our_batches", "returnable", "expected"),
    [
        ([3], [(3, 29)], [[(3, 29)]]),
        ([2, 4], [(3, 29)], [[(2, 29)], [(3, None), (1, 29)]]),
        ([2, 4], [(1, 29)], [[(1, None), (1, 29)], [(4, None)]]),
        ([3, 4], [(2, 26), (2, 29)], [[(1, 26), (2, 29)], [(3, None), (1, 26)]]),  # the latest for the newest
        ([3, 4], [(2, 29), (2, 26)], [[(1, 26), (2, 29)], [(3, None), (1, 26)]]),  # in whatever order they are told
        ([4], [(2, 29), (2, 29)], [[(4, 29)]]),  # one deadline, told in two parts
        ([5], [(2, None), (2, 29)], [[(3, None), (2, 29)]]),  # without a deadline they cannot go
        ([2], [(2, None), (2, 29)], [[(2, 29)]]),
        ([2, 1], [(9, 29)], [[(2, 29)], [(1, 29)]]),  # the supplier may hold more than we sold
        ([2], [(0, 30), (1, 29)], [[(1, None), (1, 29)]]),
        ([2], [(-1, 30), (1, 29)], [[(1, None), (1, 29)]]),
        ([2], [], [[(2, None)]]),
        ([0, 2], [(1, 29)], [[], [(1, None), (1, 29)]]),
        ([], [(1, 29)], []),
        ([1, 1, 1], [(1, 24), (1, 29), (1, 26)], [[(1, 29)], [(1, 26)], [(1, 24)]]),
        ([3], [(1, 24), (1, 29), (1, 26)], [[(1, 24), (1, 26), (1, 29)]]),
    ],
)
def test_the_latest_deadline_goes_to_the_newest_seats(
    our_batches: list[int], returnable: Told, expected: list[Told]
) -> None:
    assert assign_deadlines(our_batches, returnable=deadlines(returnable)) == tuple(
        tuple(deadlines(parts)) for parts in expected
    )


@given(
    our_batches=st.lists(st.integers(0, 6), max_size=5),
    returnable=st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(1, 30)), max_size=5),
)
def test_deadlines_are_those_that_one_would_hand_out_seat_by_seat(our_batches: list[int], returnable: Told) -> None:
    days = sorted((day or 0 for seats, day in returnable for _ in range(seats)), reverse=True)
    handed_out = iter([*days, *[0] * sum(our_batches)])
    seat_by_seat = [[next(handed_out) for _ in range(seats)] for seats in our_batches]

    found = assign_deadlines(our_batches, returnable=deadlines(returnable))

    assert [
        [part.until.day if part.until else 0 for part in reversed(parts) for _ in range(part.seats)] for parts in found
    ] == seat_by_seat
    for parts in found:
        assert len({part.until for part in parts}) == len(parts)


@pytest.mark.parametrize(
    ("until", "zone", "day"),
    [
        (datetime(2026, 11, 29, 1, 0, tzinfo=UTC), "Australia/Sydney", date(2026, 11, 28)),
        (datetime(2026, 11, 29, 1, 0, tzinfo=UTC), "America/New_York", date(2026, 11, 27)),
        (datetime(2026, 11, 28, 23, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 11, 28)),
        (datetime(2026, 11, 28, 22, 59, tzinfo=UTC), "Europe/Berlin", date(2026, 11, 27)),
    ],
)
def test_only_a_day_that_lies_wholly_before_the_deadline_counts(until: datetime, zone: str, day: date) -> None:
    assert last_day_before(until, zone_name=zone) == day


@pytest.mark.parametrize(
    ("zone", "supplier_term_ends_on", "until"),
    [  # our renewal is on 15 December
        ("Europe/Berlin", None, datetime(2026, 12, 14, 23, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 12, 14), datetime(2026, 12, 14, 23, tzinfo=UTC)),  # ours comes an hour earlier
        ("Europe/Berlin", date(2026, 12, 13), datetime(2026, 12, 14, 0, tzinfo=UTC)),
        ("America/New_York", date(2026, 12, 14), datetime(2026, 12, 15, 0, tzinfo=UTC)),  # theirs, by five hours
        ("America/New_York", None, datetime(2026, 12, 15, 5, tzinfo=UTC)),
        ("America/New_York", date(2026, 12, 31), datetime(2026, 12, 15, 5, tzinfo=UTC)),
    ],
)
def test_a_plan_can_be_changed_until_the_first_of_the_two_renews(
    zone: str, supplier_term_ends_on: date | None, until: datetime
) -> None:
    found = plan_changeable_until(date(2026, 12, 15), zone_name=zone, supplier_term_ends_on=supplier_term_ends_on)

    assert found == until
    assert found.tzinfo is not None
