"""Catching up: what is due by a customer's day is done before anything else (rule 4).

The worker's round does it for everybody; a customer who comes first does not have to wait for it. Each step locks the
customer, so whoever is second finds nothing left to do.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce

from perseat.capabilities.ordering.models import Order
from perseat.capabilities.subscriptions.models import Service, ServiceState
from perseat.domain.calendar import local_day
from perseat.domain.fulfillment import OrderState
from perseat.journeys.reactions import Job, defer
from perseat.journeys.renewal_round import renew_customer
from perseat.journeys.withdrawal import lapse_orders_of


def catch_up(customer_id: int, *, now: datetime) -> None:
    """Let orders lapse whose last day is over, then charge the periods that have begun."""
    lapse_orders_of(customer_id, now=now)
    renew_customer(customer_id, now=now)


def queue_catching_up(*, now: datetime) -> int:
    """Queue a job for each customer for whom something is due by their own local day; returns how many.

    One job a customer, so that one whose books fail does not hold up the others.
    """
    due = sorted({*_customers_with_lapsed_orders(now), *_customers_with_due_services(now)})
    for customer_id in due:
        defer(
            Job(
                task="catch_up_customer",
                arguments={"customer_id": customer_id},
                lock=f"customer-{customer_id}",
                waits_once=f"catch-up-{customer_id}",
            )
        )
    return len(due)


def _customers_with_lapsed_orders(now: datetime) -> list[int]:
    waiting = Order.objects.filter(state=OrderState.AWAITING_PAYMENT, expires_on__isnull=False)
    rows = waiting.values_list("customer_id", "customer__time_zone", "expires_on")
    return [customer_id for customer_id, zone, day in rows if day is not None and day < local_day(now, zone)]


def _customers_with_due_services(now: datetime) -> list[int]:
    latest = local_day(now, "Pacific/Kiritimati")  # where a day begins first
    rows = (
        Service.objects.filter(state=ServiceState.ACTIVE, customer__parked_reason="")
        .annotate(next_charge_on=Coalesce(F("billed_through"), F("billing_starts_on")))
        .filter(next_charge_on__lte=latest)
        .values_list("customer_id", "customer__time_zone", "next_charge_on")
    )
    return [customer_id for customer_id, zone, day in rows if day <= local_day(now, zone)]
