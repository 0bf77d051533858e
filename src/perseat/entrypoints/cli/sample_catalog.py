"""The demo's catalog: three editions, sold by the month and by the year, in Australian dollars."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

from perseat.capabilities.catalog.actions import add_edition, add_offer, allow_upgrade, set_price, set_tax_rate

_ON_SALE_SINCE = date(2026, 1, 1)

# code, name, former names, what it gives, Microsoft's skuId, Partner Center's product and SKU
_EDITIONS = (
    (
        "basic",
        "Microsoft 365 Business Basic",
        "Office 365 Business Essentials",
        "Mailbox, Teams and 1 TB of files; Word, Excel and PowerPoint in the browser.",
        "3b555118-da6a-4418-894f-7df1e2096870",
        "CFQ7TTC0LH18",
        "0001",
    ),
    (
        "standard",
        "Microsoft 365 Business Standard",
        "Office 365 Business Premium",
        "Everything in Business Basic, and the Office apps on up to five computers a person.",
        "f245ecc8-75af-4f8e-b61f-27d8114de5f3",
        "CFQ7TTC0LDPB",
        "0001",
    ),
    (
        "premium",
        "Microsoft 365 Business Premium",
        "Microsoft 365 Business",
        "Everything in Business Standard, and protection for devices, sign-ins and mail.",
        "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46",
        "CFQ7TTC0LCHC",
        "0002",
    ),
)

# term, cycle, policy: unit price of Basic, Standard, Premium for one charge period, without GST
_PRICES = (
    ("P1M", "P1M", "anytime", ("9.00", "18.70", "32.90")),
    ("P1Y", "P1M", "window", ("8.10", "16.80", "29.60")),
)

_UPGRADES = (("basic", "standard"), ("basic", "premium"), ("standard", "premium"))


def fill_catalog() -> None:
    """Put everything on sale, known since the day it is on sale. Repeating changes nothing."""
    known = datetime.combine(_ON_SALE_SINCE, time(), tzinfo=UTC)
    for position, (code, name, former, summary, directory_sku, product, sku) in enumerate(_EDITIONS, start=1):
        add_edition(
            code,
            name=name,
            former_names=former,
            summary=summary,
            directory_sku_id=UUID(directory_sku),
            supplier_product_id=product,
            supplier_sku_id=sku,
            position=position,
        )
    for term, cycle, policy, prices in _PRICES:
        for edition, price in zip(_EDITIONS, prices, strict=True):
            offer_id = add_offer(edition[0], term=term, cycle=cycle, policy=policy)
            set_price(offer_id, currency="AUD", unit_price=Decimal(price), starts_on=_ON_SALE_SINCE, now=known)
    for source, target in _UPGRADES:
        allow_upgrade(source, target_code=target)
    set_tax_rate("AU", category="S", label="GST", rate=Decimal(10), starts_on=date(2000, 7, 1), now=known)
