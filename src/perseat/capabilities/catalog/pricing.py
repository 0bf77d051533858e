"""What every offer's prices stand on: its costs, rules, rates and prices; which prices follow; which need a reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal

from django.conf import settings
from django.db import connection

from perseat.capabilities.catalog.models import (
    ExchangeRate,
    Markup,
    Offer,
    Price,
    PriceReason,
    SupplierCost,
    TaxRate,
)
from perseat.domain.price_making import (
    Cost,
    Dated,
    Margin,
    MarkupKind,
    MarkupRule,
    PriceChange,
    PriceGround,
    days_to_judge,
    judge_on,
    latest,
    plan_prices,
)

OfferKey = tuple[str, str, str, str]  # product id, SKU id, term, cycle
ListKey = tuple[str, bool]  # currency, includes tax
_MAKING_PRICES = 7_305_116  # any number that no other program on the server uses for an advisory lock
_PLACES = Decimal("0.00000001")
_SAME = (Dated(starts_on=date.min, value=Decimal(1)),)


class PriceNeedsReason(Exception):
    """Something would be on sale for nothing or below its cost, without a written reason. `flags` say which."""

    def __init__(self, flags: Sequence[PriceFlag]) -> None:
        self.flags = tuple(flags)
        super().__init__(
            f"{len(self.flags)} prices are nothing or below cost, {self.flags[0].name} first. Write why, or mend them."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOf:
    """A cost with its currency."""

    currency: str
    cost: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferGround:
    """An offer on one price list, with what its prices stand on. `cost_currency` is "" without any cost."""

    offer_id: int
    edition_id: int
    edition_code: str
    name: str
    group: str
    term: str
    cycle: str
    policy: str
    is_on_sale: bool
    currency: str
    includes_tax: bool
    cost_currency: str
    ground: PriceGround
    reasons: tuple[tuple[Decimal, Decimal | None], ...]

    def plan(self, *, before: Sequence[Cost], today: date) -> tuple[PriceChange, ...]:
        """The prices that the rules make and that are not there yet."""
        return plan_prices(
            self.ground,
            before=before,
            edition_code=self.edition_code,
            group=self.group,
            term=self.term,
            cycle=self.cycle,
            today=today,
        )

    def with_changes(self, changes: Sequence[PriceChange]) -> OfferGround:
        """The same once these prices are there."""
        prices = {price.starts_on: price for price in self.ground.prices}
        prices |= {each.starts_on: Dated(starts_on=each.starts_on, value=each.new_price) for each in changes}
        return replace(self, ground=replace(self.ground, prices=tuple(prices.values())))

    def margin_on(self, day: date) -> tuple[Decimal, Margin] | None:
        """The price of a day and what remains of it; None without a price."""
        price = latest(self.ground.prices, day=day)
        return (price.value, judge_on(self.ground, price.value, day=day)) if price else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceFlag:
    """A price, from a day on, that may be on sale with a written reason only. `unit_cost` in the price's currency."""

    offer_id: int
    name: str
    term: str
    cycle: str
    currency: str
    includes_tax: bool
    starts_on: date
    unit_price: Decimal
    unit_cost: Decimal | None
    margin: Margin


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What would count besides what is in the tables: the costs of a sheet, a rule, a rate."""

    costs: Mapping[OfferKey, Sequence[CostOf]]
    rules: Mapping[ListKey, Sequence[MarkupRule]]
    rates: Mapping[tuple[str, str], Sequence[Dated]]


NOTHING_NEW = Proposal(costs={}, rules={}, rates={})


def lock_price_making() -> None:
    """Let whoever else makes prices wait until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING_PRICES])


def list_grounds(
    *, proposal: Proposal = NOTHING_NEW, offer_ids: Sequence[int] | None = None
) -> tuple[OfferGround, ...]:
    """Every offer on every price list that has prices or rules, in catalog order; or only these offers."""
    offers = Offer.objects.select_related("edition").order_by("edition__position", "term", "cycle", "policy")
    if offer_ids is not None:
        offers = offers.filter(pk__in=offer_ids)
    rows = list(offers)
    tables = _Tables.read(rows, proposal=proposal)
    return tuple(tables.ground(offer, key) for offer in rows for key in tables.lists)


def find_flags(grounds: Sequence[OfferGround], *, today: date) -> tuple[PriceFlag, ...]:
    """What is on sale, today or later, for nothing or below its cost without a reason that counts for it."""
    return tuple(
        flag
        for each in grounds
        if each.is_on_sale
        for day in days_to_judge(each.ground, today=today)
        if (flag := _flag(each, day=day)) is not None
    )


def first_day_of_price(ground: OfferGround, *, today: date) -> date:
    """From when a new price can count: today for the first one, tomorrow where today's was asked already."""
    return date.fromordinal(today.toordinal() + 1) if latest(ground.ground.prices, day=today) else today


def save_prices(changes: Sequence[tuple[OfferGround, PriceChange]], *, now: datetime) -> None:
    """Write planned prices; from now on they take the place of those of the same day."""
    Price.objects.bulk_create(
        [
            Price(
                offer_id=each.offer_id,
                currency=each.currency,
                includes_tax=each.includes_tax,
                starts_on=change.starts_on,
                unit_price=change.new_price,
                recorded_at=now,
            )
            for each, change in changes
        ],
        batch_size=1000,
    )


def _flag(each: OfferGround, *, day: date) -> PriceFlag | None:
    priced = each.margin_on(day)
    if priced is None or not priced[1].verdict.needs_reason:
        return None
    price, margin = priced
    cost = None
    if margin.cost is not None:
        exact = Decimal(margin.cost.numerator) / Decimal(margin.cost.denominator)
        cost = exact.quantize(_PLACES, rounding=ROUND_CEILING)
    if any(given == price and (cost is None or (upto is not None and cost <= upto)) for given, upto in each.reasons):
        return None
    return PriceFlag(
        offer_id=each.offer_id,
        name=each.name,
        term=each.term,
        cycle=each.cycle,
        currency=each.currency,
        includes_tax=each.includes_tax,
        starts_on=day,
        unit_price=price,
        unit_cost=cost,
        margin=margin,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    costs: Mapping[OfferKey, Sequence[CostOf]]
    prices: Mapping[tuple[int, ListKey], Sequence[Dated]]
    rules: Mapping[ListKey, Sequence[MarkupRule]]
    rates: Mapping[tuple[str, str], Sequence[Dated]]
    taxes: Mapping[str, Sequence[Dated]]
    reasons: Mapping[tuple[int, ListKey], Sequence[tuple[Decimal, Decimal | None]]]
    lists: Sequence[ListKey]

    @classmethod
    def read(cls, offers: Sequence[Offer], *, proposal: Proposal) -> _Tables:
        rules = _rules(proposal.rules)
        kept = Price.objects.order_by("currency", "includes_tax").values_list("currency", "includes_tax").distinct()
        return cls(
            costs=_costs(offers, proposed=proposal.costs),
            prices=_prices(offers),
            rules=rules,
            rates=_rates(proposal.rates),
            taxes=_taxes(),
            reasons=_reasons(offers),
            lists=sorted({*kept, *rules}),
        )

    def ground(self, offer: Offer, key: ListKey) -> OfferGround:
        edition, (currency, includes_tax) = offer.edition, key
        costs = self.costs.get(_offer_key(offer), ())
        cost_currency = costs[-1].currency if costs else ""
        same = cost_currency == currency
        return OfferGround(
            offer_id=offer.pk,
            edition_id=edition.pk,
            edition_code=edition.code,
            name=edition.name,
            group=edition.group,
            term=offer.term,
            cycle=offer.cycle,
            policy=offer.policy,
            is_on_sale=offer.is_on_sale,
            currency=currency,
            includes_tax=includes_tax,
            cost_currency=cost_currency,
            ground=PriceGround(
                costs=tuple(each.cost for each in costs if each.currency == cost_currency),
                exchange=_SAME if same else tuple(self.rates.get((cost_currency, currency), ())),
                tax=tuple(self.taxes.get(edition.tax_category, ())) if includes_tax else (),
                rules=tuple(self.rules.get(key, ())),
                prices=tuple(self.prices.get((offer.pk, key), ())),
            ),
            reasons=tuple(self.reasons.get((offer.pk, key), ())),
        )


def _offer_key(offer: Offer) -> OfferKey:
    return offer.edition.supplier_product_id, offer.edition.supplier_sku_id, offer.term, offer.cycle


def _costs(offers: Sequence[Offer], *, proposed: Mapping[OfferKey, Sequence[CostOf]]) -> dict[OfferKey, list[CostOf]]:
    products = {offer.edition.supplier_product_id for offer in offers}
    found: dict[OfferKey, dict[date, CostOf]] = defaultdict(dict)
    rows = SupplierCost.objects.filter(market=settings.PERSEAT.provider_country, product_id__in=products)
    for row in rows.order_by("starts_on"):
        cost = Cost(starts_on=row.starts_on, ends_on=row.ends_on, unit_cost=row.unit_cost, list_price=row.list_price)
        key = (row.product_id, row.sku_id, row.term, row.cycle)
        found[key][row.starts_on] = CostOf(currency=row.currency, cost=cost)
    for key, costs in proposed.items():
        found[key] |= {each.cost.starts_on: each for each in costs}
    return {key: [costs[day] for day in sorted(costs)] for key, costs in found.items()}


def _prices(offers: Sequence[Offer]) -> dict[tuple[int, ListKey], list[Dated]]:
    found: dict[tuple[int, ListKey], dict[date, Dated]] = defaultdict(dict)
    for row in Price.objects.filter(offer__in=offers).order_by("starts_on", "recorded_at", "pk"):
        dated = Dated(starts_on=row.starts_on, value=row.unit_price)
        found[row.offer_id, (row.currency, row.includes_tax)][row.starts_on] = dated
    return {key: list(prices.values()) for key, prices in found.items()}


def _rules(proposed: Mapping[ListKey, Sequence[MarkupRule]]) -> dict[ListKey, list[MarkupRule]]:
    found: dict[ListKey, list[MarkupRule]] = defaultdict(list)
    for row in Markup.objects.select_related("edition").order_by("starts_on", "pk"):
        found[row.currency, row.includes_tax].append(as_rule(row))
    for key, rules in proposed.items():
        found[key].extend(rules)
    return found


def as_rule(row: Markup) -> MarkupRule:
    """A row as the domain knows it."""
    return MarkupRule(
        edition_code=row.edition.code if row.edition else "",
        group=row.group,
        term=row.term,
        cycle=row.cycle,
        kind=MarkupKind(row.kind),
        value=row.value,
        step=row.step,
        ending=row.ending,
        starts_on=row.starts_on,
    )


def _rates(proposed: Mapping[tuple[str, str], Sequence[Dated]]) -> dict[tuple[str, str], list[Dated]]:
    found: dict[tuple[str, str], dict[date, Dated]] = defaultdict(dict)
    for row in ExchangeRate.objects.order_by("starts_on", "pk"):
        found[row.source, row.target][row.starts_on] = Dated(starts_on=row.starts_on, value=row.rate)
    for pair, rates in proposed.items():
        found[pair] |= {each.starts_on: each for each in rates}
    return {pair: list(rates.values()) for pair, rates in found.items()}


def _taxes() -> dict[str, list[Dated]]:
    found: dict[str, dict[date, Dated]] = defaultdict(dict)
    rows = TaxRate.objects.filter(country=settings.PERSEAT.provider_country)
    for row in rows.order_by("starts_on", "recorded_at", "pk"):
        found[row.category][row.starts_on] = Dated(starts_on=row.starts_on, value=row.rate)
    return {category: list(rates.values()) for category, rates in found.items()}


def _reasons(offers: Sequence[Offer]) -> dict[tuple[int, ListKey], list[tuple[Decimal, Decimal | None]]]:
    found: dict[tuple[int, ListKey], list[tuple[Decimal, Decimal | None]]] = defaultdict(list)
    for row in PriceReason.objects.filter(offer__in=offers):
        found[row.offer_id, (row.currency, row.includes_tax)].append((row.unit_price, row.unit_cost))
    return found
