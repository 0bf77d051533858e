"""What is on sale: putting an offer on sale and off, prices by hand, markup rules and rates; nothing below cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from perseat.capabilities.catalog.models import Edition, ExchangeRate, Markup, Offer, PriceReason
from perseat.capabilities.catalog.pricing import OfferGround, PriceFlag, PriceNeedsReason, find_flags, list_grounds
from perseat.domain.money import UnitPriceNotUsable, UnknownCurrency, get_currency, unit_price_ratio
from perseat.domain.price_making import MarkupKind, MarkupRule, latest

_LONGEST_REASON = 300
_MOST = Decimal(10) ** 9


class MarkupUnusable(ValueError):
    """A rule or rate that makes no price. `field` names what was wrong, the text says it in a sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class OfferHasNoPrice(Exception):
    """An offer cannot go on sale before it has a price today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Justification:
    """Why something may be on sale for nothing or below cost, and who says so."""

    reason: str
    given_by: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMarkup:
    """A rule as it was typed, for one price list."""

    currency: str
    includes_tax: bool
    rule: MarkupRule


def put_on_sale(offer_id: int, *, justification: Justification | None, today: date) -> None:
    """Sell an offer from now on.

    :raises OfferHasNoPrice: without a price that counts today, on any list.
    :raises PriceNeedsReason: (catalog.pricing) for a price of nothing or below cost, unless it is justified.
    """
    offer = Offer.objects.select_for_update().get(pk=offer_id)
    grounds = list_grounds(offer_ids=[offer_id])
    if not any(latest(each.ground.prices, day=today) for each in grounds):
        raise OfferHasNoPrice(f"{offer} has no price today. Enter one, or a rule that makes one.")
    offer.is_on_sale = True
    offer.save(update_fields=["is_on_sale"])
    check_prices(list_grounds(offer_ids=[offer_id]), justification=justification, today=today)


def take_off_sale(offer_id: int) -> None:
    """Sell no new seats of an offer; who has it keeps it."""
    Offer.objects.filter(pk=offer_id).update(is_on_sale=False)


def check_prices(
    grounds: Sequence[OfferGround], *, justification: Justification | None, today: date
) -> tuple[PriceFlag, ...]:
    """Let nothing be on sale for nothing or below cost without a reason; the one that is given is kept for each price.

    :raises PriceNeedsReason: (catalog.pricing) without one.
    """
    flags = find_flags(grounds, today=today)
    if flags and (justification is None or not justification.reason.strip()):
        raise PriceNeedsReason(flags)
    if justification is not None:
        PriceReason.objects.bulk_create([_reason(flag, justification=justification) for flag in flags])
    return flags


def add_markup(new: NewMarkup, *, entered_by: str, now: datetime) -> None:
    """A rule from a day on. :raises MarkupUnusable: for one that could make no price."""
    check_markup(new)
    rule = new.rule
    edition = Edition.objects.get(code=rule.edition_code) if rule.edition_code else None
    Markup.objects.create(
        edition=edition,
        group=rule.group,
        term=rule.term,
        cycle=rule.cycle,
        currency=new.currency,
        includes_tax=new.includes_tax,
        kind=rule.kind,
        value=rule.value,
        step=rule.step,
        ending=rule.ending,
        starts_on=rule.starts_on,
        entered_by=entered_by,
        entered_at=now,
    )


def check_markup(new: NewMarkup) -> None:
    """:raises MarkupUnusable: for a rule that could make no price."""
    rule = new.rule
    _check_currency(new.currency, field="currency")
    if rule.edition_code and rule.group:
        raise MarkupUnusable("group", "A rule is for an edition or for a group, not for both.")
    if rule.edition_code and not Edition.objects.filter(code=rule.edition_code).exists():
        raise MarkupUnusable("edition", "There is no such edition.")
    _check_figure(abs(rule.value) if rule.kind is MarkupKind.PERCENT else rule.value, field="value")
    if rule.kind is MarkupKind.PERCENT and rule.value <= -100:
        raise MarkupUnusable("value", "From 100 percent off on, nothing remains to be paid.")
    _check_figure(rule.step, field="step")
    _check_figure(rule.ending, field="ending")
    if not rule.step:
        raise MarkupUnusable("step", "Prices are made in steps above zero, such as 0.01 or 1.")
    digits = get_currency(new.currency).digits
    if any(_decimals(figure) > digits for figure in (rule.step, rule.ending)):
        raise MarkupUnusable("step", f"Steps and endings in {new.currency} have at most {digits} decimals.")


def add_exchange_rate(
    source: str, *, target: str, rate: Decimal, starts_on: date, entered_by: str, now: datetime
) -> None:
    """How much of `target` one unit of `source` is, from a day on.

    :raises MarkupUnusable: for a rate that cannot be.
    """
    check_exchange_rate(source, target=target, rate=rate)
    ExchangeRate.objects.create(
        source=source, target=target, rate=rate, starts_on=starts_on, entered_by=entered_by, entered_at=now
    )


def check_exchange_rate(source: str, *, target: str, rate: Decimal) -> None:
    """:raises MarkupUnusable: for a rate of nothing, or between currencies that are one or none."""
    _check_currency(source, field="source")
    _check_currency(target, field="target")
    if source == target:
        raise MarkupUnusable("target", "A rate is between two currencies.")
    _check_figure(rate, field="rate")
    if not rate:
        raise MarkupUnusable("rate", "A rate is above zero.")


def _reason(flag: PriceFlag, *, justification: Justification) -> PriceReason:
    return PriceReason(
        offer_id=flag.offer_id,
        currency=flag.currency,
        includes_tax=flag.includes_tax,
        unit_price=flag.unit_price,
        unit_cost=flag.unit_cost,
        reason=justification.reason.strip()[:_LONGEST_REASON],
        given_by=justification.given_by,
        given_at=justification.given_at,
    )


def _check_currency(code: str, *, field: str) -> None:
    try:
        get_currency(code)
    except UnknownCurrency as problem:
        raise MarkupUnusable(field, str(problem)) from None


def _check_figure(figure: Decimal, *, field: str) -> None:
    try:
        unit_price_ratio(figure)
    except UnitPriceNotUsable:
        raise MarkupUnusable(field, "A number of zero or more with at most eight decimals.") from None
    if figure >= _MOST:
        raise MarkupUnusable(field, "This is larger than any price.")


def _decimals(figure: Decimal) -> int:
    exponent = figure.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
