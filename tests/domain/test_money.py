"""Whole minor units, one rounding: rule 5."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.oracle_values import nearest

from perseat.domain import money
from perseat.domain.money import (
    AmountNotExact,
    UnitPriceNotUsable,
    UnknownCurrency,
    allot_by_largest_remainder,
    charge_minor,
    from_minor,
    get_currency,
    round_half_away,
    to_minor,
)

EUR, JPY, KWD = (get_currency(code) for code in ("EUR", "JPY", "KWD"))


@pytest.mark.parametrize(
    ("code", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("ISK", 0), ("TND", 3), ("CLP", 0), ("HUF", 2)]
)
def test_a_currency_has_its_digits(code: str, digits: int) -> None:
    assert get_currency(code).digits == digits


@pytest.mark.parametrize("code", ["BTC", "eur", "", "EURO", "XAU", "BGN"])
def test_what_is_no_active_currency_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrency):
        get_currency(code)


def test_every_currency_that_is_tender_somewhere_is_known() -> None:
    tender = {
        code
        for currencies in get_global("territory_currencies").values()
        for code, _, until, is_tender in currencies
        if is_tender and until is None
    }

    for code in tender - {"BGN"}:  # Bulgaria has had the euro since 2026
        assert get_currency(code).code == code


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_halves_go_away_from_zero(numerator: int, denominator: int) -> None:
    assert round_half_away(numerator, denominator) == nearest(Fraction(numerator, denominator))


@given(st.integers(-(10**15), 10**15), st.sampled_from([EUR, JPY, KWD]))
def test_an_amount_and_its_minor_units_are_the_same(minor: int, currency: money.Currency) -> None:
    amount = from_minor(minor, currency)

    assert to_minor(amount, currency) == minor
    assert to_minor(str(amount), currency) == minor
    assert -amount.as_tuple().exponent == currency.digits  # type: ignore[operator]


@pytest.mark.parametrize("amount", ["0.001", "1e-3", "NaN", "Infinity", "seven", ""])
def test_an_amount_that_is_not_exact_is_refused(amount: str) -> None:
    with pytest.raises(AmountNotExact):
        to_minor(amount, EUR)


@pytest.mark.parametrize("price", ["-0.01", "0.000000001", "NaN"])
def test_a_unit_price_that_cannot_be_is_refused(price: str) -> None:
    with pytest.raises(UnitPriceNotUsable):
        charge_minor(seats=1, unit_price=Decimal(price), days=1, period_days=30, currency=EUR)


@given(
    st.integers(1, 10**6),
    st.integers(0, 10**12).map(lambda price: Decimal(price).scaleb(-8)),
    st.integers(1, 366),
    st.sampled_from([28, 29, 30, 31, 90, 365, 366]),
    st.sampled_from([EUR, JPY, KWD]),
)
def test_a_charge_is_exact_and_rounded_once(
    seats: int, price: Decimal, days: int, period_days: int, currency: money.Currency
) -> None:
    exact = seats * Fraction(price) * days / period_days * 10**currency.digits

    charged = charge_minor(seats=seats, unit_price=price, days=days, period_days=period_days, currency=currency)

    assert charged == nearest(exact)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=8), st.integers(1, 999), st.integers(-3, 3))
def test_parts_sum_to_the_whole_and_stay_near_their_shares(shares: list[int], denominator: int, off: int) -> None:
    total = nearest(Fraction(sum(shares), denominator)) + off

    parts = allot_by_largest_remainder(total, shares=shares, denominator=denominator)

    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - Fraction(share, denominator)) <= 1 + abs(off)


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (0, EUR, "0.00"), (1, EUR, "0.01"), (-1, EUR, "-0.01"), (1234, EUR, "12.34"), (-1234, EUR, "-12.34"),
        (0, JPY, "0"), (-7, JPY, "-7"), (1, KWD, "0.001"), (-1000, KWD, "-1.000"),
    ],
)  # fmt: skip
def test_an_amount_for_a_program_has_all_its_digits(amount_minor: int, currency: money.Currency, text: str) -> None:
    assert money.minor_text(amount_minor, currency) == text
