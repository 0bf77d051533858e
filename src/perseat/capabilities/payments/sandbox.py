"""The sandbox gateway's own memory: what the payer decided. Never read to decide about money; notices do that."""

from __future__ import annotations

from dataclasses import dataclass

from perseat.capabilities.payments.models import SandboxPayment
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
