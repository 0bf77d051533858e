"""Renewals: rules 2, 4 and 15."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.domain.services import START, change, edition, service

from perseat.domain.quote import DecreasePolicy, LineReason, NotARenewalDay, TaxRate, quote_renewal
from perseat.domain.renewal import HeldWithoutTerm

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
