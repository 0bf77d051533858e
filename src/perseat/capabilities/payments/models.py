"""Payments: money received, and what it was used for."""

from __future__ import annotations

import uuid

from django.db import models

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.guards import append_only, choices_of, frozen_columns, known_states, never_deleted
from perseat.capabilities.invoicing.models import Document
from perseat.domain.fulfillment import PaymentState, RepaymentState


class Payment(models.Model):
    """Money received or tried. `method`: "bank_transfer" or a gateway's name. Amount in minor units, frozen.

    `public_id` is what the gateway knows it by. `bank_reference`: the statement's own reference, unique per method.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payments")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="payments", null=True, blank=True)
    method = models.CharField(max_length=30)
    gateway_reference = models.CharField(max_length=100, blank=True)
    bank_reference = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=15, choices=choices_of(PaymentState))
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    started_at = models.DateTimeField()
    received_on = models.DateField(null=True, blank=True)
    recorded_by = models.CharField(max_length=254, blank=True)
    reversal_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "payment"
        constraints = [
            known_states("payment", field="state", states=PaymentState),
            models.CheckConstraint(name="payment_amount_is_positive", condition=models.Q(amount_minor__gt=0)),
            models.UniqueConstraint(
                fields=["method", "gateway_reference"],
                condition=~models.Q(gateway_reference=""),
                name="payment_gateway_reference_is_unique",
            ),
            models.UniqueConstraint(
                fields=["method", "bank_reference"],
                condition=~models.Q(bank_reference="") & ~models.Q(state="reversed"),
                name="payment_bank_reference_is_unique",
            ),
        ]
        triggers = [
            *never_deleted("payment"),
            frozen_columns("payment", columns=["customer_id", "currency", "amount_minor", "method"]),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.amount_minor} {self.currency}"


class Repayment(models.Model):
    """Money of the balance that is sent back to the customer. Amount in minor units, frozen with what it is about.

    By bank the clerk has sent it already: `bank_reference` is the transfer's. By a gateway it goes back the way that
    `payment` came; `public_id` is what the gateway knows it by, `asked_at` the first time that it was asked.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="repayments")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="repayments", null=True, blank=True)
    method = models.CharField(max_length=30)
    bank_reference = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=15, choices=choices_of(RepaymentState))
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    recorded_by = models.CharField(max_length=254)
    started_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    sent_on = models.DateField(null=True, blank=True)
    refusal = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "repayment"
        constraints = [
            known_states("repayment", field="state", states=RepaymentState),
            models.CheckConstraint(name="repayment_amount_is_positive", condition=models.Q(amount_minor__gt=0)),
            models.CheckConstraint(
                name="repayment_names_its_transfer_or_payment",
                condition=models.Q(payment=None) & ~models.Q(bank_reference="")
                | models.Q(payment__isnull=False, bank_reference=""),
            ),
            models.UniqueConstraint(
                fields=["method", "bank_reference"],
                condition=~models.Q(bank_reference=""),
                name="repayment_bank_reference_is_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["started_at"], condition=models.Q(state="waiting"), name="repayment_that_waits")
        ]
        triggers = [
            *never_deleted("repayment"),
            frozen_columns(
                "repayment",
                columns=["public_id", "customer_id", "payment_id", "method", "currency", "amount_minor", "reason"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.amount_minor} {self.currency}"


class Allocation(models.Model):
    """What money was used for: `amount_minor` of a payment or of a credit note settles an invoice or is sent back.

    Negative when it is taken back (a reversed payment). What a source has not allocated is the customer's balance.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="allocations", null=True, blank=True)
    repayment = models.ForeignKey(
        Repayment, on_delete=models.PROTECT, related_name="allocations", null=True, blank=True
    )
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations", null=True, blank=True)
    credit_note = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="used_for", null=True, blank=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    allocated_at = models.DateTimeField()

    class Meta:
        db_table = "allocation"
        constraints = [
            models.CheckConstraint(
                name="allocation_has_one_source",
                condition=models.Q(payment=None, credit_note__isnull=False)
                | models.Q(payment__isnull=False, credit_note=None),
            ),
            models.CheckConstraint(
                name="allocation_has_one_target",
                condition=models.Q(document=None, repayment__isnull=False)
                | models.Q(document__isnull=False, repayment=None),
            ),
            models.CheckConstraint(name="allocation_is_not_zero", condition=~models.Q(amount_minor=0)),
        ]
        triggers = append_only("allocation")

    def __str__(self) -> str:
        return f"{self.amount_minor} to {self.document_id or self.repayment}"


class GatewayNotice(models.Model):
    """A gateway's signed notice, kept once by its own id; repeated notices change nothing.

    `problem`: why it did not fit a payment (unknown reference, other amount), for the staff; "" when it did.
    """

    gateway = models.CharField(max_length=30)
    notice_id = models.CharField(max_length=100)
    received_at = models.DateTimeField()
    body = models.JSONField()
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "gateway_notice"
        constraints = [models.UniqueConstraint(fields=["gateway", "notice_id"], name="gateway_notice_is_kept_once")]
        triggers = append_only("gateway_notice")

    def __str__(self) -> str:
        return self.notice_id


class SandboxPayment(models.Model):
    """What the sandbox gateway itself remembers: its own side, so it is never read to decide about money."""

    reference = models.CharField(max_length=100, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    description = models.CharField(max_length=200)
    return_address = models.CharField(max_length=500)
    outcome = models.CharField(max_length=10, default="open")

    class Meta:
        db_table = "sandbox_payment"
        constraints = [
            models.CheckConstraint(
                name="sandbox_payment_outcome_is_known",
                condition=models.Q(outcome__in=["open", "succeeded", "declined"]),
            )
        ]

    def __str__(self) -> str:
        return self.reference


class SandboxRefund(models.Model):
    """What the sandbox gateway itself sent back of a payment, by the shop's own id; one id is one refund."""

    payment = models.ForeignKey(SandboxPayment, on_delete=models.PROTECT, related_name="refunds")
    refund_id = models.CharField(max_length=100, unique=True)
    amount_minor = models.BigIntegerField()

    class Meta:
        db_table = "sandbox_refund"
        constraints = [
            models.CheckConstraint(name="sandbox_refund_is_positive", condition=models.Q(amount_minor__gt=0))
        ]

    def __str__(self) -> str:
        return self.refund_id
