"""Shapes that every answer is made of: amounts as decimal strings with their currency, ISO days, nothing unknown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from django.http import HttpResponse
from ninja import Schema
from pydantic import ConfigDict, Field

from perseat.domain.money import from_minor, get_currency

Item = TypeVar("Item")
PageNumber = Annotated[int, Field(ge=1, le=100_000)]
PersonId = Annotated[str, Field(pattern=r"^[\w.@'-]{1,200}$")]  # an id or a sign-in name; nothing that leads elsewhere
Code = Annotated[str, Field(min_length=1, max_length=60)]


class Shape(Schema):
    """A JSON object with exactly these fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Money(Shape):
    """An amount, such as "-16.10" AUD, with exactly the currency's digits."""

    amount: str
    currency: str


class Listed(Shape, Generic[Item]):
    """A page of a list; `next_page` is None on the last one."""

    items: list[Item]
    next_page: int | None


def money(amount_minor: int, currency: str) -> Money:
    """1610 and "AUD" → 16.10 AUD."""
    return Money(amount=f"{from_minor(amount_minor, get_currency(currency)):f}", currency=currency)


def unit_price(price: Decimal, currency: str) -> Money:
    """A price with the currency's digits, or with more if it has more."""
    least = Decimal(1).scaleb(-get_currency(currency).digits)
    shortest = price.normalize()
    exact = shortest if shortest.as_tuple().exponent < least.as_tuple().exponent else price.quantize(least)  # type: ignore[operator]
    return Money(amount=f"{exact:f}", currency=currency)


def listed(items: Sequence[Item], *, page: int, page_size: int) -> Listed[Item]:
    """A page; a full one is followed by another."""
    return Listed[Item](items=list(items), next_page=page + 1 if len(items) == page_size else None)


def reply(shape: Schema, *, status: int = 200) -> HttpResponse:
    """The answer as JSON."""
    return HttpResponse(shape.model_dump_json(), status=status, content_type="application/json")
