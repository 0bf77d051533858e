"""What a supplier's bill for a line will come to, as far as we can tell before it comes.

Source: Microsoft's billing of seats by the day: price of a charge period ÷ its days × the days billed × seats, cut off
after the currency's digits, never rounded up. Published examples cut off in two places; this is the one of seat
changes. It is an estimate for the staff: nothing that a customer reads depends on it.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

from perseat.domain.money import Currency


def estimate_cost_minor(*, unit_cost: Decimal, seats: int, days: int, period_days: int, currency: Currency) -> int:
    """The cost in minor units, cut off; of a credit the same amount comes back.

    >>> from perseat.domain.money import get_currency
    >>> euro = get_currency("EUR")
    >>> estimate_cost_minor(unit_cost=Decimal("10.08"), seats=12, days=28, period_days=30, currency=euro)
    11289
    >>> estimate_cost_minor(unit_cost=Decimal("12"), seats=15, days=29, period_days=31, currency=euro)
    16838
    """
    exact = Fraction(unit_cost) * seats * days / period_days * int(10**currency.digits)
    return floor(exact)
