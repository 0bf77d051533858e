"""Ordering: quotes (stored, immutable) and the orders made from them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from perseat.capabilities.catalog.models import Edition, Offer
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.guards import append_only, choices_of, frozen_columns, known_states, never_deleted
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import DocumentKind, LineKind, LineReason


class Quote(models.Model):
    """A stored answer, valid until `expires_at`. Amounts in minor units; never changed once made.

    `due_today_minor` is the document's total with tax; `to_pay_minor` is what is left after the balance.
    `recurring`, `outcomes`, `decreases`, `upgrades`: the rest of the decision as JSON, as the pages show it.
    `service_version` and `inputs_fingerprint` tell whether what it rests on has moved. `inputs`: all that it rests on,
    so that the audit can decide it again; None for quotes made before these were kept.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="quotes")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="quotes")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="quotes")
    made_at = models.DateTimeField()
    day = models.DateField()
    expires_at = models.DateTimeField()
    service_version = models.PositiveIntegerField()
    inputs_fingerprint = models.CharField(max_length=64)
    inputs = models.JSONField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=15, choices=choices_of(DocumentKind), blank=True)
    period_start = models.DateField()
    period_end = models.DateField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    due_today_minor = models.BigIntegerField()
    from_balance_minor = models.BigIntegerField()
    to_pay_minor = models.BigIntegerField()
    recurring_total_minor = models.BigIntegerField()
    next_charge_on = models.DateField(null=True, blank=True)
    wanted = models.JSONField()
    outcomes = models.JSONField(default=list)
    decreases = models.JSONField(default=list)
    upgrades = models.JSONField(default=list)
    recurring = models.JSONField(default=list)
    taxes = models.JSONField(default=list)
    people = models.JSONField(default=list)

    class Meta:
        db_table = "quote"
        constraints = [
            models.CheckConstraint(
                name="quote_figures_add_up",
                condition=models.Q(due_today_minor=models.F("net_minor") + models.F("tax_minor")),
            ),
            models.CheckConstraint(
                name="quote_pays_what_is_due",
                condition=models.Q(due_today_minor__lte=0, from_balance_minor=0, to_pay_minor=0)
                | models.Q(due_today_minor=models.F("from_balance_minor") + models.F("to_pay_minor")),
            ),
        ]
        triggers = append_only("quote")

    def __str__(self) -> str:
        return f"Quote {self.public_id}"


class QuoteLine(models.Model):
    """A line of a quote; invoice lines are copied from it. `credits_line`: the id of the document line it credits.

    `tax_minor`: the part of the quote's tax that is counted for this line. `billed_minor` to `credited_before_minor`:
    what a credit by complement starts from (`domain.quote_values.Basis`), None for other lines.
    """

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=choices_of(LineKind))
    reason = models.CharField(max_length=15, choices=choices_of(LineReason))
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    seats = models.PositiveIntegerField()
    start = models.DateField()
    end = models.DateField()
    days = models.PositiveIntegerField()
    period_days = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=20, decimal_places=8)
    amount_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    tax_category = models.CharField(max_length=5)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4)
    credits_line = models.BigIntegerField(null=True, blank=True)
    restores_line = models.BigIntegerField(null=True, blank=True)
    billed_minor = models.BigIntegerField(null=True, blank=True)
    billed_seats = models.PositiveIntegerField(null=True, blank=True)
    billed_days = models.PositiveIntegerField(null=True, blank=True)
    kept_seat_days = models.PositiveBigIntegerField(null=True, blank=True)
    credited_before_minor = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "quote_line"
        constraints = [
            models.UniqueConstraint(fields=["quote", "number"], name="quote_line_number_is_unique"),
            known_states("quote_line", field="kind", states=LineKind),
            known_states("quote_line", field="reason", states=LineReason),
            models.CheckConstraint(name="quote_line_has_seats", condition=models.Q(seats__gt=0)),
            models.CheckConstraint(name="quote_line_has_days", condition=models.Q(start__lt=models.F("end"))),
        ]
        triggers = append_only("quote_line")

    def __str__(self) -> str:
        return f"{self.quote_id}/{self.number}"


class Order(models.Model):
    """An accepted quote. One open (awaiting payment) order a service. `expires_on`: the last day it can be paid.

    `is_return`: it only gives seats back inside their window, and its credit note is issued when the supplier has
    taken them; until then the seats are held.
    """

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="order")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=20, choices=choices_of(OrderState))
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    accepted_at = models.DateTimeField()
    payment_method = models.CharField(max_length=30, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    attention = models.CharField(max_length=500, blank=True)
    is_return = models.BooleanField(default=False)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, related_name="replaced_by", null=True, blank=True)

    class Meta:
        db_table = "sales_order"
        constraints = [
            known_states("sales_order", field="state", states=OrderState),
            models.UniqueConstraint(
                fields=["service"],
                condition=models.Q(state=OrderState.AWAITING_PAYMENT.value),
                name="sales_order_is_open_once_a_service",
            ),
        ]
        triggers = [
            *never_deleted("sales_order"),
            frozen_columns("sales_order", columns=["quote_id", "customer_id", "service_id", "accepted_at"]),
        ]

    def __str__(self) -> str:
        return f"Order {self.pk}"


class OrderLine(models.Model):
    """What an order does to one offer: the total held from its start, and what is planned. Frozen.

    `upgraded_seats`: how many of the new seats came from other editions.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="order_lines")
    seats_before = models.PositiveIntegerField()
    seats_now = models.PositiveIntegerField()
    planned_seats = models.PositiveIntegerField(null=True, blank=True)
    planned_on = models.DateField(null=True, blank=True)
    upgraded_seats = models.PositiveIntegerField(default=0)
    unit_price = models.DecimalField(max_digits=20, decimal_places=8)

    class Meta:
        db_table = "sales_order_line"
        constraints = [
            models.UniqueConstraint(fields=["order", "offer"], name="sales_order_line_is_once_per_offer"),
        ]
        triggers = append_only("sales_order_line")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.seats_before} → {self.seats_now}"


class OrderEvent(models.Model):
    """When an order reached a state, and what was said to the customer then."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    state = models.CharField(max_length=20, choices=choices_of(OrderState))
    at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "sales_order_event"
        constraints = [known_states("sales_order_event", field="state", states=OrderState)]
        triggers = append_only("sales_order_event")

    def __str__(self) -> str:
        return f"{self.order_id} {self.state}"
