"""Amounts for people: always with their currency, by the reader's language, never through a float."""

from __future__ import annotations

from decimal import Decimal

from babel import Locale
from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol
from django import template
from django.utils.translation import get_language, to_locale

register = template.Library()


@register.filter
def money(amount_minor: int | None, currency: str) -> str:
    """9240 and "AUD" → "A$ 92.40". Whole minor units in; "" when the amount is not known."""
    if amount_minor is None:
        return ""
    digits = get_currency_precision(currency)
    return _with_symbol(Decimal(amount_minor).scaleb(-digits), currency=currency, most_digits=digits)


@register.filter
def unit_price(price: Decimal | None, currency: str) -> str:
    """Decimal("9.00000000") and "AUD" → "A$ 9.00"; further digits are shown if there are any, up to 8."""
    return "" if price is None else _with_symbol(price, currency=currency, most_digits=8)


@register.filter
def change(amount_minor: int | None, currency: str) -> str:
    """Like `money`, with a plus before what is added: "+A$ 9.00"."""
    text = money(amount_minor, currency)
    return f"+{text}" if amount_minor and amount_minor > 0 else text


@register.filter
def minus(amount_minor: int) -> int:
    """The amount with the other sign: what is taken off, or what comes back."""
    return -amount_minor


@register.filter
def difference(seats: int) -> str:
    """3 → "+3", −1 → "−1", 0 → "0"."""
    return f"+{seats}" if seats > 0 else f"−{-seats}" if seats < 0 else "0"


def reader_locale() -> Locale:
    """The locale of the language that the page is in."""
    return Locale.parse(to_locale(get_language() or "en"))


def _with_symbol(amount: Decimal, *, currency: str, most_digits: int) -> str:
    locale = reader_locale()
    fewest_digits = get_currency_precision(currency)
    decimals = "." + "0" * fewest_digits + "#" * max(0, most_digits - fewest_digits) if most_digits else ""
    figure = format_decimal(abs(amount), format=f"#,##0{decimals}", locale=locale)
    symbol = get_currency_symbol(currency, locale=locale)
    symbol_is_first = locale.currency_formats["standard"].pattern.lstrip().startswith("¤")
    text = f"{symbol} {figure}" if symbol_is_first else f"{figure} {symbol}"
    return f"−{text}" if amount < 0 else text
