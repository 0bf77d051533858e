"""The sandbox gateway's own memory: what the payer decided. Never read to decide about money; notices do that."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum

from perseat.capabilities.payments.models import SandboxPayment, SandboxRefund
from perseat.ports.payment_gateway import GatewayOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxDecision:
    """What was decided about a payment, and whether it was decided just now."""

    outcome: GatewayOutcome
    is_new: bool


def get_sandbox_outcome(reference: str) -> GatewayOutcome | None:
    """What was decided, None while nobody has decided."""
    payment = SandboxPayment.objects.filter(reference=reference).first()
    return GatewayOutcome(payment.outcome) if payment else None


def decide_sandbox_payment(
    reference: str, *, amount_minor: int, currency: str, description: str, return_address: str, outcome: GatewayOutcome
) -> SandboxDecision:
    """Keep the decision; the first one stays, whatever is pressed later."""
    payment, is_new = SandboxPayment.objects.get_or_create(
        reference=reference,
        defaults={
            "amount_minor": amount_minor,
            "currency": currency,
            "description": description[:200],
            "return_address": return_address[:500],
            "outcome": outcome.value,
        },
    )
    return SandboxDecision(outcome=GatewayOutcome(payment.outcome), is_new=is_new)


@transaction.atomic
def refund_sandbox_payment(reference: str, *, refund_id: str, amount_minor: int, currency: str) -> bool:
    """Send a part of a payment back; the same id again changes nothing. False when there is not so much to send."""
    payment = SandboxPayment.objects.select_for_update().filter(reference=reference).first()
    if payment is None or payment.outcome != GatewayOutcome.SUCCEEDED.value or payment.currency != currency:
        return False
    known = SandboxRefund.objects.filter(refund_id=refund_id).first()
    if known is not None:
        return known.payment_id == payment.pk and known.amount_minor == amount_minor
    sent = payment.refunds.aggregate(total=Sum("amount_minor"))["total"] or 0
    if amount_minor <= 0 or sent + amount_minor > payment.amount_minor:
        return False
    SandboxRefund.objects.create(payment=payment, refund_id=refund_id, amount_minor=amount_minor)
    return True


def is_sandbox_refund_known(reference: str, *, refund_id: str) -> bool:
    """Whether this refund of this payment was sent."""
    return SandboxRefund.objects.filter(payment__reference=reference, refund_id=refund_id).exists()
