"""How a line came to its amount, in figures that a pocket calculator confirms."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from django import template

from perseat.entrypoints.pages.templatetags.money import money, unit_price

register = template.Library()


class ChargedLine(Protocol):
    """What a line must know of itself."""

    @property
    def seats(self) -> int: ...
    @property
    def days(self) -> int: ...
    @property
    def period_days(self) -> int: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def amount_minor(self) -> int: ...


@register.simple_tag
def unfold(line: ChargedLine, currency: str) -> str:
    """3 seats × A$ 9.00 × 23 of 31 days = A$ 20.03; the days are left out when the period is whole."""
    seats = "1 seat" if line.seats == 1 else f"{line.seats} seats"
    factors = [seats, unit_price(line.unit_price, currency)]
    if line.days != line.period_days:
        factors.append(f"{line.days} of {line.period_days} days")
    return f"{' × '.join(factors)} = {money(line.amount_minor, currency)}"
