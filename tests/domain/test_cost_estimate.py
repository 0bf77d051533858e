"""What Microsoft bills for a change: the refund of what was, the charge of what is, by the day, and cut off.

The figures are those that Microsoft publishes for its own examples.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from perseat.domain.calendar import Rhythm, aligned_period
from perseat.domain.cost_estimate import estimate_cost_minor
from perseat.domain.money import get_currency

EURO = get_currency("EUR")


def cost(unit_cost: str, *, seats: int, days: int, period_days: int) -> int:
    return estimate_cost_minor(
        unit_cost=Decimal(unit_cost), seats=seats, days=days, period_days=period_days, currency=EURO
    )


@pytest.mark.parametrize(
    ("bought_on", "days"),
    [(date(2026, 2, 21), 28), (date(2026, 6, 18), 30), (date(2026, 7, 18), 31), (date(2028, 2, 10), 29)],
)
def test_a_charge_cycle_has_the_days_of_the_month_that_it_starts_in(bought_on: date, days: int) -> None:
    rhythm = Rhythm(anchor=bought_on, anchor_day=bought_on.day, cycle_months=1, term_cycles=1)

    assert aligned_period(rhythm, bought_on).days == days


def test_added_seats_cost_the_new_total_less_the_old_one_from_the_day_of_the_change() -> None:
    """10 seats become 12 on the third of 30 days: two lines, both of 28 days."""
    refund = cost("10.08", seats=10, days=28, period_days=30)
    charge = cost("10.08", seats=12, days=28, period_days=30)

    assert (refund, charge) == (9408, 11289)


def test_the_day_of_the_change_counts() -> None:
    assert cost("12", seats=15, days=29, period_days=31) == 16838
    assert cost("12", seats=25, days=24, period_days=31) == 23225


@pytest.mark.parametrize(("unit_cost", "seats"), [("0.01", 1), ("1.99", 3), ("14.999999", 7)])
def test_amounts_are_cut_off_and_never_rounded_up(unit_cost: str, seats: int) -> None:
    exact = Decimal(unit_cost) * seats * 100 * 29 / 30

    estimate = cost(unit_cost, seats=seats, days=29, period_days=30)

    assert exact - 1 < estimate <= exact


def test_seats_given_back_are_credited_by_the_day_that_day_included() -> None:
    before, after = (cost("10.08", seats=seats, days=28, period_days=30) for seats in (10, 8))

    assert before - after == 9408 - 7526


def test_an_upgrade_costs_the_new_seats_less_the_old_ones_for_the_days_that_are_left() -> None:
    refund = cost("6.00", seats=10, days=12, period_days=30)
    charge = cost("12.50", seats=10, days=12, period_days=30)

    assert (refund, charge) == (2400, 5000)
