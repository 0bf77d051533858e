"""Wording: what a line says in words, and its arithmetic, for quotes and documents alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision

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
    share = f"{facts.days} of {facts.period_days} days"
    amount = format_currency(
        from_minor(facts.amount_minor, get_currency(facts.currency)), facts.currency, locale=language
    )
    if facts.kind is LineKind.CREDIT or facts.reason is LineReason.RESTORED:
        return f"{facts.seats} × {price} × {share}, from what was billed: {amount}"
    return f"{facts.seats} × {price} × {share} = {amount}"


def write_unit_price(unit_price: Decimal, *, currency: str, language: str) -> str:
    """A unit price with the currency's digits, or all of its own when it has more."""
    digits = max(get_currency_precision(currency), -int(unit_price.normalize().as_tuple().exponent))
    # The pattern alone decides the digits: a unit price is never rounded.
    pattern = f"¤#,##0.{'0' * digits}" if digits else "¤#,##0"
    return format_currency(unit_price, currency, format=pattern, locale=language, currency_digits=False)


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
}
