"""Wording: what a line says in words, and its arithmetic, for quotes and documents alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_symbol
from django.utils.translation import gettext_noop

from perseat.capabilities.invoicing.languages import words_in
from perseat.domain.money import from_minor, get_currency
from perseat.domain.quote import Basis, LineKind, LineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What a line's words are made of. Amount in minor units of `currency`.

    `basis`: what a credit by complement starts from. `credits_number`: the document whose line is credited.
    """

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
    basis: Basis | None = None
    credits_number: str = ""


def line_text(facts: LineFacts, *, language: str) -> str:
    """The line in words: what, how many, and from when to when (last day included); by hand, the words as given."""
    if facts.reason in _BY_HAND:
        return facts.edition_name
    words = words_in(language)
    seats = words.ngettext("{count} seat", "{count} seats", facts.seats).format(count=facts.seats)
    reason = words.gettext(_REASONS[facts.reason]).format(partner=facts.partner_name)
    return f"{facts.edition_name}: {seats} {reason}, {write_span(facts.start, end=facts.end, language=language)}"


def line_arithmetic(facts: LineFacts, *, language: str) -> str:
    """How the amount comes about; a credit says from which price it is taken."""
    price = write_unit_price(facts.unit_price, currency=facts.currency, language=language)
    amount = write_money(facts.amount_minor, currency=facts.currency, language=language)
    pattern = words_in(language).gettext(_arithmetic_of(facts))
    return pattern.format(seats=facts.seats, price=price, days=facts.days, period_days=facts.period_days, amount=amount)


def write_day(day: date, *, language: str) -> str:
    """15 March 2026, 15. März 2026."""
    return format_date(day, format=words_in(language).gettext("d MMMM y"), locale=_locale(language))


def write_short_day(day: date, *, language: str) -> str:
    """15 Mar 2026, 15. März 2026: as short as the language allows."""
    return format_date(day, format=words_in(language).gettext("d MMM y"), locale=_locale(language))


def write_span(start: date, *, end: date, language: str) -> str:
    """The days from `start` to the one before `end`: 22 Nov 2026 – 14 Dec 2026."""
    first = write_short_day(start, language=language)
    last = write_short_day(end - timedelta(days=1), language=language)
    return first if first == last else f"{first} – {last}"


def write_number(value: Decimal, *, language: str, digits: int | None = None) -> str:
    """A number as it is, without trailing zeros (or with exactly `digits`), never rounded: 10, 5.5, 5,5."""
    decimals = "#" * 12 if digits is None else "0" * digits
    pattern = f"#,##0.{decimals}" if decimals else "#,##0"
    figure = format_decimal(abs(value), format=pattern, locale=_locale(language), decimal_quantization=False)
    return f"−{figure}" if value < 0 else str(figure)


def write_rate(rate: Decimal, *, language: str) -> str:
    """A percentage without trailing zeros: 10 %, 5.5 %, 5,5 %."""
    return f"{format_decimal(rate, format='#,##0.####', locale=_locale(language))} %"


def write_money(amount_minor: int, *, currency: str, language: str) -> str:
    """Whole minor units with their currency, in one form on pages, in e-mails and on paper.

    >>> write_money(9240, currency="AUD", language="en")
    'A$ 92.40'
    """
    # ISO 4217's digits, as everywhere: babel has the customary ones, and prints dinars of 100 para without para.
    known = get_currency(currency)
    return _write(from_minor(amount_minor, known), currency=currency, digits=known.digits, language=language)


def write_unit_price(unit_price: Decimal, *, currency: str, language: str) -> str:
    """A unit price with the currency's digits, or all of its own when it has more."""
    digits = max(get_currency(currency).digits, -int(unit_price.normalize().as_tuple().exponent))
    return _write(unit_price, currency=currency, digits=digits, language=language)


@lru_cache(maxsize=4096)
def _write(amount: Decimal, *, currency: str, digits: int, language: str) -> str:
    # The symbol stands where the language wants it, always apart from the figure; the pattern alone decides the digits,
    # so that nothing is rounded here.
    locale = _locale(language)
    decimals = f".{'0' * digits}" if digits else ""
    figure = format_decimal(abs(amount), format=f"#,##0{decimals}", locale=locale, decimal_quantization=False)
    symbol = get_currency_symbol(currency, locale=locale)
    symbol_is_first = locale.currency_formats["standard"].pattern.lstrip().startswith("¤")
    text = f"{symbol} {figure}" if symbol_is_first else f"{figure} {symbol}"
    return f"−{text}" if amount < 0 else text


def _arithmetic_of(facts: LineFacts) -> str:
    if facts.reason in _BY_HAND:
        return _BY_HAND[facts.reason]
    if facts.kind is LineKind.CREDIT or facts.reason is LineReason.RESTORED:
        return gettext_noop("{seats} × {price} × {days} of {period_days} days, from what was billed: {amount}")
    return gettext_noop("{seats} × {price} × {days} of {period_days} days = {amount}")


def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


_BY_HAND: Mapping[LineReason, str] = {
    LineReason.MANUAL: gettext_noop("{seats} × {price} = {amount}"),
    LineReason.GOODWILL: gettext_noop("given by our billing team: {amount}"),
}
_REASONS: Mapping[LineReason, str] = {
    LineReason.NEW: gettext_noop("new"),
    LineReason.ADDED: gettext_noop("added"),
    LineReason.UPGRADED: gettext_noop("changed from {partner}"),
    LineReason.EXCHANGED: gettext_noop("changed to {partner}, credit for the days left"),
    LineReason.RETURNED: gettext_noop("given back, credit for the days left"),
    LineReason.RESTORED: gettext_noop("kept after all, credit taken back"),
    LineReason.RENEWED: gettext_noop("renewed"),
    LineReason.LATE_START: gettext_noop("started later, credit for the days before"),
    LineReason.REFUSED: gettext_noop("not delivered, credit"),
    LineReason.CANCELLED: gettext_noop("cancelled, credit"),
}
