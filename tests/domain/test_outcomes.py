"""What a change comes to for each edition, and what of a decrease is refunded or waits: rules 10 and 13."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.domain.services import START, billed, change, edition, service

from perseat.domain.calendar import Period
from perseat.domain.quote import (
    Batch,
    BilledCredit,
    BilledLine,
    Decrease,
    DecreasePolicy,
    EditionState,
    Outcome,
    quote_change,
)
from perseat.domain.renewal import HeldWithoutTerm
from perseat.domain.seats import SeatsNotCountable

DAY, RENEWAL = date(2026, 11, 22), date(2027, 11, 15)
YEAR = 12


def five(policy: DecreasePolicy = DecreasePolicy.ANYTIME, planned: int | None = None) -> EditionState:
    return edition("basic", 5, policy=policy, planned=planned)


@pytest.mark.parametrize(
    ("state", "wanted", "outcome"),
    [  # held before, total wanted, held from now on, planned, and from when
        (five(), 5, (5, 5, 5, None, None)),
        (five(), 7, (5, 7, 7, None, None)),
        (five(), 2, (5, 2, 2, None, None)),
        (five(DecreasePolicy.RENEWAL), 2, (5, 2, 5, 2, RENEWAL)),
        (five(DecreasePolicy.RENEWAL), 0, (5, 0, 5, 0, RENEWAL)),
        (five(planned=3), None, (5, 3, 5, 3, RENEWAL)),  # not typed: it keeps its plan
        (five(planned=0), None, (5, 0, 5, 0, RENEWAL)),
        (five(), None, (5, 5, 5, None, None)),
        (five(planned=3), 5, (5, 5, 5, None, None)),  # typed: it replaces the plan
        (five(planned=3), 6, (5, 6, 6, None, None)),
        (edition("basic"), 2, (0, 2, 2, None, None)),
        (five(), 0, (5, 0, 0, None, None)),
    ],
)
def test_an_edition_comes_to_what_was_typed_or_to_its_plan(
    state: EditionState, wanted: int | None, outcome: tuple[int, int, int, int | None, date | None]
) -> None:
    typed = {} if wanted is None else {"basic": wanted}

    quoted = change(service(state, term_cycles=YEAR), DAY, **typed)

    assert quoted.outcomes[0] == Outcome("basic", *outcome)


def batch(of_november: int, seats: int, through: int | None) -> Batch:
    day = date(2026, 11, of_november)
    return Batch(added_on=day, seats=seats, returnable_through=date(2026, 11, through) if through else None)


IN_WINDOW = edition("basic", 5, policy=DecreasePolicy.WINDOW, batches=(batch(15, 3, 21), batch(18, 2, 24)))


@pytest.mark.parametrize(
    ("state", "wanted", "decreases"),
    [
        (five(), {"basic": 3}, [Decrease("basic", 2, DAY, 1073, None)]),
        (five(DecreasePolicy.RENEWAL), {"basic": 3}, [Decrease("basic", 2, RENEWAL, 0, None)]),
        (IN_WINDOW, {"basic": 4}, [Decrease("basic", 1, DAY, 537, date(2026, 11, 24))]),
        (IN_WINDOW, {"basic": 2},
         [Decrease("basic", 2, DAY, 1073, date(2026, 11, 24)), Decrease("basic", 1, RENEWAL, 0, None)]),
        # Seats that move to another edition are no decrease: only what ends is told, at what it brings.
        (five(), {"basic": 2, "premium": 3}, []),
        (five(), {"basic": 2, "premium": 1}, [Decrease("basic", 2, DAY, 1073, None)]),
        # They are the newest: what is left in the window may go no more.
        (IN_WINDOW, {"basic": 2, "premium": 2}, [Decrease("basic", 1, RENEWAL, 0, None)]),
        (five(), {"basic": 6}, []),
        (five(), {}, []),
    ],
)  # fmt: skip
def test_a_decrease_tells_what_is_refunded_and_what_waits(
    state: EditionState, wanted: dict[str, int], decreases: list[Decrease]
) -> None:
    quoted = change(service(state, term_cycles=YEAR), DAY, **wanted)

    assert list(quoted.decreases) == decreases


@pytest.mark.parametrize(
    ("day", "period"),
    [
        (DAY, Period(START, date(2026, 12, 15))),
        (date(2026, 12, 15), Period(date(2026, 12, 15), date(2027, 1, 15))),
    ],
)
def test_a_quote_names_the_period_that_it_charges(day: date, period: Period) -> None:
    quoted = change(service(), day, basic=1)

    assert (quoted.day, quoted.period) == (day, period)


def test_a_first_period_begins_with_the_service() -> None:
    begun_late = replace(service(), started_on=date(2026, 11, 20))

    assert change(begun_late, DAY, basic=1).period == Period(date(2026, 11, 20), date(2026, 12, 15))


def test_who_needs_only_the_days_lines_is_not_told_the_later_ones() -> None:
    short = quote_change(service(five()), day=DAY, wanted={"basic": 7}, with_recurring=False)

    assert short == change(service(five()), DAY, basic=7)._replace(recurring=())
    assert short.recurring == ()


def premium_given_back_today(seats: int) -> EditionState:
    """Three premium this morning, of which some were given back."""
    line = billed("premium", 3)
    amount = {1: 1687, 2: 3373}[seats]
    credit = BilledCredit(reference="morning", seats=seats, seat_days=23 * seats, amount_minor=amount)
    gone: BilledLine = replace(
        line, credited_seats=seats, credited_seat_days=23 * seats, credited_minor=amount, credits_of_the_day=(credit,)
    )
    return edition("premium", 3 - seats, lines=(gone,))


@pytest.mark.parametrize(
    ("given_back", "lines"),
    [
        (1, [("restored", None, 1), ("upgraded", "standard", 1), ("upgraded", "basic", 1), ("added", None, 1)]),
        (2, [("restored", None, 2), ("upgraded", "basic", 1), ("added", None, 1)]),
    ],
)
def test_seats_given_back_this_morning_come_back_before_others_are_charged(
    given_back: int, lines: list[tuple[str, str | None, int]]
) -> None:
    state = service(edition("basic", 1), edition("standard", 2), premium_given_back_today(given_back))
    held = 3 - given_back

    quoted = change(state, DAY, basic=0, standard=0, premium=held + 4)

    charges = [line for line in quoted.lines if line.edition == "premium"]
    assert [(line.reason.value, line.partner, line.seats) for line in charges] == lines


def test_a_refusal_names_the_edition() -> None:
    with pytest.raises(SeatsNotCountable) as caught:
        change(service(), DAY, basic=1, premium=-1)
    assert caught.value.edition == "premium"
    with pytest.raises(HeldWithoutTerm) as lost:
        change(service(replace(five(), term_start=None)), DAY, basic=6)
    assert lost.value.edition == "basic"
