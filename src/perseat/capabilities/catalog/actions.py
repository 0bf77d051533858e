"""Writes of the catalog: editions, offers, prices, upgrade paths and tax rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from perseat.capabilities.catalog.models import Edition, Offer, Price, TaxRate, UpgradePath


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
) -> int:
    """Add an edition or bring its words up to date; returns its id. Repeating changes nothing."""
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
        },
    )
    return edition.pk


def add_offer(edition_code: str, *, term: str, cycle: str, policy: str) -> int:
    """Put an edition on sale on these terms; returns the offer's id. Repeating changes nothing."""
    edition = Edition.objects.get(code=edition_code)
    offer, _ = Offer.objects.get_or_create(edition=edition, term=term, cycle=cycle, policy=policy)
    return offer.pk


def set_price(offer_id: int, *, currency: str, unit_price: Decimal, starts_on: date) -> None:
    """The offer costs this per seat and charge period from that day on; a running term keeps its price."""
    Price.objects.update_or_create(
        offer_id=offer_id, currency=currency, starts_on=starts_on, defaults={"unit_price": unit_price}
    )


def allow_upgrade(source_code: str, *, target_code: str) -> None:
    """Seats of the source may become seats of the target in mid-term."""
    UpgradePath.objects.get_or_create(
        source=Edition.objects.get(code=source_code), target=Edition.objects.get(code=target_code)
    )


def set_tax_rate(country: str, *, category: str, label: str, rate: Decimal, starts_on: date) -> None:
    """A rate in percent that counts from that day on."""
    TaxRate.objects.update_or_create(
        country=country, category=category, starts_on=starts_on, defaults={"label": label, "rate": rate}
    )
