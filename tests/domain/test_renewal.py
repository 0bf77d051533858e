"""Renewals: rules 2, 4 and 15."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.domain.services import START, change, edition, service

from perseat.domain.calendar import Period
from perseat.domain.quote import DecreasePolicy, LineReason, NotARenewalDay, Outcome, TaxRate, quote_renewal
from perseat.domain.renewal import HeldWithoutTerm, renewal_lines

RENEWAL = date(2026, 12, 15)


def test_a_renewal_charges_each_edition_for_the_whole_period() -> None:
    quoted = quote_renewal(service(edition("standard", 2), edition("basic", 5)), day=RENEWAL)

    assert [(line.edition, line.reason, line.days, line.amount_minor) for line in quoted.lines] == [
        ("basic", LineReason.RENEWED, 31, 3500),
        ("standard", LineReason.RENEWED, 31, 2800),
    ]
    assert quoted.totals is not None
    assert quoted.totals.total_minor == 6930


def test_plans_and_prices_count_where_the_term_ends_and_only_there() -> None:
    ends = edition("basic", 5, planned=2, renewal_price="8.00", term_start=date(2026, 10, 15))
    runs = edition("standard", 5, planned=2, renewal_price="15.00")

    quoted = quote_renewal(service(ends, runs, term_cycles=2), day=RENEWAL)

    assert [(line.seats, line.unit_price) for line in quoted.lines] == [(2, Decimal("8.00")), (5, Decimal("14.00"))]
    assert [(outcome.now, outcome.planned, outcome.planned_on) for outcome in quoted.outcomes] == [
        (2, None, None),
        (5, 2, date(2027, 1, 15)),
    ]


def test_a_plan_of_zero_leaves_no_document() -> None:
    quoted = quote_renewal(service(edition("basic", 5, planned=0)), day=RENEWAL)

    assert quoted.totals is None
    assert quoted.outcomes[0].now == 0
    assert quoted.recurring == ()


def test_the_renewal_is_what_the_quote_before_it_said() -> None:
    rates = (*service().tax_rates, TaxRate(category="S", rate=Decimal(12), starts_on=RENEWAL))
    before = service(
        edition("basic", 5, policy=DecreasePolicy.RENEWAL, planned=3, renewal_price="7.77"),
        edition("premium", 1, renewal_price="23.00"),
        tax_rates=rates,
    )

    said = change(before, date(2026, 12, 14)).recurring

    renewed = quote_renewal(before, day=RENEWAL)
    assert renewed.totals is not None
    assert said[0].lines == renewed.lines
    assert said[0].totals.taxes == renewed.totals.taxes


def test_no_renewal_in_the_middle_of_a_period() -> None:
    with pytest.raises(NotARenewalDay):
        quote_renewal(service(edition("basic", 5)), day=date(2026, 12, 14))


def test_seats_without_a_term_are_an_error_in_the_books() -> None:
    lost = replace(edition("basic", 5), term_start=None)

    with pytest.raises(HeldWithoutTerm):
        quote_renewal(service(lost), day=RENEWAL)
    with pytest.raises(HeldWithoutTerm):
        change(service(lost), START, basic=6)


def test_a_renewal_says_what_becomes_of_each_edition() -> None:
    state = service(edition("basic", 5, planned=2), edition("premium", 1), term_cycles=1)

    quoted = quote_renewal(state, day=RENEWAL)

    assert quoted.outcomes == (
        Outcome(edition="basic", held=5, wanted=2, now=2, planned=None, planned_on=None),
        Outcome(edition="premium", held=1, wanted=1, now=1, planned=None, planned_on=None),
    )
    assert (quoted.day, quoted.period) == (RENEWAL, Period(RENEWAL, date(2027, 1, 15)))
    assert (quoted.decreases, quoted.upgrades) == ((), ())
    assert [(each.on, each.period) for each in quoted.recurring] == [
        (date(2027, 1, 15), Period(date(2027, 1, 15), date(2027, 2, 15)))
    ]
    assert [each.line_taxes for each in (charge.totals for charge in quoted.recurring)] == [()]


def test_who_needs_only_the_days_document_is_not_told_the_later_ones() -> None:
    state = service(edition("basic", 5))

    short = quote_renewal(state, day=RENEWAL, with_recurring=False)

    assert short == quote_renewal(state, day=RENEWAL)._replace(recurring=())
    assert short.recurring == ()


def test_recurring_prices_that_include_tax_keep_their_total() -> None:
    quoted = quote_renewal(service(edition("basic", 5), prices_include_tax=True), day=RENEWAL)

    [charge] = quoted.recurring
    assert (charge.totals.net_minor, charge.totals.tax_minor, charge.totals.total_minor) == (3182, 318, 3500)


def rate(percent: int, starts_on: date) -> TaxRate:
    return TaxRate(category="S", rate=Decimal(percent), starts_on=starts_on)


TOMORROW, JANUARY, FEBRUARY, MARCH = (date(2026, 12, 16), *(date(2027, month, 15) for month in (1, 2, 3)))


@pytest.mark.parametrize(
    ("rates", "recurring"),
    [
        (
            [rate(20, MARCH), rate(15, FEBRUARY)],
            [(JANUARY, 3850), (FEBRUARY, 4025), (MARCH, 4200)],
        ),  # told in any order
        ([rate(20, date(2027, 1, 16))], [(JANUARY, 3850), (FEBRUARY, 4200)]),  # in mid-period: from the next on
        ([rate(20, JANUARY)], [(JANUARY, 4200)]),
        ([rate(20, TOMORROW)], [(JANUARY, 4200)]),
        ([rate(10, FEBRUARY)], [(JANUARY, 3850)]),  # the same again is nothing to tell
        ([rate(20, date.max)], [(JANUARY, 3850)]),  # a year mistyped: no calendar goes on after it
    ],
)
def test_a_rate_that_is_known_today_is_told_from_its_first_renewal(
    rates: list[TaxRate], recurring: list[tuple[date, int]]
) -> None:
    state = service(edition("basic", 5), tax_rates=(*service().tax_rates, *rates))

    quoted = quote_renewal(state, day=RENEWAL)

    assert [(charge.on, charge.totals.total_minor) for charge in quoted.recurring] == recurring


@pytest.mark.parametrize("kept", [{"planned": 3}, {"renewal_price": "4.20"}], ids=["by plan", "by price"])
def test_what_took_effect_today_is_not_told_again_as_coming(kept: dict[str, Any]) -> None:
    state = service(edition("basic", 5, **kept), tax_rates=(*service().tax_rates, rate(20, JANUARY)))

    quoted = quote_renewal(state, day=RENEWAL)

    assert [(charge.on, charge.totals.total_minor) for charge in quoted.recurring] == [(JANUARY, 2520)]


def test_the_lines_of_a_renewal_can_be_had_alone() -> None:
    state = service(edition("premium", 1), edition("basic", 5, planned=2))

    assert renewal_lines(state, day=RENEWAL) == quote_renewal(state, day=RENEWAL).lines
    with pytest.raises(NotARenewalDay) as refused:
        renewal_lines(state, day=TOMORROW)
    assert (refused.value.day, refused.value.period) == (TOMORROW, Period(RENEWAL, JANUARY))
