"""Customer story: one timeline of everything that happened with a customer, for the staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from django.db.models import Model, QuerySet

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.customers.queries import CustomerFacts
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import OrderEvent
from perseat.capabilities.payments.models import Payment, Repayment
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.questions.models import Message
from perseat.domain.fulfillment import ORDER_LABELS, DeliveryState, OrderState, PaymentState, RepaymentState

PAGE_SIZE = 50
_Row = TypeVar("_Row", bound=Model)
_PAYMENT_WORDS = {
    PaymentState.STARTED: "started",
    PaymentState.SUCCEEDED: "received",
    PaymentState.DECLINED: "declined",
    PaymentState.REVERSED: "received, then reversed",
}

_REPAYMENT_WORDS = {
    RepaymentState.WAITING: "on its way back",
    RepaymentState.SENT: "returned",
    RepaymentState.REFUSED: "not returned, the gateway refused",
}


class Kind(StrEnum):
    """What an entry of the story is about."""

    ORDERS = "orders"
    DOCUMENTS = "documents"
    PAYMENTS = "payments"
    REPAYMENTS = "repayments"
    DELIVERIES = "deliveries"
    QUESTIONS = "questions"
    ACTS = "acts"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEntry:
    """One thing that happened. `reference`: the number or id of the thing; `amount_minor` None when it has none."""

    at: datetime
    kind: Kind
    title: str
    text: str
    actor: str
    reference: str
    amount_minor: int | None = None
    currency: str = ""


def get_customer_story(
    customer: CustomerFacts, *, kind: Kind | None = None, before: datetime | None = None, page_size: int = PAGE_SIZE
) -> tuple[StoryEntry, ...]:
    """The newest entries before a moment (exclusive), the newest first; at most one query for each kind."""
    readers = {
        Kind.ORDERS: _orders,
        Kind.DOCUMENTS: _documents,
        Kind.PAYMENTS: _payments,
        Kind.REPAYMENTS: _repayments,
        Kind.DELIVERIES: _deliveries,
        Kind.QUESTIONS: _questions,
        Kind.ACTS: _acts,
    }
    wanted = [kind] if kind else list(Kind)
    entries = [entry for each in wanted for entry in readers[each](customer, before, page_size)]
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True)[:page_size])


def _newest(rows: QuerySet[_Row], moment: str, before: datetime | None, limit: int) -> QuerySet[_Row]:
    """The last rows by the field `moment`, the newest first; those written at one moment by their key."""
    earlier = rows.filter(**{f"{moment}__lt": before}) if before else rows
    return earlier.order_by(f"-{moment}", "-pk")[:limit]


def _orders(customer: CustomerFacts, before: datetime | None, limit: int) -> Iterator[StoryEntry]:
    rows = OrderEvent.objects.filter(order__customer_id=customer.customer_id)
    for each in _newest(rows, "at", before, limit):
        yield StoryEntry(
            at=each.at,
            kind=Kind.ORDERS,
            title=f"Order {each.order_id}: {ORDER_LABELS[OrderState(each.state)]}",
            text=each.note,
            actor="",
            reference=str(each.order_id),
        )


def _documents(customer: CustomerFacts, before: datetime | None, limit: int) -> Iterator[StoryEntry]:
    rows = Document.objects.filter(customer_id=customer.customer_id)
    for each in _newest(rows, "issued_at", before, limit):
        yield StoryEntry(
            at=each.issued_at,
            kind=Kind.DOCUMENTS,
            title=f"{'Invoice' if each.kind == 'invoice' else 'Credit note'} {each.number}",
            text=each.reason,
            actor="",
            reference=each.number,
            amount_minor=each.total_minor,
            currency=each.currency,
        )


def _payments(customer: CustomerFacts, before: datetime | None, limit: int) -> Iterator[StoryEntry]:
    rows = Payment.objects.filter(customer_id=customer.customer_id).select_related("document")
    for each in _newest(rows, "started_at", before, limit):
        yield StoryEntry(
            at=each.started_at,
            kind=Kind.PAYMENTS,
            title=f"Payment {_PAYMENT_WORDS[PaymentState(each.state)]}"
            + (f" for {each.document.number}" if each.document else ""),
            text=" ".join(filter(None, [each.method.replace("_", " "), each.bank_reference, each.reversal_reason])),
            actor=each.recorded_by,
            reference=str(each.pk),
            amount_minor=each.amount_minor,
            currency=each.currency,
        )


def _repayments(customer: CustomerFacts, before: datetime | None, limit: int) -> Iterator[StoryEntry]:
    rows = Repayment.objects.filter(customer_id=customer.customer_id)
    for each in _newest(rows, "started_at", before, limit):
        yield StoryEntry(
            at=each.started_at,
            kind=Kind.REPAYMENTS,
            title=f"Money {_REPAYMENT_WORDS[RepaymentState(each.state)]}",
            text=" ".join(
                filter(None, [each.method.replace("_", " "), each.bank_reference, each.reason, each.refusal])
            ),
            actor=each.recorded_by,
            reference=str(each.pk),
            amount_minor=each.amount_minor,
            currency=each.currency,
        )


def _deliveries(customer: CustomerFacts, before: datetime | None, limit: int) -> Iterator[StoryEntry]:
    rows = Delivery.objects.filter(subscription__service__customer_id=customer.customer_id)
    for each in _newest(rows.select_related("subscription__offer__edition"), "created_at", before, limit):
        state = DeliveryState(each.state).value.replace("_", " ")
        yield StoryEntry(
            at=each.created_at,
            kind=Kind.DELIVERIES,
            title=f"{each.subscription.offer.edition.name}: {each.seats_before} → {each.seats} seats, {state}",
            text=each.error_sentence,
            actor="",
            reference=str(each.pk),
        )


def _questions(customer: CustomerFacts, before: datetime | None, limit: int) -> Iterator[StoryEntry]:
    rows = Message.objects.filter(question__customer_id=customer.customer_id).select_related("question", "author")
    for each in _newest(rows, "written_at", before, limit):
        yield StoryEntry(
            at=each.written_at,
            kind=Kind.QUESTIONS,
            title=f"{'Answer' if each.is_from_staff else 'Question'}: {each.question.subject}",
            text=each.text if len(each.text) <= 200 else f"{each.text[:199]}…",
            actor=each.author.email,
            reference=str(each.question_id),
        )


def _acts(customer: CustomerFacts, before: datetime | None, limit: int) -> Iterator[StoryEntry]:
    rows = AuditEntry.objects.filter(customer_number=customer.number)
    for each in _newest(rows, "at", before, limit):
        yield StoryEntry(
            at=each.at,
            kind=Kind.ACTS,
            title=f"{each.verb[:1].upper()}{each.verb[1:]}: {each.object_label}",
            text="",
            actor=each.actor,
            reference="",
        )
