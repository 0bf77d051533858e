"""Amounts for people: always with their currency, by the reader's language, never through a float."""

from __future__ import annotations

from decimal import Decimal

from babel import Locale
from django import template
from django.utils.translation import get_language

from perseat.capabilities.invoicing.wording import write_money, write_rate, write_unit_price

register = template.Library()


@register.filter
def money(amount_minor: int | None, currency: str) -> str:
    """9240 and "AUD" → "A$ 92.40". Whole minor units in; "" when the amount is not known."""
    return "" if amount_minor is None else write_money(amount_minor, currency=currency, language=_language())


@register.filter
def unit_price(price: Decimal | None, currency: str) -> str:
    """Decimal("9.00000000") and "AUD" → "A$ 9.00"; further digits are shown if there are any, up to 8."""
    return "" if price is None else write_unit_price(price, currency=currency, language=_language())


@register.filter
def rate(percent: Decimal) -> str:
    """Decimal("5.5000") → "5.5 %": all of its decimals, up to 4, and no zeros behind them."""
    return write_rate(percent, language=_language())


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
    return Locale.parse(_language(), sep="-")


def _language() -> str:
    return get_language() or "en"
