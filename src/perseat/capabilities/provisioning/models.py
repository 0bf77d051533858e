"""Provisioning: each intention towards the supplier, and every attempt to carry it out."""

from __future__ import annotations

import uuid

from django.db import models

from perseat.capabilities.customers.models import Tenant
from perseat.capabilities.guards import append_only, choices_of, known_states, never_deleted
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.subscriptions.models import Service, Subscription
from perseat.domain.drift import DriftEnd, DriftKind, DriftState
from perseat.domain.fulfillment import DeliveryAct, DeliveryState, SuspensionState


class Delivery(models.Model):
    """One intention, recorded before anything is asked. `seats` is the absolute total wanted.

    `step`: deliveries of an order run in this order; upgrades 0, increases 1, people 2, decreases 3. `request_id` is
    sent with every repetition of the same question; `basket_id` is kept so that completing a purchase twice buys once.
    `people` (for move_people): the persons to move, as [{"person_id", "add", "remove", "is_done"}], editions by code.
    `exchanges`: pairs of editions whose holders move; the worker finds them and adds them to `people`, once.
    `directory_seats`: the directory's count from which on the new seats can be seen there, noted before asking.
    `supplier_seats`: of a return, what the supplier held before it was asked to take any back.
    `operation_id`: of an upgrade, the supplier's own once it was asked for; `upgraded_seats`: what it has brought.
    `accepted_at`: when the supplier accepted. `driven_since`: when we began to ask by ourselves; a day later it parks.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="deliveries", null=True, blank=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="deliveries")
    act = models.CharField(max_length=15, choices=choices_of(DeliveryAct))
    step = models.PositiveSmallIntegerField()
    seats = models.PositiveIntegerField()
    seats_before = models.PositiveIntegerField(default=0)
    people = models.JSONField(default=list)
    exchanges = models.JSONField(default=list)
    directory_seats = models.PositiveIntegerField(null=True, blank=True)
    supplier_seats = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=15, choices=choices_of(DeliveryState), default=DeliveryState.WAITING)
    request_id = models.UUIDField(default=uuid.uuid4, unique=True)
    basket_id = models.CharField(max_length=60, blank=True)
    supplier_order_id = models.CharField(max_length=60, blank=True)
    operation_id = models.CharField(max_length=60, blank=True)
    upgraded_seats = models.PositiveIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_sentence = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    driven_since = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "delivery"
        constraints = [
            known_states("delivery", field="act", states=DeliveryAct),
            known_states("delivery", field="state", states=DeliveryState),
            models.UniqueConstraint(
                fields=["subscription"], condition=models.Q(state="asking"), name="delivery_asks_one_thing_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="delivery_by_state")]
        triggers = never_deleted("delivery")

    def __str__(self) -> str:
        return f"{self.act} {self.seats} ({self.state})"


class DeliveryAttempt(models.Model):
    """One question to the supplier and its answer, for the staff: ids as the supplier's support wants them."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempt_log")
    at = models.DateTimeField()
    question = models.CharField(max_length=60)
    request_id = models.UUIDField()
    correlation_id = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=30)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "delivery_attempt"
        triggers = append_only("delivery_attempt")

    def __str__(self) -> str:
        return f"{self.question}: {self.outcome}"


class SupplierNotice(models.Model):
    """A signed word of the supplier that something changed, once however often it is sent. Ids are the supplier's."""

    digest = models.CharField(max_length=64, unique=True)
    event = models.CharField(max_length=80)
    tenant_id = models.CharField(max_length=36, blank=True)
    supplier_subscription_id = models.CharField(max_length=60, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "supplier_notice"
        indexes = [models.Index(fields=["supplier_subscription_id", "received_at"], name="supplier_notice_by_subject")]
        triggers = append_only("supplier_notice")

    def __str__(self) -> str:
        return f"{self.event} of {self.received_at}"


class TenantLook(models.Model):
    """When a tenant's subscriptions were last compared with what was promised."""

    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, related_name="look")
    looked_at = models.DateTimeField()

    class Meta:
        db_table = "tenant_look"

    def __str__(self) -> str:
        return f"{self.tenant} at {self.looked_at}"


class Drift(models.Model):
    """What the supplier holds otherwise than promised, from the day it was seen to its end.

    `promised_*` and `found_*`: as last seen; renewal seats of 0 are no renewal. `subscription`: none for one that was
    bought elsewhere. `noticed_at`: when the supplier gave notice of it; None when it was found by looking. `sentence`:
    what stood in the way of undoing it. `order`: the one that made it the promise. `delivery`: the one that undoes it.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="drifts")
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="drifts", null=True, blank=True
    )
    supplier_subscription_id = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=15, choices=choices_of(DriftKind))
    state = models.CharField(max_length=10, choices=choices_of(DriftState), default=DriftState.OPEN)
    promised_seats = models.PositiveIntegerField()
    promised_renewal_seats = models.PositiveIntegerField()
    found_seats = models.PositiveIntegerField()
    found_renewal_seats = models.PositiveIntegerField()
    noticed_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    quiet_until = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=254, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    sentence = models.CharField(max_length=500, blank=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="drifts", null=True, blank=True)
    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, related_name="drift", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_how = models.CharField(max_length=10, choices=choices_of(DriftEnd), blank=True)

    class Meta:
        db_table = "drift"
        constraints = [
            known_states("drift", field="kind", states=DriftKind),
            known_states("drift", field="state", states=DriftState),
            models.UniqueConstraint(
                fields=["supplier_subscription_id"],
                condition=models.Q(ended_at=None),
                name="drift_is_open_once_a_subscription",
            ),
            models.CheckConstraint(
                name="drift_ends_with_its_state",
                condition=models.Q(state=DriftState.ENDED, ended_at__isnull=False)
                | (~models.Q(state=DriftState.ENDED) & models.Q(ended_at=None)),
            ),
        ]
        triggers = never_deleted("drift")

    def __str__(self) -> str:
        return f"{self.kind} of {self.title} ({self.state})"


class Suspension(models.Model):
    """A service whose seats staff have blocked at the supplier; `lifted_at`: since when they want them open again.

    `state` and `sentence` are of the side that counts: blocking until it is lifted, opening from then on.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="suspensions")
    reason = models.CharField(max_length=300)
    asked_by = models.CharField(max_length=254)
    asked_at = models.DateTimeField()
    lift_reason = models.CharField(max_length=300, blank=True)
    lifted_by = models.CharField(max_length=254, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=choices_of(SuspensionState), default=SuspensionState.WAITING)
    sentence = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    request_id = models.UUIDField(default=uuid.uuid4, unique=True)

    class Meta:
        db_table = "suspension"
        constraints = [
            known_states("suspension", field="state", states=SuspensionState),
            models.UniqueConstraint(
                fields=["service"],
                condition=models.Q(lifted_at=None) | ~models.Q(state="done"),
                name="suspension_is_one_at_a_time",
            ),
        ]
        triggers = never_deleted("suspension")

    def __str__(self) -> str:
        return f"{self.service} since {self.asked_at}"
