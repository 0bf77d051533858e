"""Seats that start late, and seats the supplier refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.oracle_values import nearest
from tests.domain.services import billed

from perseat.domain.quote import Basis, BilledCredit, Line, LineReason
from perseat.domain.reversal import (
    charge_late_exchange,
    credit_late_start,
    credit_refused,
    credit_refused_renewal,
    undo_credits,
)
from perseat.domain.tax import document_totals

DAY = date(2026, 11, 22)


def test_days_before_seats_paid_late_began_are_credited() -> None:
    line = billed("basic", 3, start=DAY)

    [credit] = credit_late_start([line], day=date(2026, 11, 25))

    assert (credit.reason, credit.seats, credit.days) == (LineReason.LATE_START, 3, 3)
    assert (credit.start, credit.end) == (DAY, date(2026, 11, 25))
    assert credit.amount_minor == -(1610 - 1400)
    assert document_totals([credit], billed=[line]).total_minor == -231


def test_seats_that_began_on_their_day_get_nothing() -> None:
    assert credit_late_start([billed("basic", 3, start=DAY)], day=DAY) == ()


def test_seats_that_never_began_get_everything() -> None:
    line = billed("basic", 3, start=DAY)

    [credit] = credit_late_start([line], day=date(2027, 1, 1))

    assert credit.amount_minor == -line.amount_minor


@settings(max_examples=200, deadline=None)
@given(late=st.integers(0, 23), returned=st.integers(0, 23), seats=st.integers(1, 40), amount=st.integers(0, 10**6))
def test_a_late_start_and_a_return_never_credit_more_than_the_unused_days(
    late: int, returned: int, seats: int, amount: int
) -> None:
    line = replace(billed("basic", seats, start=DAY), amount_minor=amount)
    credits_ = credit_late_start([line], day=date.fromordinal(DAY.toordinal() + min(late, returned)))

    credited = -sum(credit.amount_minor for credit in credits_)

    assert 0 <= credited <= amount
    assert abs(credited * 23 - amount * min(late, returned)) <= 23


def test_a_refused_line_is_credited_for_all_that_is_left() -> None:
    line = replace(billed("basic", 3), credited_seats=1, credited_seat_days=23, credited_minor=537)

    [credit] = credit_refused([line])

    assert (credit.reason, credit.seats, credit.amount_minor) == (LineReason.REFUSED, 2, -(2100 - 537))


def test_a_line_that_was_given_back_whole_has_nothing_left_to_refuse() -> None:
    line = replace(billed("basic", 3), credited_seats=3, credited_seat_days=90, credited_minor=2100)

    assert credit_refused([line]) == ()


def exchanged() -> tuple[object, ...]:
    credit = BilledCredit(reference="exchange", seats=1, seat_days=23, amount_minor=537, tax_minor=54)
    basic = replace(
        billed("basic", 1),
        credited_seats=1,
        credited_seat_days=23,
        credited_minor=537,
        document_credited_minor=537,
        document_credited_tax_minor=54,
        credits_of_the_day=(credit,),
    )
    return basic, billed("premium", 1, start=DAY, order=1)


def test_a_refused_upgrade_takes_its_credit_back_with_it() -> None:
    basic, premium = exchanged()

    lines = (*credit_refused([premium]), *undo_credits([basic]))  # type: ignore[list-item]

    assert [(line.edition, line.amount_minor) for line in lines] == [("premium", -1687), ("basic", 537)]
    totals = document_totals(lines, billed=[basic, premium])  # type: ignore[list-item]
    assert (totals.net_minor, totals.tax_minor) == (-1150, -115)


def test_a_late_upgrade_charges_the_old_seats_until_they_leave() -> None:
    basic, premium = exchanged()
    day = date(2026, 11, 25)

    lines = (*credit_late_start([premium], day=day), *charge_late_exchange([basic], day=day))  # type: ignore[list-item]

    assert [(line.edition, line.days, line.amount_minor) for line in lines] == [
        ("premium", 3, -(1687 - 1467)),
        ("basic", 3, 537 - (700 - 233)),  # as if it had been credited on the 25th
    ]


def test_what_left_at_once_owes_nothing_more() -> None:
    basic, _ = exchanged()

    assert charge_late_exchange([basic], day=DAY) == ()  # type: ignore[list-item]


@settings(max_examples=200, deadline=None)
@given(seats=st.integers(1, 40), refused=st.integers(0, 60), amount=st.integers(0, 10**6))
def test_of_a_renewal_the_refused_seats_go_back_and_the_others_stand(seats: int, refused: int, amount: int) -> None:
    line = replace(billed("basic", seats), amount_minor=amount)

    found = credit_refused_renewal(line, seats=refused)

    back = min(refused, seats)
    assert sum(credit.seats for credit in found) == back
    assert abs(-sum(credit.amount_minor for credit in found) * seats - amount * back) <= seats
    if refused >= seats:
        assert -sum(credit.amount_minor for credit in found) == amount


def test_of_seats_partly_given_back_only_the_others_start_late() -> None:
    line = replace(billed("basic", 5, start=DAY), credited_seats=2, credited_seat_days=46, credited_minor=1073)

    [credit] = credit_late_start([line], day=date(2026, 11, 25))

    assert (credit.seats, credit.days) == (3, 3)
    assert credit.amount_minor == -(2683 - 1400 - 1073)  # 60 of 115 seat-days are left


def test_seats_that_were_all_given_back_do_not_start_late() -> None:
    line = replace(billed("basic", 2, start=DAY), credited_seats=2, credited_seat_days=46, credited_minor=1073)

    assert credit_late_start([line], day=date(2026, 11, 25)) == ()


def test_seats_that_leave_a_day_late_are_charged_for_that_day() -> None:
    basic, _ = exchanged()

    [line] = charge_late_exchange([basic], day=date(2026, 11, 23))  # type: ignore[list-item]

    assert (line.start, line.end, line.days, line.seats) == (DAY, date(2026, 11, 23), 1, 1)
    assert line.amount_minor == 537 - (700 - 187)  # 8 of 30 days used
    assert (line.credits, line.restores) == ("basic-0", "exchange")


def test_of_two_exchanges_each_late_one_is_charged_from_where_the_other_left_off() -> None:
    first = BilledCredit(reference="first", seats=1, seat_days=23, amount_minor=537)
    second = BilledCredit(reference="second", seats=2, seat_days=46, amount_minor=1073)
    basic = replace(
        billed("basic", 3),
        credited_seats=3,
        credited_seat_days=69,
        credited_minor=1610,
        credits_of_the_day=(first, second),
    )

    lines = charge_late_exchange([basic], day=date(2026, 11, 25))

    assert [(line.restores, line.seats, line.days, line.amount_minor) for line in lines] == [
        ("first", 1, 3, 1610 - (2100 - 560)),  # 66 of 90 seat-days credited
        ("second", 2, 3, 1540 - (2100 - 700)),  # 60 of 90: as if all had left on the 25th
    ]


def test_a_credit_is_undone_for_all_its_seats_and_days() -> None:
    credit = BilledCredit(reference="exchange", seats=2, seat_days=46, amount_minor=1073)
    line = replace(
        billed("basic", 3),
        credited_seats=2,
        credited_seat_days=46,
        credited_minor=1073,
        credits_of_the_day=(credit,),
    )

    [undone] = undo_credits([line])

    assert (undone.seats, undone.start, undone.end, undone.days) == (2, DAY, line.end, 23)
    assert (undone.amount_minor, undone.credits, undone.restores) == (1073, "basic-0", "exchange")


def test_refused_seats_that_cost_nothing_stand_on_the_document_all_the_same() -> None:
    [credit] = credit_refused([billed("basic", 3, unit_price="0.00")])

    assert (credit.seats, credit.amount_minor) == (3, 0)
    assert (credit.start, credit.end) == (billed("basic", 3).start, billed("basic", 3).end)


def test_of_seats_given_back_late_the_days_in_between_are_refused_too() -> None:
    line = replace(billed("basic", 3), credited_seats=3, credited_seat_days=69, credited_minor=1610)

    [credit] = credit_refused([line])

    assert (credit.seats, credit.amount_minor) == (0, -490)


def computed_again(line: Line) -> int:
    """The amount of a line by what it starts from."""
    assert line.basis is not None
    billed_minor, seats, days, kept, credited_minor = line.basis
    return nearest(Fraction(billed_minor * kept, seats * days)) - billed_minor + credited_minor


def test_whoever_reads_a_late_or_refused_line_can_compute_it_again() -> None:
    day = date(2026, 11, 25)
    partly = replace(billed("basic", 5, start=DAY), credited_seats=2, credited_seat_days=46, credited_minor=1073)
    first = BilledCredit(reference="first", seats=1, seat_days=23, amount_minor=537)
    second = BilledCredit(reference="second", seats=2, seat_days=46, amount_minor=1073)
    moved = replace(
        billed("basic", 4), credited_seats=3, credited_seat_days=69, credited_minor=1610,
        credits_of_the_day=(first, second),
    )  # fmt: skip

    lines = (
        *credit_late_start([partly], day=day),
        *charge_late_exchange([moved], day=day),
        *credit_refused([partly, moved]),
    )

    assert [line.basis for line in lines] == [
        Basis(billed_minor=2683, seats=5, days=23, kept_seat_days=115 - 46 - 9, credited_minor=1073),
        Basis(billed_minor=2800, seats=4, days=30, kept_seat_days=120 - 66, credited_minor=1610),
        Basis(billed_minor=2800, seats=4, days=30, kept_seat_days=120 - 60, credited_minor=1540),
        Basis(billed_minor=2683, seats=5, days=23, kept_seat_days=0, credited_minor=1073),
        Basis(billed_minor=2800, seats=4, days=30, kept_seat_days=0, credited_minor=1610),
    ]
    assert [line.amount_minor for line in lines] == [computed_again(line) for line in lines]
