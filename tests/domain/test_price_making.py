"""Making prices from costs: by which rule, from which day, rounded how; and what is said of a price."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from perseat.domain.cost_estimate import estimate_cost_minor
from perseat.domain.money import get_currency
from perseat.domain.price_making import (
    Cost,
    Dated,
    MarkupKind,
    MarkupRule,
    PriceChange,
    PriceGround,
    Verdict,
    days_to_judge,
    find_rule,
    judge_on,
    judge_price,
    make_price,
    plan_prices,
    round_up_to,
)

TODAY = date(2026, 11, 23)
LONG_AGO = date(2026, 1, 1)
TWENTY_PERCENT = MarkupRule(kind=MarkupKind.PERCENT, value=Decimal(20), starts_on=LONG_AGO)


def rule(kind: MarkupKind, value: str = "0", *, step: str = "0.01", ending: str = "0", **subject: str) -> MarkupRule:
    return MarkupRule(
        kind=kind, value=Decimal(value), step=Decimal(step), ending=Decimal(ending), starts_on=LONG_AGO, **subject
    )


@pytest.mark.parametrize(
    ("by", "cost", "exchange", "tax", "price"),
    [
        (rule(MarkupKind.PERCENT, "20"), "7.20", "1", "0", "8.64"),
        (rule(MarkupKind.PERCENT, "20", step="1", ending="0.95"), "7.20", "1", "0", "8.95"),
        (rule(MarkupKind.PERCENT, "20", step="0.50"), "7.20", "1", "0", "9.00"),
        (rule(MarkupKind.PERCENT, "0.001"), "7.20", "1", "0", "7.21"),  # up, never below what the rule says
        (rule(MarkupKind.PERCENT, "-10"), "7.20", "1", "0", "6.48"),
        (rule(MarkupKind.AMOUNT, "1.80"), "7.20", "1", "0", "9.00"),
        (rule(MarkupKind.LIST_PRICE), "7.20", "1", "0", "9.00"),
        (rule(MarkupKind.LIST_PRICE), "7.20", "1.5", "0", "13.50"),
        (rule(MarkupKind.FIXED, "9.123"), "7.20", "1", "0", "9.123"),
        (rule(MarkupKind.FIXED, "9.90"), "7.20", "2", "10", "9.90"),
        (rule(MarkupKind.PERCENT, "25"), "7.20", "1.5", "0", "13.50"),
        (rule(MarkupKind.PERCENT, "25"), "8", "1", "10", "11.00"),
        (rule(MarkupKind.LIST_PRICE, step="1", ending="0.99"), "7.20", "1", "20", "10.99"),
        (rule(MarkupKind.PERCENT, "20", step="1"), "720", "1", "0", "864"),  # yen
        (rule(MarkupKind.PERCENT, "20", step="0.001"), "2.2222", "1", "0", "2.667"),  # dinar
    ],
)
def test_a_rule_makes_a_price(by: MarkupRule, cost: str, exchange: str, tax: str, price: str) -> None:
    known = Cost(starts_on=LONG_AGO, unit_cost=Decimal(cost), list_price=Decimal(9))

    made = make_price(by, cost=known, exchange=Decimal(exchange), tax_percent=Decimal(tax))

    assert made == Decimal(price)


@pytest.mark.parametrize(
    ("by", "cost", "exchange"),
    [
        (rule(MarkupKind.BY_HAND), Cost(starts_on=LONG_AGO, unit_cost=Decimal(7)), Decimal(1)),
        (rule(MarkupKind.PERCENT, "20"), None, Decimal(1)),
        (rule(MarkupKind.PERCENT, "20"), Cost(starts_on=LONG_AGO, unit_cost=Decimal(7)), None),
        (rule(MarkupKind.LIST_PRICE), Cost(starts_on=LONG_AGO, unit_cost=Decimal(7)), Decimal(1)),
    ],
)
def test_without_what_it_needs_a_rule_makes_no_price(
    by: MarkupRule, cost: Cost | None, exchange: Decimal | None
) -> None:
    assert make_price(by, cost=cost, exchange=exchange) is None


cents = some.integers(min_value=0, max_value=10**9).map(lambda number: Decimal(number) / 100)


@given(
    exact=some.fractions(min_value=0, max_value=10**6),
    step=some.sampled_from(["0.01", "0.05", "0.50", "1", "5", "10"]).map(Decimal),
    ending=some.sampled_from(["0", "0.95", "0.99", "0.50", "9"]).map(Decimal),
)
def test_a_made_price_is_the_next_one_up_of_its_steps(exact: Fraction, step: Decimal, ending: Decimal) -> None:
    price = round_up_to(exact, step=step, ending=ending)

    assert price >= exact
    assert (price - ending) % step == 0
    assert price - step < exact


@given(cost=cents, percent=some.integers(min_value=0, max_value=500), exchange=some.sampled_from(["1", "0.61", "162"]))
def test_a_rule_that_adds_something_never_makes_a_price_below_cost(cost: Decimal, percent: int, exchange: str) -> None:
    by = rule(MarkupKind.PERCENT, str(percent))
    price = make_price(by, cost=Cost(starts_on=LONG_AGO, unit_cost=cost), exchange=Decimal(exchange))

    assert price is not None
    assert judge_price(price, cost=cost, exchange=Decimal(exchange)).verdict is not Verdict.BELOW_COST


@pytest.mark.parametrize(
    ("price", "cost", "exchange", "tax", "verdict", "percent"),
    [
        ("9", "7.20", "1", "0", Verdict.FINE, "20.0"),
        ("7.20", "7.20", "1", "0", Verdict.FINE, "0.0"),
        ("7.19", "7.20", "1", "0", Verdict.BELOW_COST, "-0.1"),
        ("0", "7.20", "1", "0", Verdict.NOTHING, None),
        ("0", None, "1", "0", Verdict.NOTHING, None),
        ("9", None, "1", "0", Verdict.COST_UNKNOWN, None),
        ("9", "7.20", None, "0", Verdict.RATE_UNKNOWN, None),
        ("9", "7.20", "1.5", "0", Verdict.BELOW_COST, "-20.0"),
        ("7.91", "7.20", "1", "10", Verdict.BELOW_COST, "-0.1"),  # 7.19 of it is ours
        ("7.92", "7.20", "1", "10", Verdict.FINE, "0.0"),
    ],
)
def test_a_price_is_judged_before_tax_and_in_its_own_currency(
    price: str, cost: str | None, exchange: str | None, tax: str, verdict: Verdict, percent: str | None
) -> None:
    margin = judge_price(
        Decimal(price),
        cost=None if cost is None else Decimal(cost),
        exchange=None if exchange is None else Decimal(exchange),
        tax_percent=Decimal(tax),
    )

    assert margin.verdict is verdict
    assert margin.percent == (None if percent is None else Decimal(percent))
    assert margin.net_price == Fraction(price) / (1 + Fraction(tax) / 100)
    assert margin.cost == (Fraction(cost) * Fraction(exchange) if cost and exchange else None)


@pytest.mark.parametrize(
    ("day", "term", "value"),
    [
        (LONG_AGO - timedelta(days=1), "P1M", None),
        (LONG_AGO, "P1M", "3"),
        (LONG_AGO, "P1Y", "4"),
        (TODAY, "P1M", "5"),
    ],
)
def test_the_most_specific_rule_that_has_begun_counts(day: date, term: str, value: str | None) -> None:
    rules = [
        rule(MarkupKind.PERCENT, "1"),
        rule(MarkupKind.PERCENT, "2", group="business", term="P1M", cycle="P1M"),
        rule(MarkupKind.PERCENT, "3", edition_code="basic"),
        rule(MarkupKind.PERCENT, "4", edition_code="basic", term="P1Y"),
        rule(MarkupKind.PERCENT, "9", edition_code="standard", term="P1M", cycle="P1M"),
        MarkupRule(edition_code="basic", kind=MarkupKind.PERCENT, value=Decimal(5), starts_on=TODAY),
    ]

    found = find_rule(rules, edition_code="basic", group="business", term=term, cycle="P1M", day=day)

    assert (found and found.value) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("group", "cycle", "value"), [("business", "P1M", "2"), ("business", "P1Y", "1"), ("", "P1M", "1")]
)
def test_a_rule_for_a_group_counts_before_the_one_for_all(group: str, cycle: str, value: str) -> None:
    rules = [
        rule(MarkupKind.PERCENT, "2", group="business", cycle="P1M"),
        rule(MarkupKind.PERCENT, "1"),
    ]

    found = find_rule(rules, edition_code="premium", group=group, term="P1M", cycle=cycle, day=TODAY)

    assert found is not None
    assert found.value == Decimal(value)


@pytest.mark.parametrize("step", [1, -1])
def test_of_rules_for_the_same_the_latest_counts_in_whatever_order_they_come(step: int) -> None:
    rules = [
        MarkupRule(kind=MarkupKind.PERCENT, value=Decimal(number), starts_on=LONG_AGO + timedelta(days=number))
        for number in range(3)
    ]

    found = find_rule(rules[::step], edition_code="basic", group="", term="P1M", cycle="P1M", day=TODAY)

    assert found == rules[2]


def plan(
    *costs: Cost,
    prices: dict[date, str] | None = None,
    rules: tuple[MarkupRule, ...] = (TWENTY_PERCENT,),
    exchange: tuple[Dated, ...] = (Dated(starts_on=date.min, value=Decimal(1)),),
) -> list[tuple[date, Decimal | None, Decimal]]:
    ground = PriceGround(
        costs=costs,
        exchange=exchange,
        tax=(),
        rules=rules,
        prices=[Dated(starts_on=day, value=Decimal(price)) for day, price in (prices or {}).items()],
    )
    changes: tuple[PriceChange, ...] = plan_prices(
        ground, before=(), edition_code="basic", group="", term="P1M", cycle="P1M", today=TODAY
    )
    return [(each.starts_on, each.old_price, each.new_price) for each in changes]


TOMORROW = TODAY + timedelta(days=1)
JANUARY = date(2027, 1, 1)
OLD = Cost(starts_on=LONG_AGO, unit_cost=Decimal(5))
HIGHER = Cost(starts_on=JANUARY, unit_cost=Decimal(10))


def test_a_first_price_counts_from_today_and_a_changed_one_from_tomorrow() -> None:
    assert plan(OLD) == [(TODAY, None, Decimal(6))]
    assert plan(OLD, prices={LONG_AGO: "5.50"}) == [(TOMORROW, Decimal("5.50"), Decimal(6))]


def test_a_cost_of_a_later_day_makes_a_price_that_waits_for_it() -> None:
    assert plan(OLD, HIGHER, prices={LONG_AGO: "6"}) == [(JANUARY, Decimal(6), Decimal(12))]


def test_rules_and_exchange_rates_of_a_later_day_wait_too() -> None:
    later = MarkupRule(kind=MarkupKind.PERCENT, value=Decimal(40), starts_on=JANUARY)
    rates = (Dated(starts_on=LONG_AGO, value=Decimal(1)), Dated(starts_on=JANUARY, value=Decimal(2)))

    assert plan(OLD, prices={LONG_AGO: "6"}, rules=(TWENTY_PERCENT, later)) == [(JANUARY, Decimal(6), Decimal(7))]
    assert plan(OLD, prices={LONG_AGO: "6"}, exchange=rates) == [(JANUARY, Decimal(6), Decimal(12))]


def test_a_waiting_price_that_no_longer_fits_is_made_anew() -> None:
    assert plan(OLD, prices={LONG_AGO: "6", JANUARY: "99"}) == [(JANUARY, Decimal(99), Decimal(6))]


def test_planned_once_nothing_is_left_to_plan() -> None:
    first = plan(OLD, HIGHER, prices={LONG_AGO: "5.50"})

    assert plan(OLD, HIGHER, prices={LONG_AGO: "5.50"} | {day: str(new) for day, _, new in first}) == []


def test_prices_that_are_made_together_follow_each_other() -> None:
    assert plan(OLD, HIGHER) == [(TODAY, None, Decimal(6)), (JANUARY, Decimal(6), Decimal(12))]


def test_where_no_rule_has_begun_the_price_waits_for_it() -> None:
    later = MarkupRule(kind=MarkupKind.PERCENT, value=Decimal(40), starts_on=JANUARY)

    assert plan(OLD, rules=(later,)) == [(JANUARY, None, Decimal(7))]


# 10 % tax is within each price; the group's rule is for this term and cycle only
INCLUSIVE = PriceGround(
    costs=[Cost(starts_on=LONG_AGO, unit_cost=Decimal(10)), Cost(starts_on=JANUARY, unit_cost=Decimal(20))],
    exchange=[Dated(starts_on=LONG_AGO, value=Decimal(2))],
    tax=[Dated(starts_on=LONG_AGO, value=Decimal(10)), Dated(starts_on=JANUARY, value=Decimal(20))],
    rules=[rule(MarkupKind.PERCENT, "50", group="business", term="P1Y", cycle="P1M"), TWENTY_PERCENT],
    prices=[],
)
BEFORE = [Cost(starts_on=LONG_AGO, unit_cost=Decimal(9)), Cost(starts_on=JANUARY, unit_cost=Decimal(8))]


@pytest.mark.parametrize(
    ("term", "cycle", "prices"),
    [("P1Y", "P1M", ("33", "72")), ("P1M", "P1M", ("26.4", "57.6")), ("P1Y", "P1Y", ("26.4", "57.6"))],
)
def test_a_planned_price_tells_its_costs_and_what_remains_of_it(term: str, cycle: str, prices: tuple[str, str]) -> None:
    changes = plan_prices(
        INCLUSIVE, before=BEFORE, edition_code="basic", group="business", term=term, cycle=cycle, today=TODAY
    )

    assert [(each.starts_on, each.new_price, each.old_cost, each.new_cost) for each in changes] == [
        (TODAY, Decimal(prices[0]), Decimal(9), Decimal(10)),
        (JANUARY, Decimal(prices[1]), Decimal(8), Decimal(20)),
    ]
    assert [each.margin.cost for each in changes] == [20, 40]
    assert [each.margin.net_price for each in changes] == [Fraction(prices[0]) * 10 / 11, Fraction(prices[1]) * 10 / 12]


def test_a_fixed_price_needs_no_cost_and_says_so() -> None:
    ground = replace(INCLUSIVE, costs=[], rules=[rule(MarkupKind.FIXED, "9")])

    (change,) = plan_prices(ground, before=(), edition_code="basic", group="", term="P1M", cycle="P1M", today=TODAY)

    assert (change.old_cost, change.new_cost, change.margin.verdict) == (None, None, Verdict.COST_UNKNOWN)


def test_a_price_is_judged_by_the_cost_and_the_rates_of_its_day() -> None:
    assert judge_on(INCLUSIVE, Decimal(33), day=TODAY).remains == 10
    assert judge_on(INCLUSIVE, Decimal(36), day=JANUARY).verdict is Verdict.BELOW_COST
    assert judge_on(INCLUSIVE, Decimal(36), day=LONG_AGO - timedelta(days=1)).verdict is Verdict.COST_UNKNOWN


def test_a_price_is_judged_today_and_wherever_its_ground_changes() -> None:
    assert days_to_judge(INCLUSIVE, today=TODAY) == [TODAY, JANUARY]
    assert days_to_judge(INCLUSIVE, today=JANUARY) == [JANUARY]


def test_prices_by_hand_are_left_alone() -> None:
    by_hand = MarkupRule(edition_code="basic", kind=MarkupKind.BY_HAND, starts_on=LONG_AGO)

    assert plan(OLD, HIGHER, prices={LONG_AGO: "1"}, rules=(TWENTY_PERCENT, by_hand)) == []


@pytest.mark.parametrize(
    ("unit_cost", "seats", "days", "period_days", "currency", "minor"),
    [
        ("10.08", 10, 28, 30, "USD", 9408),
        ("10.08", 12, 28, 30, "USD", 11289),  # 112.896 is cut off
        ("12", 15, 29, 31, "USD", 16838),
        ("12", 25, 24, 31, "USD", 23225),
        ("1000", 1, 1, 31, "JPY", 32),
        ("3.333", 1, 30, 31, "KWD", 3225),
    ],
)
def test_the_cost_of_seats_is_estimated_as_microsoft_cuts_it_off(
    unit_cost: str, seats: int, days: int, period_days: int, currency: str, minor: int
) -> None:
    estimate = estimate_cost_minor(
        unit_cost=Decimal(unit_cost), seats=seats, days=days, period_days=period_days, currency=get_currency(currency)
    )

    assert estimate == minor
