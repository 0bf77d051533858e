"""The design system: amounts and days in words, an accent that can always be read, pages that stay light."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils import translation

from perseat.entrypoints.pages import brand
from perseat.entrypoints.pages.templatetags import days, money


@pytest.mark.parametrize(
    ("amount_minor", "currency", "language", "shown"),
    [
        (9240, "AUD", "en", "A$ 92.40"),
        (-500, "AUD", "en", "−A$ 5.00"),
        (123456789, "USD", "en", "$ 1,234,567.89"),
        (12345, "JPY", "en", "¥ 12,345"),  # no minor unit
        (1234, "KWD", "en", "KWD 1.234"),  # three digits
        (99, "EUR", "de", "0,99 €"),  # behind the figure, with a comma
        (10**17 + 1, "EUR", "en", "€ 1,000,000,000,000,000.01"),  # no float on the way
    ],
)
def test_amounts_have_their_currency_and_its_digits(
    amount_minor: int, currency: str, language: str, shown: str
) -> None:
    with translation.override(language):
        assert money.money(amount_minor, currency) == shown


@pytest.mark.parametrize(
    ("price", "shown"),
    [("9", "A$ 9.00"), ("9.00000000", "A$ 9.00"), ("0.01234567", "A$ 0.01234567"), ("1.505", "A$ 1.505")],
)
def test_unit_prices_are_never_rounded(price: str, shown: str) -> None:
    assert money.unit_price(Decimal(price), "AUD") == shown


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2026-11-22", "today"),
        ("2026-11-23", "tomorrow"),
        ("2026-12-15", "in 23 days"),
        ("2026-11-21", "yesterday"),
        ("2026-11-02", "20 days ago"),
    ],
)
def test_days_from_today_are_said_in_words(day: str, shown: str) -> None:
    assert days.in_days(date.fromisoformat(day), date(2026, 11, 22)) == shown


def test_a_period_is_shown_by_its_first_and_last_day() -> None:
    assert days.period(date(2026, 11, 22), date(2026, 12, 15)) == "22 Nov to 14 Dec 2026"
    assert days.period(date(2026, 12, 22), date(2027, 1, 15)) == "22 Dec 2026 to 14 Jan 2027"
    assert days.period(date(2026, 11, 22), date(2026, 11, 23)) == "22 Nov 2026"


@pytest.mark.parametrize("color", ["#066fd1", "#ffd400", "#ffffff", "#000000", "#7ed957", "#c2185b"])
def test_any_accent_of_a_provider_can_be_read(color: str) -> None:
    made = brand.make_brand("Acme", logo="", color=color)

    assert _contrast(made.on_accent, color) >= 4.5
    for surface in ("#ffffff", "#f6f6f7", "#fdf3e0", "#fdecea", "#e8f5ed"):
        assert _contrast(made.accent_on_light, surface) >= 4.5
    for surface in ("#161719", "#1f2023", "#382b14", "#3d1f1d", "#1a3225"):
        assert _contrast(made.accent_on_dark, surface) >= 4.5


def test_what_the_heaviest_page_loads_stays_under_100_kb() -> None:
    styles = brand.make_brand("Acme", logo="", color="#066fd1").styles
    loaded = [styles, "pages/perseat.css", "pages/perseat.js", "pages/icon.svg", "htmx/htmx.min.js"]
    weight = sum(len(gzip.compress(Path(_found(name)).read_bytes())) for name in loaded)

    assert weight < 90_000, "10 kB are for the page itself; make cuts the framework down to what the pages use"


def _found(name: str) -> str:
    found = finders.find(name)
    assert isinstance(found, str), f"{name} is missing; make brings what pages are made from"
    return found


def _contrast(one: str, other: str) -> float:
    """WCAG's formula, written down here once more so that the product's is checked by another."""

    def luminance(color: str) -> float:
        parts = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
