"""Price sheets: what the supplier asks for each offer in a market, line by line, in our words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import BinaryIO, Protocol


class SheetUnreadable(ValueError):
    """The file is no price sheet; the text says in a sentence what it is instead, and what to do."""


class LeftOut(StrEnum):
    """Why a line is none of ours."""

    OTHER_MARKET = "other_market"
    OTHER_SEGMENT = "other_segment"
    TIER = "tier"
    TRIAL = "trial"
    NO_SEATS = "no_seats"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """What one seat of an offer costs us for one charge period, before tax, from a day on.

    `term` P1M, P1Y, P3Y; `cycle` P1M, P1Y, P3Y. `list_price`: what the supplier suggests to ask. `ends_on` is not
    included, None without an end. `line` is counted from 1, the header included.
    """

    line: int
    product_id: str
    sku_id: str
    title: str
    term: str
    cycle: str
    market: str
    currency: str
    unit_cost: Decimal
    list_price: Decimal | None
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableLine:
    """A line that would be ours but cannot be used, with the reason in a sentence."""

    line: int
    title: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLeftOut:
    """A line for others: another market, another kind of customer, a volume, a trial, no seats."""

    line: int
    why: LeftOut
    market: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierEdition:
    """What the supplier's catalog says of an edition. `upgrades_to`: pairs of product and SKU id."""

    product_id: str
    sku_id: str
    title: str
    directory_sku_id: str
    maximum_seats: int
    upgrades_to: tuple[tuple[str, str], ...]


class PriceSheets(Protocol):
    """Reads the supplier's price sheets; the last two calls ask it and may raise Refused, Unanswered or NotFound."""

    def read(self, content: BinaryIO, *, market: str) -> Iterator[SheetLine | UnusableLine | LineLeftOut]:
        """Every line, as it comes; never the whole file at once. :raises SheetUnreadable: it is no price sheet."""
        ...

    def fetch(self, market: str, *, into: BinaryIO) -> None:
        """Write the sheet that counts now in a market (ISO 3166 alpha-2) to a file."""
        ...

    def get_edition(self, product_id: str, *, sku_id: str, market: str) -> SupplierEdition:
        """One edition of the supplier's catalog. :raises NotFound: it has none of these ids in that market."""
        ...
