"""Seats given back in their window are credited for the day the customer accepted, however late the answer comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.domain.services import START, after, billed, change, edition, service

from perseat.domain.proration import SeatsNotBilled
from perseat.domain.quote import BilledLine, LineKind, LineReason
from perseat.domain.returns import credit_charged_since, credit_returned, is_return, seats_taken_back

DAY = date(2026, 11, 22)
SECOND, THIRD = date(2026, 12, 15), date(2027, 1, 15)


def test_a_document_that_only_credits_returned_seats_is_a_return() -> None:
    fewer = change(service(edition("basic", 5), edition("premium", 2)), DAY, basic=3, premium=1)

    assert [line.reason for line in fewer.lines] == [LineReason.RETURNED, LineReason.RETURNED]
    assert is_return(fewer.lines)


@pytest.mark.parametrize(
    "wanted", [{"basic": 6}, {"basic": 3, "premium": 2}, {"basic": 3, "standard": 4}], ids=["more", "both", "moved"]
)
def test_a_document_that_charges_or_exchanges_is_no_return(wanted: dict[str, int]) -> None:
    state = service(edition("basic", 5), edition("premium", 1), upgrades=frozenset({("basic", "standard")}))

    assert not is_return(change(state, DAY, **wanted).lines)


def test_neither_an_empty_document_nor_one_for_a_late_start_is_a_return() -> None:
    returned = change(service(edition("basic", 5)), DAY, basic=3).lines[0]

    assert not is_return(())
    assert not is_return((returned._replace(reason=LineReason.LATE_START),))
    assert not is_return((returned._replace(kind=LineKind.CHARGE),))
    assert not is_return((returned, returned._replace(kind=LineKind.CHARGE, reason=LineReason.ADDED)))


def two_editions() -> dict[str, list[BilledLine]]:
    return {
        "basic": [
            billed("basic", 5),
            billed("basic", 3, start=DAY, order=2),
            billed("basic", 8, start=SECOND, order=3),
        ],
        "premium": [billed("premium", 2, start=date(2026, 11, 20), order=1)],
    }


@pytest.mark.parametrize(
    ("seats", "lines"),
    [
        ({"basic": 2}, [("basic-2", 2, -1073)]),
        ({"basic": 4}, [("basic-2", 3, -1610), ("basic-0", 1, -537)]),
        # Newest original first, whatever its edition; the period that began later is left alone.
        ({"basic": 4, "premium": 1}, [("basic-2", 3, -1610), ("premium-1", 1, -1687), ("basic-0", 1, -537)]),
        ({"premium": 2}, [("premium-1", 2, -3374)]),
        ({"basic": 0}, []),
        ({}, []),
    ],
)
def test_returned_seats_are_credited_from_the_day_they_were_given_back(
    seats: dict[str, int], lines: list[tuple[str, int, int]]
) -> None:
    found = credit_returned(two_editions(), seats=seats, day=DAY)

    assert [(line.credits, line.seats, line.amount_minor) for line in found] == lines
    for line in found:
        assert (line.kind, line.reason, line.partner) == (LineKind.CREDIT, LineReason.RETURNED, None)
        assert (line.start, line.end) == (DAY, SECOND)


def test_of_lines_of_one_age_the_catalog_tells_the_order() -> None:
    together = {"basic": [billed("basic", 5)], "premium": [billed("premium", 2)]}

    found = credit_returned(together, seats={"premium": 1, "basic": 1}, day=DAY)

    assert [line.edition for line in found] == ["basic", "premium"]


def test_a_line_that_begins_on_the_day_is_credited_whole() -> None:
    [line] = credit_returned({"basic": [billed("basic", 3, start=DAY)]}, seats={"basic": 3}, day=DAY)

    assert line.amount_minor == -1610


def test_the_credit_is_the_one_that_was_quoted() -> None:
    state = service(edition("basic", 5), edition("premium", 2))
    state = after(state, change(state, date(2026, 11, 20), basic=8))
    quoted = change(state, DAY, basic=4, premium=1)
    charged = {each.edition: each.billed for each in state.editions}

    assert credit_returned(charged, seats={"basic": 4, "premium": 1}, day=DAY) == quoted.lines


def test_more_than_was_charged_by_then_cannot_be_returned() -> None:
    with pytest.raises(SeatsNotBilled):
        credit_returned(two_editions(), seats={"basic": 9}, day=DAY)


def charged_meanwhile() -> dict[str, list[BilledLine]]:
    return {
        "basic": [
            billed("basic", 5),
            billed("basic", 5, start=THIRD, order=3),
            billed("basic", 5, start=SECOND, order=1),
            billed("basic", 2, start=SECOND, order=2),
        ],
        "premium": [billed("premium", 2), billed("premium", 2, start=SECOND, order=2)],
    }


@pytest.mark.parametrize(
    ("seats", "lines"),
    [
        ({"basic": 1}, [("basic-2", 1, SECOND), ("basic-3", 1, THIRD)]),
        ({"basic": 3}, [("basic-2", 2, SECOND), ("basic-1", 1, SECOND), ("basic-3", 3, THIRD)]),
        ({"premium": 2}, [("premium-2", 2, SECOND)]),
        ({"premium": 1, "basic": 1}, [("basic-2", 1, SECOND), ("premium-2", 1, SECOND), ("basic-3", 1, THIRD)]),
        ({"basic": 0}, []),
        ({}, []),
    ],
)
def test_what_was_charged_while_no_answer_came_goes_back_period_by_period(
    seats: dict[str, int], lines: list[tuple[str, int, date]]
) -> None:
    found = credit_charged_since(charged_meanwhile(), seats=seats, day=DAY)

    assert [(line.credits, line.seats, line.start) for line in found] == lines
    for line in found:
        assert (line.kind, line.reason) == (LineKind.CREDIT, LineReason.RETURNED)
        assert line.amount_minor == -line.seats * line.unit_price * 100  # whole periods


def test_a_period_that_begins_on_the_day_itself_was_not_charged_since() -> None:
    assert credit_charged_since({"basic": [billed("basic", 5)]}, seats={"basic": 1}, day=START) == ()


def test_what_was_given_back_before_stays_given_back() -> None:
    line = replace(billed("basic", 5), credited_seats=4, credited_seat_days=92, credited_minor=2147)

    [credit] = credit_returned({"basic": [line]}, seats={"basic": 1}, day=DAY)

    assert (credit.seats, credit.amount_minor) == (1, -(2683 - 2147))


@pytest.mark.parametrize(
    ("asked", "before", "now", "total", "taken"),
    [
        (3, 8, 5, 5, 3),
        (3, 8, 7, 5, 1),
        (3, 8, 8, 5, 0),
        (3, 10, 7, 5, 3),  # it held more than was sold: that does not count against the customer
        (3, 10, 6, 5, 3),
        (3, 8, 9, 5, 0),
        (3, 4, 4, 5, 3),
        (3, 6, 5, 5, 3),  # driven to the total: whatever was missing there before was not the customer's
        (3, 8, 6, 5, 2),
    ],
)
def test_seats_taken_back_are_those_that_the_supplier_no_longer_holds(
    asked: int, before: int, now: int, total: int, taken: int
) -> None:
    assert seats_taken_back(asked=asked, held_there_before=before, held_there_now=now, total=total) == taken
