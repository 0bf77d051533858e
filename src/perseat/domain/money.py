"""Money: whole minor units of a currency, and the one way to round."""

from __future__ import annotations

from dataclasses import dataclass


class UnknownCurrency(ValueError):
    """The code is not an active ISO 4217 currency that we can bill in."""


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: its code and how many digits its minor unit has (JPY 0, EUR 2, KWD 3)."""

    code: str
    digits: int
