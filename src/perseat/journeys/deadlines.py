"""Deadlines: until when seats can be given back, as the supplier tells it after each purchase, addition and renewal.

Until it has, our own seven days stand in for it.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import OPEN_STATES
from perseat.capabilities.subscriptions.models import Subscription
from perseat.capabilities.subscriptions.supplier_facts import (
    list_subscriptions_to_read,
    record_deadlines,
    record_supplier_reading,
)
from perseat.domain.deadlines import SeatsUntil
from perseat.domain.fulfillment import DeliveryAct
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import SupplierStatus, SupplierSubscription

_logger = structlog.get_logger(__name__)


def seats_there(supplied: SupplierSubscription) -> int:
    """What the supplier holds; nothing when it has ended."""
    return 0 if supplied.status is SupplierStatus.ENDED else supplied.seats


def keep_deadlines(subscription_id: int, supplied: SupplierSubscription | None, *, now: datetime) -> None:
    """Lay what was just read over our batches, in the caller's transaction.

    Left alone while the supplier holds fewer seats than we do, or another delivery is to change them.
    """
    if supplied is None or supplied.status is not SupplierStatus.ACTIVE:
        return
    held = Subscription.objects.values_list("held_seats", flat=True).get(pk=subscription_id)
    coming = Delivery.objects.filter(subscription_id=subscription_id, state__in=OPEN_STATES)
    if supplied.seats < held or coming.exclude(act=DeliveryAct.PLAN_RENEWAL).exists():
        return
    returnable = [SeatsUntil(each.seats, each.until) for each in supplied.returnable if each.until > now]
    record_deadlines(subscription_id, returnable=returnable, term_ends_on=supplied.term_ends_on, read_at=now)


def read_due_deadlines(outside: Outside, *, now: datetime) -> int:
    """Ask for every deadline that is not known yet, or may be a new one; returns how many were read."""
    read = 0
    for subscription_id in list_subscriptions_to_read(now):
        try:
            read_deadlines(outside, subscription_id)
        except (Unanswered, Refused, CredentialsRefused) as silence:
            _logger.info("deadlines not read", subscription=subscription_id, reason=str(silence))
        else:
            read += 1
    return read


def read_deadlines(outside: Outside, subscription_id: int) -> None:
    """Ask for one subscription, then write down what it says.

    :raises Refused, Unanswered, CredentialsRefused: when the supplier says nothing.
    """
    subscription = Subscription.objects.select_related("service__tenant").get(pk=subscription_id)
    service = subscription.service
    supplied = outside.seats.get_subscription(
        str(service.tenant.tenant_id), subscription_id=subscription.supplier_subscription_id
    )
    now = outside.clock.now()
    with transaction.atomic():
        Customer.objects.select_for_update(no_key=True).get(pk=service.customer_id)  # quotes are checked under it
        record_supplier_reading(
            subscription_id, seats=seats_there(supplied), term_ends_on=supplied.term_ends_on, read_at=now
        )
        keep_deadlines(subscription_id, supplied, now=now)
