"""Making prices from costs by the provider's markup rules, from which day each counts, and what remains of a price.

Exact until the one rounding at the end, which goes up to the rule's next step: a made price never yields less than
its rule says. Nothing here is shown to a customer but the unit price itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Protocol, TypeVar

_HUNDRED = 100
_PLACES = Decimal("0.00000001")


class MarkupKind(StrEnum):
    """How a rule makes a price: cost and percent, cost and amount, the supplier's list price, a price, or by hand."""

    PERCENT = "percent"
    AMOUNT = "amount"
    LIST_PRICE = "list_price"
    FIXED = "fixed"
    BY_HAND = "by_hand"


class Verdict(StrEnum):
    """What is to be said of a price. A price that is nothing or below its cost needs a reason."""

    FINE = "fine"
    NOTHING = "nothing"
    BELOW_COST = "below_cost"
    COST_UNKNOWN = "cost_unknown"
    RATE_UNKNOWN = "rate_unknown"

    @property
    def needs_reason(self) -> bool:
        """Whether it may be on sale only with a written reason."""
        return self in (Verdict.NOTHING, Verdict.BELOW_COST)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkupRule:
    """From `starts_on`: prices of one list, for an edition, a group or ("" and "") all; `term` and `cycle` "" for any.

    `value`: percent points, an amount in the list's currency, or the price itself. Made prices are the next ones up
    that are `ending` more than a multiple of `step` (1.00 and 0.95 give 7.95, 8.95 …); of a price by hand nothing is.
    """

    edition_code: str = ""
    group: str = ""
    term: str = ""
    cycle: str = ""
    kind: MarkupKind
    value: Decimal = Decimal(0)
    step: Decimal = Decimal("0.01")
    ending: Decimal = Decimal(0)
    starts_on: date

    @property
    def subject(self) -> tuple[str, str, str, str]:
        """What it is for; of rules with one subject the latest that has begun counts."""
        return self.edition_code, self.group, self.term, self.cycle

    @property
    def weight(self) -> tuple[bool, bool, bool, bool]:
        """The more specific rule has the larger one: edition before group, then term before cycle."""
        return bool(self.edition_code), bool(self.group), bool(self.term), bool(self.cycle)

    def fits(self, *, edition_code: str, group: str, term: str, cycle: str) -> bool:
        """Whether it is for this offer."""
        wanted = (edition_code, group, term, cycle)
        return all(own in ("", other) for own, other in zip(self.subject, wanted, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one seat costs us for one charge period before tax, from a day on; `list_price` is the supplier's idea.

    `ends_on` is not included; None without an end. In the supplier's currency.
    """

    starts_on: date
    ends_on: date | None = None
    unit_cost: Decimal
    list_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A figure from a day on: an exchange rate, a tax rate in percent, a price."""

    starts_on: date
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceGround:
    """All that an offer's prices of one list stand on. `exchange`: list currency for one unit of the cost's currency.

    `tax`: percent within the figure, empty for prices without tax. `prices`: those there are.
    """

    costs: Sequence[Cost]
    exchange: Sequence[Dated]
    tax: Sequence[Dated]
    rules: Sequence[MarkupRule]
    prices: Sequence[Dated]


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """What remains of a price: all in the list's currency, before tax. None where the cost or a rate is unknown."""

    verdict: Verdict
    net_price: Fraction
    cost: Fraction | None
    remains: Fraction | None

    @property
    def percent(self) -> Decimal | None:
        """What remains of the price, in percent of it, to one decimal (half up); None for nothing or unknown."""
        if self.remains is None or not self.net_price:
            return None
        tenths = self.remains * _HUNDRED * 10 / self.net_price
        return Decimal(int((tenths + Fraction(1, 2)).__floor__())) / 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A price to be, and the one that would count on its day otherwise (None: none)."""

    starts_on: date
    old_price: Decimal | None
    new_price: Decimal
    old_cost: Decimal | None
    new_cost: Decimal | None
    margin: Margin


class _Begins(Protocol):
    @property
    def starts_on(self) -> date: ...


Begun = TypeVar("Begun", bound=_Begins)


def latest(rows: Iterable[Begun], *, day: date) -> Begun | None:
    """The row that counts on a day: the one that began last."""
    begun = [row for row in rows if row.starts_on <= day]
    return max(begun, key=lambda row: row.starts_on) if begun else None


def find_rule(
    rules: Iterable[MarkupRule], *, edition_code: str, group: str, term: str, cycle: str, day: date
) -> MarkupRule | None:
    """The rule for an offer on a day: of each subject the latest that has begun; of these the most specific."""
    current: dict[tuple[str, str, str, str], MarkupRule] = {}
    for rule in rules:
        known = current.get(rule.subject)
        is_later = known is None or rule.starts_on >= known.starts_on
        if (
            rule.starts_on <= day
            and is_later
            and rule.fits(edition_code=edition_code, group=group, term=term, cycle=cycle)
        ):
            current[rule.subject] = rule
    return max(current.values(), key=lambda rule: rule.weight) if current else None


def make_price(
    rule: MarkupRule, *, cost: Cost | None, exchange: Decimal | None, tax_percent: Decimal = Decimal(0)
) -> Decimal | None:
    """The price by a rule; None where it cannot make one (by hand, no cost, no list price, no exchange rate).

    Cost × exchange, markup, tax, then up to the rule's step. Amounts and fixed prices are taken before tax, too: only
    a fixed price is meant as it is asked, and neither taxed nor rounded.

    >>> rule = MarkupRule(kind=MarkupKind.PERCENT, value=Decimal(20), step=Decimal(1), ending=Decimal("0.95"),
    ...                   starts_on=date(2026, 1, 1))
    >>> make_price(rule, cost=Cost(starts_on=date(2026, 1, 1), unit_cost=Decimal("7.20")), exchange=Decimal(1))
    Decimal('8.95000000')
    """
    if rule.kind is MarkupKind.FIXED:
        return rule.value
    if rule.kind is MarkupKind.BY_HAND or cost is None or exchange is None:
        return None
    if rule.kind is MarkupKind.LIST_PRICE:
        if cost.list_price is None:
            return None
        exact = Fraction(cost.list_price) * Fraction(exchange)
    else:
        exact = Fraction(cost.unit_cost) * Fraction(exchange)
        added = Fraction(rule.value)
        exact += exact * added / _HUNDRED if rule.kind is MarkupKind.PERCENT else added
    return round_up_to(exact * (1 + Fraction(tax_percent) / _HUNDRED), step=rule.step, ending=rule.ending)


def round_up_to(exact: Fraction, *, step: Decimal, ending: Decimal) -> Decimal:
    """The smallest price that is not below, zero or more, and `ending` more than a multiple of `step` (above zero).

    >>> round_up_to(Fraction("8.64"), step=Decimal("0.50"), ending=Decimal(0))
    Decimal('9.00000000')
    """
    steps = ceil((max(exact, Fraction(0)) - Fraction(ending)) / Fraction(step))
    price = steps * Fraction(step) + Fraction(ending)
    return (Decimal(price.numerator) / Decimal(price.denominator)).quantize(_PLACES)


def judge_price(
    price: Decimal, *, cost: Decimal | None, exchange: Decimal | None, tax_percent: Decimal = Decimal(0)
) -> Margin:
    """What remains of a price before tax, against the cost in the price's currency; equal is fine."""
    net = Fraction(price) / (1 + Fraction(tax_percent) / _HUNDRED)
    if cost is None or exchange is None:
        unknown = Verdict.COST_UNKNOWN if cost is None else Verdict.RATE_UNKNOWN
        return Margin(verdict=unknown if price else Verdict.NOTHING, net_price=net, cost=None, remains=None)
    converted = Fraction(cost) * Fraction(exchange)
    verdict = Verdict.BELOW_COST if net < converted else Verdict.FINE
    return Margin(verdict=verdict if price else Verdict.NOTHING, net_price=net, cost=converted, remains=net - converted)


def judge_on(ground: PriceGround, price: Decimal, *, day: date) -> Margin:
    """`judge_price` with the cost and the rates of a day."""
    cost = cost_on(ground.costs, day=day)
    return judge_price(
        price,
        cost=cost.unit_cost if cost else None,
        exchange=_value(ground.exchange, day),
        tax_percent=_tax(ground, day),
    )


def cost_on(costs: Iterable[Cost], *, day: date) -> Cost | None:
    """The cost that counts on a day. One that has ended still tells what seats cost until another begins."""
    return latest(costs, day=day)


def plan_prices(
    ground: PriceGround,
    *,
    before: Sequence[Cost],
    edition_code: str,
    group: str,
    term: str,
    cycle: str,
    today: date,
) -> tuple[PriceChange, ...]:
    """The prices that the rules make and that are not there yet, in the order of their days.

    A first price counts from today; one that changes, from tomorrow at the earliest, as today's was asked already.
    Later: on each day on which a cost, a rule, a rate or another price begins. `before`: the costs known until now.
    """
    first = _first_day(ground.prices, today=today)
    prices = {price.starts_on: price.value for price in ground.prices}
    changes: list[PriceChange] = []
    for day in _days(ground, first=first):
        rule = find_rule(ground.rules, edition_code=edition_code, group=group, term=term, cycle=cycle, day=day)
        cost, exchange = cost_on(ground.costs, day=day), _value(ground.exchange, day)
        made = make_price(rule, cost=cost, exchange=exchange, tax_percent=_tax(ground, day)) if rule else None
        if made is None:
            continue
        known = max((start for start in prices if start <= day), default=None)
        old = None if known is None else prices[known]
        if old == made:
            continue
        prices[day] = made
        old_cost = cost_on(before, day=day)
        changes.append(
            PriceChange(
                starts_on=day,
                old_price=old,
                new_price=made,
                old_cost=old_cost.unit_cost if old_cost else None,
                new_cost=cost.unit_cost if cost else None,
                margin=judge_on(ground, made, day=day),
            )
        )
    return tuple(changes)


def days_to_judge(ground: PriceGround, *, today: date) -> list[date]:
    """Today and every later day on which what a price stands on changes."""
    return _days(ground, first=today)


def _days(ground: PriceGround, *, first: date) -> list[date]:
    groups: tuple[Sequence[_Begins], ...] = (
        ground.costs, ground.exchange, ground.tax, ground.rules, ground.prices,
    )  # fmt: skip
    return sorted({first, *(row.starts_on for rows in groups for row in rows if row.starts_on > first)})


def _first_day(prices: Sequence[Dated], *, today: date) -> date:
    return date.fromordinal(today.toordinal() + 1) if latest(prices, day=today) else today


def _value(rows: Sequence[Dated], day: date) -> Decimal | None:
    row = latest(rows, day=day)
    return row.value if row else None


def _tax(ground: PriceGround, day: date) -> Decimal:
    return _value(ground.tax, day) or Decimal(0)
