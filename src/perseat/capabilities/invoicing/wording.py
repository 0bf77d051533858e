"""Wording: what a line says in words, and its arithmetic, for quotes and documents alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol

from perseat.domain.money import from_minor, get_currency
from perseat.domain.quote import LineKind, LineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What a line's words are made of. Amount in minor units of `currency`."""

    kind: LineKind
    reason: LineReason
    edition_name: str
    partner_name: str
    seats: int
    start: date
    end: date
    days: int
    period_days: int
    unit_price: Decimal
    amount_minor: int
    currency: str


def line_text(facts: LineFacts, *, language: str) -> str:
    """The line in words: what, how many, and from when to when (last day included)."""
    seats = "1 seat" if facts.seats == 1 else f"{facts.seats} seats"
    first = format_date(facts.start, format="d MMM y", locale=language)
    last = format_date(facts.end - timedelta(days=1), format="d MMM y", locale=language)
    days = first if first == last else f"{first} – {last}"
    return f"{facts.edition_name}: {seats} {_REASONS[facts.reason].format(partner=facts.partner_name)}, {days}"


def line_arithmetic(facts: LineFacts, *, language: str) -> str:
    """How the amount comes about; a credit says from which price it is taken."""
    price = write_unit_price(facts.unit_price, currency=facts.currency, language=language)
    if facts.reason is LineReason.MANUAL:
        return (
            f"{facts.seats} × {price} = {write_money(facts.amount_minor, currency=facts.currency, language=language)}"
        )
    if facts.reason is LineReason.GOODWILL:
        amount = write_money(facts.amount_minor, currency=facts.currency, language=language)
        return f"given by our billing team: {amount}"
    share = f"{facts.days} of {facts.period_days} days"
    amount = write_money(facts.amount_minor, currency=facts.currency, language=language)
    if facts.kind is LineKind.CREDIT or facts.reason is LineReason.RESTORED:
        return f"{facts.seats} × {price} × {share}, from what was billed: {amount}"
    return f"{facts.seats} × {price} × {share} = {amount}"


def write_money(amount_minor: int, *, currency: str, language: str) -> str:
    """Whole minor units with their currency, in one form on pages, in e-mails and on paper.

    >>> write_money(9240, currency="AUD", language="en")
    'A$ 92.40'
    """
    amount = from_minor(amount_minor, get_currency(currency))
    return _write(amount, currency=currency, digits=get_currency_precision(currency), language=language)


def write_unit_price(unit_price: Decimal, *, currency: str, language: str) -> str:
    """A unit price with the currency's digits, or all of its own when it has more."""
    digits = max(get_currency_precision(currency), -int(unit_price.normalize().as_tuple().exponent))
    return _write(unit_price, currency=currency, digits=digits, language=language)


def _write(amount: Decimal, *, currency: str, digits: int, language: str) -> str:
    # The symbol stands where the language wants it, always apart from the figure; the pattern alone decides the digits,
    # so that nothing is rounded here.
    locale = Locale.parse(language, sep="-")
    decimals = f".{'0' * digits}" if digits else ""
    figure = format_decimal(abs(amount), format=f"#,##0{decimals}", locale=locale, decimal_quantization=False)
    symbol = get_currency_symbol(currency, locale=locale)
    symbol_is_first = locale.currency_formats["standard"].pattern.lstrip().startswith("¤")
    text = f"{symbol} {figure}" if symbol_is_first else f"{figure} {symbol}"
    return f"−{text}" if amount < 0 else text


_REASONS: Mapping[LineReason, str] = {
    LineReason.NEW: "new",
    LineReason.ADDED: "added",
    LineReason.UPGRADED: "changed from {partner}",
    LineReason.EXCHANGED: "changed to {partner}, credit for the days left",
    LineReason.RETURNED: "given back, credit for the days left",
    LineReason.RESTORED: "kept after all, credit taken back",
    LineReason.RENEWED: "renewed",
    LineReason.LATE_START: "started later, credit for the days before",
    LineReason.REFUSED: "not delivered, credit",
    LineReason.CANCELLED: "cancelled, credit",
    LineReason.MANUAL: "",
    LineReason.GOODWILL: "",
}
