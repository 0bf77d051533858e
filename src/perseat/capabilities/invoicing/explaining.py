"""Explaining: how an amount comes about, in sentences and numbers that anybody can follow with a pocket calculator.

Every door shows these words; none has its own. A formula stands after a sentence's last colon, or is all of it: what is
left of "=" gives what is right of it, exactly, or shortened ("…") and then rounded once, half away from zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.translation import gettext_noop

from perseat.capabilities.invoicing.languages import words_in
from perseat.capabilities.invoicing.wording import LineFacts, write_money, write_number, write_span, write_unit_price
from perseat.domain.money import from_minor, get_currency, round_half_away
from perseat.domain.quote import Basis, LineKind, LineReason

_FURTHER_DIGITS = 4


class Method(StrEnum):
    """How an amount was found."""

    SHARE = "share"  # seats x unit price x days / days of the period
    COMPLEMENT = "complement"  # what was billed, less what stays charged, less what was credited before
    UNDONE = "undone"  # another line's amount, taken back exactly
    BY_HAND = "by_hand"  # so many at a price
    GIVEN = "given"  # an amount that somebody decided
    AS_ISSUED = "as_issued"  # a credit that is older than the figures it started from are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`sentences`: the arithmetic in words and numbers. `parts`: its numbers by name, as plain decimal strings."""

    method: Method
    sentences: tuple[str, ...]
    parts: Mapping[str, str]


def explain_line(facts: LineFacts, *, language: str) -> Explanation:
    """How a line's amount comes about."""
    method = _method_of(facts)
    sentences, parts = _EXPLAINED[method](facts, _Pen(facts.currency, language))
    return Explanation(method=method, sentences=sentences, parts=parts)


def explain_tax(
    *, net_minor: int, tax_minor: int, rate: Decimal, currency: str, language: str, is_included: bool
) -> tuple[str, ...]:
    """How the tax of one rate comes about. `is_included`: the lines' amounts have the tax in them."""
    pen = _Pen(currency, language)
    figure = pen.number(rate)
    if is_included:
        base, divisor = net_minor + tax_minor, 100 + rate
    else:
        base, divisor = net_minor, Decimal(100)
    exact = Fraction(base) * Fraction(rate) / Fraction(divisor)
    left = f"{pen.money(base)} × {figure} ÷ {pen.number(divisor)}"
    if round_half_away(exact.numerator, exact.denominator) == tax_minor:
        return (f"{left} = {pen.result(exact, tax_minor)}",)
    return (
        pen.say(
            gettext_noop(
                "Credits give back the very tax that was charged for them, rounded once over all credits of a document "
                "so that nothing is left over in the end; so it is {tax} here. By itself this would be: {formula}"
            ),
            tax=pen.money(tax_minor),
            formula=f"{left} = {pen.result(exact, round_half_away(exact.numerator, exact.denominator))}",
        ),
    )


def explain_sum(first_minor: int, *others_minor: int, currency: str, language: str) -> str:
    """A sum as a formula: A$ 27.00 + A$ 2.70 = A$ 29.70; negative parts are taken off. Nothing added: no formula."""
    pen = _Pen(currency, language)
    more = "".join(f" {'−' if each < 0 else '+'} {pen.money(abs(each))}" for each in others_minor if each)
    return f"{pen.money(first_minor)}{more} = {pen.money(first_minor + sum(others_minor))}" if more else ""


class _Pen:
    """Writes amounts and words of one currency in one language."""

    def __init__(self, currency: str, language: str) -> None:
        self._currency, self.language = currency, language

    def say(self, sentence: str, **values: object) -> str:
        return words_in(self.language).gettext(sentence).format(**values)

    def money(self, amount_minor: int) -> str:
        return write_money(amount_minor, currency=self._currency, language=self.language)

    def price(self, unit_price: Decimal) -> str:
        return write_unit_price(unit_price, currency=self._currency, language=self.language)

    def number(self, value: Decimal) -> str:
        return write_number(value, language=self.language)

    def plain(self, amount_minor: int) -> str:
        return f"{from_minor(amount_minor, get_currency(self._currency)):f}"

    def result(self, exact: Fraction, rounded_minor: int) -> str:
        """What a formula gives, in minor units: the amount, or a few more digits of it and the amount they round to."""
        if exact == rounded_minor:
            return self.money(rounded_minor)
        digits = get_currency(self._currency).digits + _FURTHER_DIGITS
        shortened = int(exact * 10**_FURTHER_DIGITS)  # toward zero
        is_all = Fraction(shortened, 10**_FURTHER_DIGITS) == exact
        value = Decimal(shortened).scaleb(-digits)
        text = write_number(value, language=self.language, digits=None if is_all else digits)
        return self.say(
            gettext_noop("{exact}, rounded {amount}"),
            exact=text if is_all else f"{text}…",
            amount=self.money(rounded_minor),
        )


_Explained = tuple[tuple[str, ...], dict[str, str]]


def _method_of(facts: LineFacts) -> Method:
    if facts.reason is LineReason.MANUAL:
        return Method.BY_HAND
    if facts.reason is LineReason.GOODWILL:
        return Method.GIVEN
    if facts.basis is not None:
        return Method.COMPLEMENT
    if facts.reason in (LineReason.RESTORED, LineReason.CANCELLED):
        return Method.UNDONE
    return Method.AS_ISSUED if facts.kind is LineKind.CREDIT else Method.SHARE


def _share(facts: LineFacts, pen: _Pen) -> _Explained:
    span = write_span(facts.start, end=facts.end, language=pen.language)
    price = pen.price(facts.unit_price)
    return (
        pen.say(
            gettext_noop("One seat costs {price} for {period_days} days. Charged are {days} of them, {span}."),
            price=price,
            period_days=facts.period_days,
            days=facts.days,
            span=span,
        ),
        f"{facts.seats} × {price} × {facts.days} ÷ {facts.period_days} = {_charged(facts, pen)}",
    ), {
        "seats": str(facts.seats),
        "unit_price": f"{facts.unit_price.normalize():f}",
        "days": str(facts.days),
        "period_days": str(facts.period_days),
    }


def _by_hand(facts: LineFacts, pen: _Pen) -> _Explained:
    formula = f"{facts.seats} × {pen.price(facts.unit_price)} = {_charged(facts, pen)}"
    return (formula,), {"seats": str(facts.seats), "unit_price": f"{facts.unit_price.normalize():f}"}


def _charged(facts: LineFacts, pen: _Pen) -> str:
    minor = Fraction(facts.unit_price) * 10 ** get_currency(facts.currency).digits
    return pen.result(facts.seats * minor * facts.days / facts.period_days, facts.amount_minor)


def _complement(facts: LineFacts, pen: _Pen) -> _Explained:
    basis = facts.basis
    assert basis is not None  # noqa: S101 - the method was chosen by it
    total = basis.seats * basis.days
    exact = Fraction(basis.billed_minor * basis.kept_seat_days, total)
    stays_minor = round_half_away(exact.numerator, exact.denominator)
    sentences = (
        pen.say(
            gettext_noop("{number} charged {billed} for: {seats} × {days} = {total} seat-days"),
            number=facts.credits_number,
            billed=pen.money(basis.billed_minor),
            seats=basis.seats,
            days=basis.days,
            total=total,
        ),
        pen.say(
            gettext_noop("Of these, {kept} stay charged: {formula}"),
            kept=basis.kept_seat_days,
            formula=f"{pen.money(basis.billed_minor)} × {basis.kept_seat_days} ÷ {total}"
            f" = {pen.result(exact, stays_minor)}",
        ),
        _difference(facts, basis, stays_minor=stays_minor, pen=pen),
    )
    return sentences, {
        "billed": pen.plain(basis.billed_minor),
        "billed_seats": str(basis.seats),
        "billed_days": str(basis.days),
        "kept_seat_days": str(basis.kept_seat_days),
        "stays_charged": pen.plain(stays_minor),
        "credited_before": pen.plain(basis.credited_minor),
    }


def _difference(facts: LineFacts, basis: Basis, *, stays_minor: int, pen: _Pen) -> str:
    billed, stays, before = (pen.money(each) for each in (basis.billed_minor, stays_minor, basis.credited_minor))
    amount = pen.money(abs(facts.amount_minor))
    if facts.kind is LineKind.CHARGE:
        return pen.say(
            gettext_noop("{before} was credited before, which is too much now; charged again: {formula}"),
            before=before,
            formula=f"{before} + {stays} − {billed} = {amount}",
        )
    if not basis.credited_minor:
        return pen.say(gettext_noop("The rest is credited: {formula}"), formula=f"{billed} − {stays} = {amount}")
    return pen.say(
        gettext_noop("{before} of the rest was credited before; credited now: {formula}"),
        before=before,
        formula=f"{billed} − {stays} − {before} = {amount}",
    )


def _undone(facts: LineFacts, pen: _Pen) -> _Explained:
    is_credit = facts.kind is LineKind.CREDIT
    sentence = (
        gettext_noop("The order never began, so what {number} charged is taken back as it was: {amount}.")
        if is_credit
        else gettext_noop("A credit of {amount} on what {number} charged is taken back as it was given.")
    )
    amount_minor = abs(facts.amount_minor)
    told = pen.say(sentence, number=facts.credits_number, amount=pen.money(amount_minor))
    return (told,), {"undone": pen.plain(amount_minor)}


def _given(facts: LineFacts, pen: _Pen) -> _Explained:
    amount_minor = abs(facts.amount_minor)
    sentence = gettext_noop("Our billing team gave {amount}; it does not follow from days or seats.")
    return (pen.say(sentence, amount=pen.money(amount_minor)),), {"given": pen.plain(amount_minor)}


def _as_issued(facts: LineFacts, pen: _Pen) -> _Explained:
    sentence = gettext_noop(
        "What {number} charged for these seats, less what they were used, and what was credited before."
    )
    return (pen.say(sentence, number=facts.credits_number),), {}


_EXPLAINED: Mapping[Method, Callable[[LineFacts, _Pen], _Explained]] = {
    Method.SHARE: _share,
    Method.COMPLEMENT: _complement,
    Method.UNDONE: _undone,
    Method.BY_HAND: _by_hand,
    Method.GIVEN: _given,
    Method.AS_ISSUED: _as_issued,
}
