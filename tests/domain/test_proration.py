"""Credits fall on the newest charge first, and come back exactly: rules 7 to 9."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.domain.services import billed

from perseat.domain.proration import (
    GivenBack,
    SeatsNotBilled,
    credit_newest_first,
    credited_by_complement,
    restore_of_the_day,
)
from perseat.domain.quote import Basis, BilledCredit, BilledLine, Line, LineKind, LineReason

DAY, END = date(2026, 11, 22), date(2026, 12, 15)
RETURNED, EXCHANGED = LineReason.RETURNED, LineReason.EXCHANGED


def given_back(billed_lines: list[BilledLine], *parts: GivenBack, day: date = DAY) -> list[tuple[str | None, int, str]]:
    found = credit_newest_first(billed_lines, day=day, parts=parts)
    return [(line.credits, line.seats, line.partner or "ended") for _, line in found]


@pytest.mark.parametrize("ages", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_newest_charge_is_credited_first_in_whatever_order_they_are_told(ages: tuple[int, ...]) -> None:
    lines = [billed("basic", 2, order=age) for age in ages]

    assert given_back(lines, GivenBack(5, RETURNED)) == [
        ("basic-2", 2, "ended"),
        ("basic-1", 2, "ended"),
        ("basic-0", 1, "ended"),
    ]


def test_of_two_charges_the_newer_is_credited_first_though_it_is_told_first() -> None:
    assert given_back([billed("basic", 2, order=1), billed("basic", 2)], GivenBack(2, RETURNED)) == [
        ("basic-1", 2, "ended")
    ]


def test_seats_that_move_and_seats_that_end_share_a_charge() -> None:
    lines = [billed("basic", 3), billed("basic", 4, order=1)]

    assert given_back(lines, GivenBack(3, EXCHANGED, "premium"), GivenBack(3, RETURNED)) == [
        ("basic-1", 3, "premium"),
        ("basic-1", 1, "ended"),
        ("basic-0", 2, "ended"),
    ]


def test_a_charge_that_ends_on_the_day_is_used_up() -> None:
    assert given_back(
        [billed("basic", 2), billed("basic", 2, start=END, order=1)], GivenBack(2, RETURNED), day=END
    ) == [("basic-1", 2, "ended")]
    with pytest.raises(SeatsNotBilled):
        given_back([billed("basic", 2)], GivenBack(1, RETURNED), day=END)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([billed("basic", 2)], "3 seats of basic are"),
        ([billed("premium", 2), billed("premium", 1, order=1)], "2 seats of premium are"),
        ([], "5 seats of an edition are"),
    ],
)
def test_seats_that_no_charge_covers_cannot_be_given_back(lines: list[BilledLine], sentence: str) -> None:
    with pytest.raises(SeatsNotBilled, match=f"^{sentence} given back that no charge of the running period covers.$"):
        given_back(lines, GivenBack(5, RETURNED))


@pytest.mark.parametrize(("seat_days", "credited"), [(0, 0), (1, 23), (30, 700), (75, 1750), (149, 3477), (150, 3500)])
def test_used_and_credited_make_what_was_billed(seat_days: int, credited: int) -> None:
    assert credited_by_complement(billed("basic", 5), given_back_seat_days=seat_days) == credited


def test_a_credit_line_says_what_it_takes_back() -> None:
    [(age, line)] = credit_newest_first(
        [billed("basic", 5, order=4)], day=DAY, parts=[GivenBack(2, EXCHANGED, "premium")]
    )

    charge = billed("basic", 5, order=4)
    assert age == 4
    assert line == Line(
        kind=LineKind.CREDIT, reason=EXCHANGED, edition="basic", seats=2, start=DAY, end=END, days=23, period_days=30,
        unit_price=charge.unit_price, amount_minor=-1073, tax_category="S", tax_rate=charge.tax_rate,
        credits="basic-4", restores=None, partner="premium",
        basis=Basis(billed_minor=3500, seats=5, days=30, kept_seat_days=104, credited_minor=0),
    )  # fmt: skip


def credited(*credits_: BilledCredit, seats: int = 5, order: int = 0) -> BilledLine:
    return replace(
        billed("basic", seats, order=order),
        credited_seats=sum(each.seats for each in credits_),
        credited_seat_days=sum(each.seat_days for each in credits_),
        credited_minor=sum(each.amount_minor for each in credits_),
        credits_of_the_day=credits_,
    )


FIRST = BilledCredit(reference="first", seats=2, seat_days=46, amount_minor=1073)
SECOND = BilledCredit(reference="second", seats=1, seat_days=23, amount_minor=537)


def test_a_restored_line_says_which_credit_it_undoes() -> None:
    [line] = restore_of_the_day([credited(FIRST)], day=DAY, seats=9)

    charge = billed("basic", 5)
    assert line == Line(
        kind=LineKind.CHARGE, reason=LineReason.RESTORED, edition="basic", seats=2, start=DAY, end=END, days=23,
        period_days=30, unit_price=charge.unit_price, amount_minor=1073, tax_category="S", tax_rate=charge.tax_rate,
        credits="basic-0", restores="first", partner=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seats", "undone"),
    [
        (0, []),
        (1, [("second", 1, 537)]),
        (2, [("second", 1, 537), ("first", 1, 536)]),  # half of the first: by what stays credited
        (3, [("second", 1, 537), ("first", 2, 1073)]),
        (4, [("second", 1, 537), ("first", 2, 1073)]),
    ],
)
def test_the_credits_of_the_day_are_undone_the_last_one_first(seats: int, undone: list[tuple[str, int, int]]) -> None:
    lines = restore_of_the_day([credited(FIRST, SECOND), billed("basic", 1, order=7)], day=DAY, seats=seats)

    assert [(line.restores, line.seats, line.amount_minor) for line in lines] == undone


def test_the_oldest_charge_gets_its_seats_back_first() -> None:
    newer = replace(SECOND, reference="newer")

    lines = restore_of_the_day([credited(newer, order=2), credited(FIRST, order=1)], day=DAY, seats=3)

    assert [(line.credits, line.restores, line.seats) for line in lines] == [
        ("basic-1", "first", 2),
        ("basic-2", "newer", 1),
    ]


def test_two_of_three_seats_come_back_for_two_thirds_of_the_days() -> None:
    three = BilledCredit(reference="three", seats=3, seat_days=69, amount_minor=1610)

    [line] = restore_of_the_day([credited(three)], day=DAY, seats=2)

    assert (line.seats, line.amount_minor) == (2, 1610 - 537)
    assert type(line.amount_minor) is int


def test_a_credit_undone_as_a_whole_has_its_exact_amount_whatever_else_was_credited() -> None:
    line = replace(credited(SECOND), credited_seat_days=25, credited_minor=583)  # two more seat-days for 0.46

    [undone] = restore_of_the_day([line], day=DAY, seats=1)

    assert undone.amount_minor == 537


def test_a_part_of_a_credit_comes_back_by_what_stays_kept() -> None:
    half, whole = restore_of_the_day([credited(FIRST, SECOND)], day=DAY, seats=2)[::-1]

    assert half.basis == Basis(billed_minor=3500, seats=5, days=30, kept_seat_days=150 - 23, credited_minor=1073)
    assert whole.basis is None  # it is the credit as it was
