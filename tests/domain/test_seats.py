"""Batches of seats: the newest leave first, and each may be given back through a day of its own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.services import edition

from perseat.domain.quote import Batch, DecreasePolicy
from perseat.domain.seats import (
    Fewer,
    SeatsNotCountable,
    check_seats,
    decide_decrease,
    remove_newest,
    remove_returned,
)

NOVEMBER = tuple(date(2026, 11, of_month) for of_month in range(1, 31))
Told = list[tuple[int, int, int | None]]  # added on, seats, returnable through: days of November


def batches(told: Told) -> list[Batch]:
    return [
        Batch(added_on=NOVEMBER[added - 1], seats=seats, returnable_through=NOVEMBER[through - 1] if through else None)
        for added, seats, through in told
    ]


def tell(found: tuple[Batch, ...]) -> Told:
    return [
        (each.added_on.day, each.seats, each.returnable_through.day if each.returnable_through else None)
        for each in found
    ]


@pytest.mark.parametrize(
    ("held", "leaving", "left"),
    [
        ([(1, 5, 8), (4, 3, 11)], 0, [(1, 5, 8), (4, 3, 11)]),
        ([(1, 5, 8), (4, 3, 11)], 2, [(1, 5, 8), (4, 1, 11)]),
        ([(1, 5, 8), (4, 3, 11)], 3, [(1, 5, 8)]),
        ([(1, 5, 8), (4, 3, 11)], 4, [(1, 4, 8)]),
        ([(1, 5, 8), (4, 3, 11)], 8, []),
        ([(1, 5, 8), (4, 3, 11)], 9, []),
        ([(4, 3, 11), (1, 5, 8)], 2, [(1, 5, 8), (4, 1, 11)]),  # told in any order
        ([(1, 5, None), (2, 2, None), (3, 2, None)], 3, [(1, 5, None), (2, 1, None)]),
        ([(1, 0, 8), (4, 3, 11)], 1, [(4, 2, 11)]),  # a batch without seats is none
    ],
)
def test_the_newest_seats_leave_first(held: Told, leaving: int, left: Told) -> None:
    assert tell(remove_newest(batches(held), seats=leaving)) == left


@pytest.mark.parametrize(
    ("held", "given_back", "left"),
    [  # on 8 November
        ([(1, 5, 8), (4, 3, 11)], 2, [(1, 5, 8), (4, 1, 11)]),
        ([(1, 5, 8), (4, 3, 11)], 4, [(1, 4, 8)]),  # the last day is included
        ([(1, 5, 7), (4, 3, 11)], 4, [(1, 4, 7)]),  # what is left goes from those past their day
        ([(1, 5, 8), (4, 3, None)], 2, [(1, 3, 8), (4, 3, None)]),  # the newest may not go: the older ones do
        ([(1, 5, 8), (4, 3, None)], 6, [(4, 2, None)]),
        ([(1, 5, 7), (2, 2, 9), (3, 4, 6), (4, 1, 10)], 2, [(1, 5, 7), (2, 1, 9), (3, 4, 6)]),
        ([(1, 5, 7), (2, 2, 9), (3, 4, 6), (4, 1, 10)], 5, [(1, 5, 7), (3, 2, 6)]),
        ([(1, 5, 7), (2, 2, 9), (3, 4, 6), (4, 1, 10)], 0, [(1, 5, 7), (2, 2, 9), (3, 4, 6), (4, 1, 10)]),
    ],
)
def test_seats_that_may_go_are_given_back_before_those_that_may_not(held: Told, given_back: int, left: Told) -> None:
    assert tell(remove_returned(batches(held), day=NOVEMBER[7], seats=given_back)) == left


@pytest.mark.parametrize(
    ("held", "fewer", "moved", "expected"),
    [  # on 8 November: credited today, waiting for the term's end, last day on which the credited ones could go
        ([(1, 5, 8), (4, 3, 11)], 2, 0, (2, 0, 11)),
        ([(1, 5, 8), (4, 3, 11)], 3, 0, (3, 0, 11)),  # the older ones are not needed: their deadline does not count
        ([(1, 5, 8), (4, 3, 11)], 4, 0, (4, 0, 8)),  # the earliest deadline of all that go
        ([(1, 5, 9), (2, 5, 8), (4, 3, 11)], 9, 0, (9, 0, 8)),
        ([(1, 5, 7), (4, 3, 11)], 4, 0, (3, 1, 11)),
        ([(1, 5, 7), (4, 3, None)], 4, 0, (0, 4, None)),
        ([(1, 5, 8), (4, 3, 11)], 3, 2, (3, 0, 8)),  # those that move to another edition are the newest
        ([(1, 5, 8), (4, 3, 11)], 5, 3, (5, 0, 8)),
        ([(1, 5, 7), (4, 3, 11)], 2, 3, (0, 2, None)),
        ([(1, 5, 8), (3, 0, 8), (4, 3, 11)], 3, 0, (3, 0, 11)),
        ([(3, 0, 8), (4, 3, 11)], 5, 0, (3, 2, 11)),  # an empty batch has no deadline to keep
    ],
)
def test_in_a_window_what_may_still_go_is_credited_and_the_rest_waits(
    held: Told, fewer: int, moved: int, expected: tuple[int, int, int | None]
) -> None:
    state = edition("basic", 8, policy=DecreasePolicy.WINDOW, batches=tuple(batches(held)))

    credited, scheduled, through = expected
    until = NOVEMBER[through - 1] if through else None
    assert decide_decrease(state, day=NOVEMBER[7], seats=fewer, moved=moved) == Fewer(credited, scheduled, until)


@pytest.mark.parametrize(
    ("policy", "expected"), [(DecreasePolicy.ANYTIME, Fewer(3, 0, None)), (DecreasePolicy.RENEWAL, Fewer(0, 3, None))]
)
def test_without_a_window_all_go_or_all_wait(policy: DecreasePolicy, expected: Fewer) -> None:
    state = edition("basic", 8, policy=policy, batches=tuple(batches([(1, 5, 8), (4, 3, 11)])))

    assert decide_decrease(state, day=NOVEMBER[7], seats=3) == expected


def test_seats_that_only_end_take_the_newest_that_may_go() -> None:
    state = edition("basic", 8, policy=DecreasePolicy.WINDOW, batches=tuple(batches([(1, 5, 7), (4, 3, 11)])))

    assert decide_decrease(state, day=NOVEMBER[7], seats=3) == Fewer(3, 0, NOVEMBER[10])


@pytest.mark.parametrize("seats", [0, 1, 1_000_000])
def test_up_to_a_million_seats_are_sold(seats: int) -> None:
    assert check_seats(seats, edition="basic") == seats


@pytest.mark.parametrize("seats", [-1, 1_000_001, 1.0, "1", None, True])
def test_what_is_no_number_of_seats_is_refused_by_name(seats: object) -> None:
    with pytest.raises(SeatsNotCountable) as caught:
        check_seats(seats, edition="basic")
    assert (caught.value.edition, caught.value.seats) == ("basic", seats)


@given(
    seats_of=st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(1, 30)), max_size=5),
    day=st.integers(1, 30),
    given_back=st.integers(0, 30),
)
def test_seats_given_back_are_those_that_one_would_pick_one_by_one(
    seats_of: list[tuple[int, int | None]], day: int, given_back: int
) -> None:
    held = [(added, seats, through) for added, (seats, through) in enumerate(seats_of, start=1)]
    one_by_one = [(added, through) for added, seats, through in held for _ in range(seats)]
    for _ in range(min(given_back, len(one_by_one))):
        may_go = [seat for seat in one_by_one if seat[1] is not None and day <= seat[1]]
        one_by_one.remove(max(may_go or one_by_one, key=lambda seat: seat[0]))

    left = remove_returned(batches(held), day=NOVEMBER[day - 1], seats=given_back)

    assert [(added, through) for added, seats, through in tell(left) for _ in range(seats)] == one_by_one
