"""What can be bought: SKUs with their terms, availabilities per country, list prices and service plans."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources

from perseat.simulator.messages import JsonObject

# (term, billing cycle): charge cycles in a term, months in a charge cycle, and the factor over the yearly price.
TERMS: Mapping[tuple[str, str], tuple[int, int, Decimal]] = {
    ("P1M", "monthly"): (1, 1, Decimal("1.20")),
    ("P1Y", "monthly"): (12, 1, Decimal("1.05")),
    ("P1Y", "annual"): (1, 12, Decimal("1.00")),
    ("P3Y", "monthly"): (36, 1, Decimal("1.05")),
    ("P3Y", "annual"): (3, 12, Decimal("1.00")),
    ("P3Y", "triennial"): (1, 36, Decimal("1.00")),
}
TERM_MONTHS: Mapping[str, int] = {"P1M": 1, "P1Y": 12, "P3Y": 36}


@dataclasses.dataclass(frozen=True, kw_only=True)
class ServicePlan:
    """One service inside a SKU."""

    id: str
    name: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Market:
    """A country, the currency it is priced in, and the invented factor over the price in dollars."""

    country: str
    currency: str
    symbol: str
    factor: Decimal


@dataclasses.dataclass(frozen=True, kw_only=True)
class CatalogSku:
    """One SKU of the catalog."""

    product_id: str
    sku_id: str
    title: str
    part_number: str
    graph_sku_id: str
    monthly_usd: Decimal
    maximum_quantity: int
    upgrade_targets: tuple[str, ...]
    service_plans: tuple[ServicePlan, ...]

    @property
    def key(self) -> str:
        """Product and SKU joined with a colon."""
        return f"{self.product_id}:{self.sku_id}"

    def availability_id(self, *, country: str, generation: int) -> str:
        """The availability of this SKU in a country; it changes with the catalog's generation."""
        seed = f"{self.key}/{country.upper()}/{generation}"
        return "CFQ7TTC0" + hashlib.sha256(seed.encode()).hexdigest()[:4].upper()

    def catalog_item_id(self, *, country: str, generation: int) -> str:
        """Product, SKU and availability joined with colons: what a cart line asks for."""
        return f"{self.key}:{self.availability_id(country=country, generation=generation)}"

    def cycle_price(self, *, market: Market, term: str, cycle: str) -> Decimal:
        """List price of one seat for one charge cycle, before tax, in whole cents."""
        _, months, factor = TERMS[term, cycle]
        price = self.monthly_usd * months * factor * market.factor
        return price.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Catalog:
    """All SKUs by key and by the directory's id, the markets, and the rules between service plans."""

    skus: Mapping[str, CatalogSku]
    by_graph_id: Mapping[str, CatalogSku]
    markets: Mapping[str, Market]
    exclusive_plans: tuple[tuple[str, str], ...]
    plan_needs_one_of: Mapping[str, tuple[str, ...]]

    def find_sku(self, text: str) -> CatalogSku | None:
        """The SKU of a catalog item id, a product:sku key, a directory id or a part number."""
        key = ":".join(text.split(":")[:2])
        by_part = next((sku for sku in self.skus.values() if sku.part_number == text), None)
        return self.skus.get(key.upper()) or self.by_graph_id.get(text.lower()) or by_part

    def product_skus(self, product_id: str) -> tuple[CatalogSku, ...]:
        """The SKUs of a product; empty when the product is unknown."""
        return tuple(sku for sku in self.skus.values() if sku.product_id == product_id.upper())


@functools.cache
def load_catalog() -> Catalog:
    """The catalog of the data file beside this module."""
    text = resources.files("perseat.simulator").joinpath("data/catalog.json").read_text(encoding="utf-8")
    facts: JsonObject = json.loads(text)
    skus = tuple(_read_sku(entry) for entry in facts["skus"])
    return Catalog(
        skus={sku.key: sku for sku in skus},
        by_graph_id={sku.graph_sku_id: sku for sku in skus},
        markets={entry["country"]: _read_market(entry) for entry in facts["countries"]},
        exclusive_plans=tuple((first, second) for first, second in facts["exclusive_plans"]),
        plan_needs_one_of={plan: tuple(needed) for plan, needed in facts["plan_needs_one_of"].items()},
    )


def _read_sku(entry: JsonObject) -> CatalogSku:
    plans = tuple(ServicePlan(**plan) for plan in entry["service_plans"])
    rest = {name: value for name, value in entry.items() if name not in {"service_plans", "upgrade_targets"}}
    rest["monthly_usd"] = Decimal(entry["monthly_usd"])
    return CatalogSku(**rest, service_plans=plans, upgrade_targets=tuple(entry["upgrade_targets"]))


def _read_market(entry: JsonObject) -> Market:
    return Market(**{**entry, "factor": Decimal(entry["factor"])})
