"""Repayments: money of a customer's balance that is sent back, and what the ledger says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.ledger.actions import record_entry
from perseat.capabilities.ledger.models import Account
from perseat.capabilities.payments.actions import BANK_TRANSFER
from perseat.capabilities.payments.models import Allocation, Payment, Repayment
from perseat.capabilities.payments.queries import get_available_minor, list_sources
from perseat.domain.calendar import local_day
from perseat.domain.checkout import returnable_minor
from perseat.domain.fulfillment import PaymentState, RepaymentState

PAGE_SIZE = 50
_SAME_ACT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentView:
    """Money on its way back, or there. `payment_reference`: the gateway's name of the payment it goes back through."""

    repayment_id: int
    public_id: UUID
    customer_id: int
    customer_number: str
    customer_name: str
    method: str
    state: RepaymentState
    currency: str
    amount_minor: int
    reason: str
    recorded_by: str
    started_at: datetime
    asked_at: datetime | None
    sent_on: date | None
    refusal: str
    bank_reference: str
    payment_id: int | None
    payment_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPayment:
    """A payment through a gateway with something that can go back the way it came, in minor units."""

    payment_id: int
    method: str
    reference: str
    received_on: date | None
    left_minor: int


def get_returnable_minor(customer_id: int, *, currency: str) -> int:
    """How much may be sent back now: of the balance, up to what was received and neither reversed nor sent back."""
    received = Payment.objects.filter(customer_id=customer_id, currency=currency, state=PaymentState.SUCCEEDED)
    sent = _not_refused().filter(customer_id=customer_id, currency=currency)
    return returnable_minor(
        get_available_minor(customer_id, currency=currency),
        received_minor=_total(received),
        returned_minor=_total(sent),
    )


def list_card_payments(customer_id: int, *, currency: str) -> tuple[CardPayment, ...]:
    """Payments through which money can go back, newest first, at most 50."""
    sent = Coalesce(Sum("repayments__amount_minor", filter=~Q(repayments__state=RepaymentState.REFUSED)), 0)
    found = (
        Payment.objects.filter(customer_id=customer_id, currency=currency, state=PaymentState.SUCCEEDED)
        .exclude(method=BANK_TRANSFER)
        .annotate(left_minor=F("amount_minor") - sent)
        .filter(left_minor__gt=0)
        .order_by("-pk")[:PAGE_SIZE]
    )
    return tuple(
        CardPayment(
            payment_id=each.pk,
            method=each.method,
            reference=each.gateway_reference,
            received_on=each.received_on,
            left_minor=each.left_minor,
        )
        for each in found
    )


def is_sent_back(payment: Payment) -> bool:
    """Whether a part of this very payment went back to the customer, or went back the way that it came."""
    own = payment.allocations.exclude(repayment=None).aggregate(total=Sum("amount_minor"))["total"] or 0
    return own != 0 or payment.repayments.exclude(state=RepaymentState.REFUSED).exists()


def find_same_repayment(
    customer: Customer, *, payment_id: int | None, bank_reference: str, amount_minor: int, reason: str, now: datetime
) -> int | None:
    """The one that a double click has just recorded."""
    return (
        _not_refused()
        .filter(
            customer=customer,
            payment=payment_id,
            bank_reference=bank_reference,
            amount_minor=amount_minor,
            reason=reason,
            started_at__gt=now - _SAME_ACT,
        )
        .values_list("pk", flat=True)
        .first()
    )


def is_transfer_recorded(bank_reference: str) -> bool:
    """Whether a transfer of this reference is recorded already."""
    return Repayment.objects.filter(method=BANK_TRANSFER, bank_reference=bank_reference).exists()


def record_repayment(
    customer: Customer, *, payment: CardPayment | None, bank_reference: str, amount_minor: int, reason: str, actor: str,
    now: datetime,
) -> int:  # fmt: skip
    """Take the amount out of the balance; by bank it is sent, by a gateway it waits for the gateway.

    The caller holds the customer's lock and has checked the amount. Credits are drawn before payments, each oldest
    first, so that a payment that bounces later can still be reversed.
    """
    repayment = Repayment.objects.create(
        customer=customer,
        payment_id=payment.payment_id if payment else None,
        method=payment.method if payment else BANK_TRANSFER,
        bank_reference=bank_reference,
        state=RepaymentState.WAITING if payment else RepaymentState.SENT,
        sent_on=None if payment else local_day(now, customer.time_zone),
        currency=customer.currency,
        amount_minor=amount_minor,
        reason=reason,
        recorded_by=actor,
        started_at=now,
    )
    _draw(repayment, now=now)
    if payment:
        amounts = {Account.BALANCE: amount_minor, Account.RETURNING: -amount_minor}
        _enter(repayment, "started", amounts, description="Money on its way back to the card", now=now, actor=actor)
    else:
        amounts = {Account.BALANCE: amount_minor, Account.BANK: -amount_minor}
        _enter(repayment, "sent", amounts, description="Money returned by bank transfer", now=now, actor=actor)
    return repayment.pk


def mark_asked(repayment_id: int, *, now: datetime) -> None:
    """The gateway is about to be asked for the first time."""
    Repayment.objects.filter(pk=repayment_id, asked_at=None).update(asked_at=now)


def finish_repayment(repayment_id: int, *, refusal: str, now: datetime, actor: str) -> bool:
    """What the gateway said, `refusal` "" when it sent the money; False when that was known already.

    The caller holds the customer's lock. What is refused is the customer's balance again.
    """
    repayment = Repayment.objects.select_related("customer").get(pk=repayment_id)
    if repayment.state != RepaymentState.WAITING:
        return False
    amount = repayment.amount_minor
    if refusal:
        repayment.state, repayment.refusal = RepaymentState.REFUSED, refusal[:300]
        _undraw(repayment, now=now)
        amounts = {Account.RETURNING: amount, Account.BALANCE: -amount}
        _enter(repayment, "refused", amounts, description="Return refused by the gateway", now=now, actor=actor)
    else:
        repayment.state = RepaymentState.SENT
        repayment.sent_on = local_day(now, repayment.customer.time_zone)
        amounts = {Account.RETURNING: amount, Account.GATEWAY: -amount}
        _enter(repayment, "sent", amounts, description="Money returned to the card", now=now, actor=actor)
    repayment.save(update_fields=["state", "refusal", "sent_on"])
    return True


def get_repayment(repayment_id: int) -> RepaymentView:
    """:raises DoesNotBelong: when there is none."""
    found = _views(Repayment.objects.filter(pk=repayment_id))
    if not found:
        raise DoesNotBelong(repayment_id)
    return found[0]


def list_repayments(
    *, search: str = "", state: RepaymentState | None = None, page: int = 1
) -> tuple[RepaymentView, ...]:
    """All of them, newest first, 50 a page. `search`: the beginning of a customer's name, number or a reference."""
    condition = Q(state=state) if state else Q()
    if search:
        condition &= (
            Q(customer__legal_name__istartswith=search)
            | Q(customer__number__istartswith=search)
            | Q(bank_reference__istartswith=search)
        )
    rows = Repayment.objects.filter(condition).order_by("-pk")
    return _views(rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])


def list_waiting_repayments(*, started_before: datetime) -> tuple[int, ...]:
    """Those of which no gateway has said yet what became of them, oldest first, at most 500."""
    rows = Repayment.objects.filter(state=RepaymentState.WAITING, started_at__lt=started_before).order_by("started_at")
    return tuple(rows.values_list("pk", flat=True)[:500])


def _draw(repayment: Repayment, *, now: datetime) -> None:
    left = repayment.amount_minor
    sources = list_sources(repayment.customer_id, currency=repayment.currency)
    for source in sorted(sources, key=lambda each: each.credit_note_id is None):
        part = min(left, source.left_minor)
        if part:
            Allocation.objects.create(
                repayment=repayment,
                payment_id=source.payment_id,
                credit_note_id=source.credit_note_id,
                currency=repayment.currency,
                amount_minor=part,
                allocated_at=now,
            )
            left -= part


def _undraw(repayment: Repayment, *, now: datetime) -> None:
    for drawn in list(repayment.allocations.order_by("pk")):
        Allocation.objects.create(
            repayment=repayment,
            payment_id=drawn.payment_id,
            credit_note_id=drawn.credit_note_id,
            currency=drawn.currency,
            amount_minor=-drawn.amount_minor,
            allocated_at=now,
        )


def _enter(
    repayment: Repayment, step: str, amounts: Mapping[Account, int], *, description: str, now: datetime, actor: str
) -> None:
    record_entry(
        customer_number=repayment.customer.number,
        currency=repayment.currency,
        amounts=amounts,
        description=description,
        reference=repayment.bank_reference or (repayment.payment.gateway_reference if repayment.payment else ""),
        idempotency_key=f"repayment:{repayment.pk}:{step}",
        occurred_on=local_day(now, repayment.customer.time_zone),
        recorded_at=now,
        recorded_by=actor,
        reason=repayment.refusal or repayment.reason,
    )


def _not_refused() -> QuerySet[Repayment]:
    return Repayment.objects.exclude(state=RepaymentState.REFUSED)


def _total(rows: QuerySet[Payment] | QuerySet[Repayment]) -> int:
    return int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)


def _views(rows: QuerySet[Repayment]) -> tuple[RepaymentView, ...]:
    return tuple(
        RepaymentView(
            repayment_id=row.pk,
            public_id=row.public_id,
            customer_id=row.customer_id,
            customer_number=row.customer.number,
            customer_name=row.customer.legal_name,
            method=row.method,
            state=RepaymentState(row.state),
            currency=row.currency,
            amount_minor=row.amount_minor,
            reason=row.reason,
            recorded_by=row.recorded_by,
            started_at=row.started_at,
            asked_at=row.asked_at,
            sent_on=row.sent_on,
            refusal=row.refusal,
            bank_reference=row.bank_reference,
            payment_id=row.payment_id,
            payment_reference=row.payment.gateway_reference if row.payment else "",
        )
        for row in rows.select_related("customer", "payment")
    )
