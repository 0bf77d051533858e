"""Reads of the catalog: what is on sale, at which prices, and how it is taxed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import QuerySet

from perseat.capabilities.catalog.models import (
    Edition,
    ExchangeRate,
    Markup,
    Offer,
    Price,
    PriceReason,
    TaxRate,
    UpgradePath,
)
from perseat.domain.price_making import MarkupKind

_Dated = TypeVar("_Dated", Price, TaxRate)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionView:
    """What one seat gives."""

    edition_id: int
    code: str
    name: str
    former_names: str
    summary: str
    directory_sku_id: str
    supplier_product_id: str
    supplier_sku_id: str
    position: int
    maximum_seats: int
    tax_category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedPrice:
    """A unit price from a day on."""

    starts_on: date
    unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """The prices of one currency that include tax, or those that do not. A customer buys at one of them."""

    currency: str
    includes_tax: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """An edition on one term, cycle and policy, with its prices of one list, oldest first."""

    offer_id: int
    edition: EditionView
    is_on_sale: bool
    prices: tuple[DatedPrice, ...]

    def price_on(self, day: date) -> Decimal | None:
        """The unit price of a charge period on that day, None before the first price."""
        begun = [price for price in self.prices if price.starts_on <= day]
        return begun[-1].unit_price if begun else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedTaxRate:
    """A rate in percent for a category, from a day on; `label` is the tax's name."""

    category: str
    label: str
    rate: Decimal
    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkupView:
    """A rule as staff reads it; `subject` names an edition or a group, "" for all editions."""

    subject: str
    term: str
    cycle: str
    prices: PriceList
    kind: MarkupKind
    value: Decimal
    step: Decimal
    ending: Decimal
    starts_on: date
    entered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateView:
    """How much of `target` one unit of `source` comes to, from a day on."""

    source: str
    target: str
    rate: Decimal
    starts_on: date
    entered_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonView:
    """Why an offer is on sale for nothing or below cost at a price."""

    unit_price: Decimal
    currency: str
    reason: str
    given_by: str
    given_at: datetime


def list_markups() -> tuple[MarkupView, ...]:
    """Every rule, the latest first."""
    return tuple(
        MarkupView(
            subject=row.edition.name if row.edition else row.group,
            term=row.term,
            cycle=row.cycle,
            prices=PriceList(currency=row.currency, includes_tax=row.includes_tax),
            kind=MarkupKind(row.kind),
            value=row.value,
            step=row.step,
            ending=row.ending,
            starts_on=row.starts_on,
            entered_by=row.entered_by,
        )
        for row in Markup.objects.select_related("edition").order_by("-starts_on", "-pk")
    )


def list_exchange_rates() -> tuple[RateView, ...]:
    """Every rate, the latest first."""
    return tuple(
        RateView(
            source=row.source, target=row.target, rate=row.rate, starts_on=row.starts_on, entered_by=row.entered_by
        )
        for row in ExchangeRate.objects.order_by("-starts_on", "-pk")
    )


def list_reasons(offer_id: int) -> tuple[ReasonView, ...]:
    """Why an offer may be on sale for nothing or below cost, the latest first."""
    return tuple(
        ReasonView(
            unit_price=row.unit_price,
            currency=row.currency,
            reason=row.reason,
            given_by=row.given_by,
            given_at=row.given_at,
        )
        for row in PriceReason.objects.filter(offer=offer_id).order_by("-pk")
    )


def list_groups() -> tuple[str, ...]:
    """The groups that editions are in, by name."""
    return tuple(Edition.objects.exclude(group="").order_by("group").values_list("group", flat=True).distinct())


def list_editions() -> tuple[EditionView, ...]:
    """All editions in catalog order."""
    return tuple(edition_view(edition) for edition in Edition.objects.order_by("position"))


def list_offers(
    *, term: str, cycle: str, policy: str, currency: str, prices_include_tax: bool, known_at: datetime | None = None
) -> tuple[OfferView, ...]:
    """The offers of one term, cycle and policy in catalog order, those no longer on sale included.

    Their prices are those of the currency that include tax, or those that do not, as they were known at that moment
    (None: now).
    """
    offers = list(
        Offer.objects.filter(term=term, cycle=cycle, policy=policy)
        .select_related("edition")
        .order_by("edition__position")
    )
    prices: dict[int, dict[date, DatedPrice]] = {offer.pk: {} for offer in offers}
    of_list = Price.objects.filter(offer__in=offers, currency=currency, includes_tax=prices_include_tax)
    for price in _known(of_list, known_at).order_by("starts_on", "recorded_at", "pk"):
        prices[price.offer_id][price.starts_on] = DatedPrice(starts_on=price.starts_on, unit_price=price.unit_price)
    return tuple(
        OfferView(
            offer_id=offer.pk,
            edition=edition_view(offer.edition),
            is_on_sale=offer.is_on_sale,
            prices=tuple(prices[offer.pk].values()),
        )
        for offer in offers
    )


def list_price_lists() -> tuple[PriceList, ...]:
    """The kinds of prices that the catalog has, by currency, those without tax first."""
    rows = Price.objects.order_by("currency", "includes_tax").values_list("currency", "includes_tax").distinct()
    return tuple(PriceList(currency=currency, includes_tax=includes_tax) for currency, includes_tax in rows)


def list_upgrade_paths() -> frozenset[tuple[str, str]]:
    """Allowed (source, target) pairs of edition codes."""
    return frozenset(UpgradePath.objects.values_list("source__code", "target__code"))


def list_tax_rates(country: str, *, known_at: datetime | None = None) -> tuple[DatedTaxRate, ...]:
    """All dated rates of a country, oldest first, as they were known at that moment (None: now)."""
    rows = _known(TaxRate.objects.filter(country=country), known_at).order_by("starts_on", "recorded_at", "pk")
    latest = {(rate.category, rate.starts_on): rate for rate in rows}
    return tuple(
        DatedTaxRate(category=rate.category, label=rate.label, rate=rate.rate, starts_on=rate.starts_on)
        for rate in latest.values()
    )


def _known(rows: QuerySet[_Dated], at: datetime | None) -> QuerySet[_Dated]:
    return rows if at is None else rows.filter(recorded_at__lte=at)


def edition_view(edition: Edition) -> EditionView:
    """Turn a row into a value."""
    return EditionView(
        edition_id=edition.pk,
        code=edition.code,
        name=edition.name,
        former_names=edition.former_names,
        summary=edition.summary,
        directory_sku_id=str(edition.directory_sku_id),
        supplier_product_id=edition.supplier_product_id,
        supplier_sku_id=edition.supplier_sku_id,
        position=edition.position,
        maximum_seats=edition.maximum_seats,
        tax_category=edition.tax_category,
    )
