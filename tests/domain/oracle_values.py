"""What the oracle keeps of a life: documents, charges and subscriptions, seat by seat, and its own way to round."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

CYCLES = {"P1M": 1, "P3M": 3, "P6M": 6, "P1Y": 12, "P3Y": 36}
DIGITS = {"JPY": 0, "USD": 2, "AUD": 2, "EUR": 2, "KWD": 3}
ONE_DAY = timedelta(days=1)
ONE = Fraction(1)


exact = lru_cache(maxsize=10_000)(Fraction)


def nearest(share: Fraction, of: int = 1, divided_by: int = 1) -> int:
    """The whole number nearest to that share, halves away from zero."""
    dividend, divisor = share.numerator * of, share.denominator * divided_by
    whole, rest = divmod(abs(dividend), divisor)
    if rest >= divisor - rest:
        whole += 1
    return whole if dividend >= 0 else -whole


@dataclass
class Document:
    day: date
    lines: list[dict[str, Any]]
    net: int = 0
    tax: int = 0


@dataclass
class Charge:
    """A charge line, its seats one by one: for each the day from which it was given back."""

    document: int
    index: int
    edition: str
    category: str
    rate: Fraction
    start: date
    end: date
    period_days: int
    amount: int
    given_back_on: list[date | None]
    credited: int = 0

    def credited_in_all(self) -> int:
        whole = (self.end - self.start).days
        used = sum([(gone - self.start).days if gone else whole for gone in self.given_back_on])
        return self.amount - nearest(ONE, self.amount * used, len(self.given_back_on) * whole)


@dataclass
class Seat:
    number: int
    deadline: date | None


@dataclass
class Subscription:
    price: Fraction
    renews_on: date
    seats: list[Seat] = field(default_factory=list)
    planned: int | None = None


@dataclass
class Answer:
    """What a renewal or a checkout leads to. `now`, `planned`: totals by edition, where there are any.

    `foreseen`: renewal documents to come, each with its day, its lines and their total with tax.
    """

    day: date
    document: Document | None
    now: dict[str, int]
    planned: dict[str, tuple[int, date]]
    foreseen: list[tuple[date, list[dict[str, Any]], int]]
