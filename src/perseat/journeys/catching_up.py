"""Catching up: what is due by a customer's day is done before anything else (rule 4).

The worker's round does it for everybody; a customer who comes first does not have to wait for it. Each step locks the
customer, so whoever is second finds nothing left to do.
"""

from __future__ import annotations

from datetime import datetime

from perseat.journeys.renewal_round import renew_customer
from perseat.journeys.withdrawal import lapse_orders_of


def catch_up(customer_id: int, *, now: datetime) -> None:
    """Let orders lapse whose last day is over, then charge the periods that have begun."""
    lapse_orders_of(customer_id, now=now)
    renew_customer(customer_id, now=now)
