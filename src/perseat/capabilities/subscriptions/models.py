"""Subscriptions: what a customer holds, on which terms, and what is planned."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from perseat.capabilities.catalog.models import Offer
from perseat.capabilities.customers.models import Customer, Tenant
from perseat.capabilities.guards import append_only, choices_of, frozen_columns, known_states
from perseat.domain.quote import DecreasePolicy


class ServiceState(StrEnum):
    """Pending: no seat was ever delivered. Active. Ended: nothing held any more."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class BatchOrigin(StrEnum):
    """How seats came to be held."""

    PURCHASE = "purchase"
    ADDED = "added"
    UPGRADED = "upgraded"
    RENEWAL = "renewal"
    ADOPTED = "adopted"


class Service(models.Model):
    """The seats of one tenant, as the customer sees them: one product on one rhythm.

    `version` grows with every change of what a quote rests on. `billing_starts_on`: the first day that we charge.
    """

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="services")
    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, related_name="service")
    name = models.CharField(max_length=100, default="Microsoft 365")
    state = models.CharField(max_length=10, choices=choices_of(ServiceState), default=ServiceState.PENDING)
    term = models.CharField(max_length=5)
    cycle = models.CharField(max_length=5)
    policy = models.CharField(max_length=10, choices=choices_of(DecreasePolicy))
    anchor = models.DateField()
    anchor_day = models.PositiveSmallIntegerField()
    billing_starts_on = models.DateField()
    billed_through = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "service"
        constraints = [
            known_states("service", field="state", states=ServiceState),
            known_states("service", field="policy", states=DecreasePolicy),
            models.CheckConstraint(
                name="service_anchor_day_is_a_day", condition=models.Q(anchor_day__gte=1, anchor_day__lte=31)
            ),
        ]
        triggers = [frozen_columns("service", columns=["customer_id", "tenant_id"])]

    def __str__(self) -> str:
        return f"{self.name} of {self.customer}"


class Subscription(models.Model):
    """A service's seats of one offer. `held_seats` is the accepted total: what the supplier is driven to.

    `unit_price` is locked for the term that began on `term_started_on`. `planned_seats`: the total from the next
    renewal of the term. `ended_on`: the day from which nothing is held. The supplier's own facts stand beside ours.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="subscriptions")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="subscriptions")
    held_seats = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=20, decimal_places=8)
    term_started_on = models.DateField()
    planned_seats = models.PositiveIntegerField(null=True, blank=True)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    supplier_subscription_id = models.CharField(max_length=60, blank=True)
    supplier_seats = models.PositiveIntegerField(null=True, blank=True)
    supplier_term_ends_on = models.DateField(null=True, blank=True)
    supplier_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "subscription"
        constraints = [
            models.UniqueConstraint(
                fields=["service", "offer"], condition=models.Q(ended_on=None), name="subscription_runs_once_per_offer"
            ),
            models.CheckConstraint(
                name="subscription_without_seats_is_ended",
                condition=models.Q(held_seats__gt=0, ended_on=None) | models.Q(held_seats=0, ended_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_seats} × {self.offer}"


class SeatBatch(models.Model):
    """Seats added at one moment, with the supplier's own deadline for giving them back (None: none).

    `deadline_read_at`: when the supplier told it; until then our own one stands in.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="batches")
    origin = models.CharField(max_length=10, choices=choices_of(BatchOrigin))
    added_on = models.DateField()
    seats = models.PositiveIntegerField()
    returned_seats = models.PositiveIntegerField(default=0)
    returnable_until = models.DateTimeField(null=True, blank=True)
    deadline_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "seat_batch"
        constraints = [
            known_states("seat_batch", field="origin", states=BatchOrigin),
            models.CheckConstraint(name="seat_batch_has_seats", condition=models.Q(seats__gt=0)),
            models.CheckConstraint(
                name="seat_batch_returns_what_it_has", condition=models.Q(returned_seats__lte=models.F("seats"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seats} from {self.added_on}"


class SeatMovement(models.Model):
    """The history of accepted totals, never changed: `seats` is the new total from `effective_on`."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="movements")
    effective_on = models.DateField()
    seats = models.PositiveIntegerField()
    planned_seats = models.PositiveIntegerField(null=True, blank=True)
    cause = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "seat_movement"
        triggers = append_only("seat_movement")

    def __str__(self) -> str:
        return f"{self.seats} from {self.effective_on}"
