"""Writes of the catalog: editions, offers, prices, upgrade paths and tax rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from perseat.capabilities.catalog.models import Edition, Offer, Price, TaxRate, UpgradePath
from perseat.capabilities.catalog.pricing import list_grounds
from perseat.capabilities.catalog.selling import Justification, check_prices
from perseat.domain.calendar import is_day_of_business
from perseat.domain.money import get_currency, unit_price_ratio

# EN 16931 for services. Every other one than S is a category of which nothing is paid.
TAX_CATEGORIES = ("S", "Z", "E", "AE", "O")
_LONGEST_LABEL = 20
_MOST_RATE = 100
_RATE_STEP = Decimal("0.0001")


class TaxRateUnusable(ValueError):
    """A tax rate that no document could be made with. `field` names what was wrong, the text says it in a sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def add_edition(
    code: str,
    *,
    name: str,
    former_names: str,
    summary: str,
    directory_sku_id: UUID,
    supplier_product_id: str,
    supplier_sku_id: str,
    position: int,
    maximum_seats: int = 300,
    tax_category: str = "S",
) -> int:
    """Add an edition or bring its words up to date; returns its id. Repeating changes nothing.

    :raises TaxRateUnusable: for a tax category that documents do not know.
    """
    check_tax_category(tax_category)
    edition, _ = Edition.objects.update_or_create(
        code=code,
        defaults={
            "name": name,
            "former_names": former_names,
            "summary": summary,
            "directory_sku_id": directory_sku_id,
            "supplier_product_id": supplier_product_id,
            "supplier_sku_id": supplier_sku_id,
            "position": position,
            "maximum_seats": maximum_seats,
            "tax_category": tax_category,
        },
    )
    return edition.pk


def add_offer(edition_code: str, *, term: str, cycle: str, policy: str, is_on_sale: bool = True) -> int:
    """Offer an edition on these terms, on sale or not yet; returns the offer's id. Repeating changes nothing."""
    edition = Edition.objects.get(code=edition_code)
    offer, _ = Offer.objects.get_or_create(
        edition=edition, term=term, cycle=cycle, policy=policy, defaults={"is_on_sale": is_on_sale}
    )
    return offer.pk


@transaction.atomic
def set_price(
    offer_id: int,
    *,
    currency: str,
    unit_price: Decimal,
    starts_on: date,
    now: datetime,
    includes_tax: bool = False,
    justification: Justification | None = None,
) -> None:
    """The offer costs this per seat and charge period from that day on; a running term keeps its price.

    What was decided before `now` rests on what was known before. Repeating changes nothing.
    `includes_tax`: whether the figure has the tax in it. Such a price is for the customers whose prices include tax,
    and leaves the other ones alone.

    :raises UnknownCurrency: (perseat.domain.money) for what is no active ISO 4217 code.
    :raises UnitPriceNotUsable: (perseat.domain.money) for a negative price, or more than eight decimals.
    :raises PriceNeedsReason: (catalog.pricing) for nothing or below cost on sale, unless it is justified.
    """
    get_currency(currency)
    unit_price_ratio(unit_price)
    of_day = Price.objects.filter(
        offer_id=offer_id, currency=currency, includes_tax=includes_tax, starts_on=starts_on
    ).order_by("-recorded_at", "-pk")
    if of_day.values_list("unit_price", flat=True).first() != unit_price:
        Price.objects.create(
            offer_id=offer_id,
            currency=currency,
            includes_tax=includes_tax,
            starts_on=starts_on,
            unit_price=unit_price,
            recorded_at=now,
        )
    grounds = [
        each
        for each in list_grounds(offer_ids=[offer_id])
        if (each.currency, each.includes_tax) == (currency, includes_tax)
    ]
    check_prices(grounds, justification=justification, today=starts_on)


def allow_upgrade(source_code: str, *, target_code: str) -> None:
    """Seats of the source may become seats of the target in mid-term."""
    UpgradePath.objects.get_or_create(
        source=Edition.objects.get(code=source_code), target=Edition.objects.get(code=target_code)
    )


def set_tax_rate(country: str, *, category: str, label: str, rate: Decimal, starts_on: date, now: datetime) -> None:
    """A rate in percent that counts from that day on. What was decided before `now` rests on what was known before.

    Repeating changes nothing.

    :raises TaxRateUnusable: for a rate that is none, has more than four decimals, or does not go with its category.
    """
    check_tax_category(category)
    if not 0 < len(label.strip()) <= _LONGEST_LABEL:
        raise TaxRateUnusable("label", "Write the tax's name as it stands on invoices, in at most 20 characters.")
    if not rate.is_finite() or not 0 <= rate <= _MOST_RATE or rate % _RATE_STEP:
        raise TaxRateUnusable("rate", f"A rate is from 0 to 100 percent, with at most four decimals; not {rate}.")
    if rate and category != "S":
        raise TaxRateUnusable("rate", f"Nothing is taxed in the category {category}: its rate is 0.")
    if not is_day_of_business(starts_on):
        raise TaxRateUnusable("starts_on", f"No document is ever dated {starts_on}.")
    of_day = TaxRate.objects.filter(country=country, category=category, starts_on=starts_on)
    latest = of_day.order_by("-recorded_at", "-pk").first()
    if latest is None or (latest.label, latest.rate) != (label, rate):
        TaxRate.objects.create(
            country=country, category=category, starts_on=starts_on, label=label, rate=rate, recorded_at=now
        )


def check_tax_category(category: str) -> None:
    """:raises TaxRateUnusable: for a category that documents do not know."""
    if category not in TAX_CATEGORIES:
        raise TaxRateUnusable("category", f"A tax category is one of {', '.join(TAX_CATEGORIES)}; not {category}.")
