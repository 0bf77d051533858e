"""Writes of payments: money received, and what it is used for. Money that goes back is in repayments.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ledger.actions import record_entry
from perseat.capabilities.ledger.models import Account
from perseat.capabilities.payments.models import Allocation, Payment
from perseat.capabilities.payments.queries import Source, get_open_minor, list_sources
from perseat.domain.calendar import local_day
from perseat.domain.checkout import Unpaid, settle_negative
from perseat.domain.fulfillment import PaymentState

BANK_TRANSFER = "bank_transfer"
_ONE_TRANSFER_AT_A_TIME = 7_305_117  # any number that no other program on the server uses for an advisory lock


def record_transfers_in_turn() -> None:
    """Until the caller's transaction ends nobody else records a bank transfer: each reference comes in once.

    The caller holds the customer's lock already, which two customers' transfers do not share.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_TRANSFER_AT_A_TIME])


def use_balance(customer: Customer, *, document: Document, now: datetime, actor: str) -> int:
    """Settle what is open of a document from the customer's balance, oldest source first; returns what was used.

    The caller holds the lock of the customer's row, under which all of a customer's money moves.
    """
    left = get_open_minor(document)
    used = 0
    for source in list_sources(customer.pk, currency=document.currency):
        part = min(left - used, source.left_minor)
        if part > 0:
            _allocate(source, document=document, amount_minor=part, customer=customer, now=now, actor=actor)
            used += part
    return used


def settle_credit_note(
    customer: Customer, *, credit_note: Document, credited: Sequence[Document], now: datetime, actor: str
) -> None:
    """Use a credit note first for the unpaid part of the documents it credits; the rest is balance (rule 12)."""
    unpaid = [Unpaid(reference=str(document.pk), open_minor=get_open_minor(document)) for document in credited]
    documents = {str(document.pk): document for document in credited}
    source = Source(payment_id=None, credit_note_id=credit_note.pk, left_minor=-credit_note.total_minor)
    for part in settle_negative(credit_note.total_minor, unpaid=unpaid).to_documents:
        _allocate(
            source,
            document=documents[part.reference],
            amount_minor=part.open_minor,
            customer=customer,
            now=now,
            actor=actor,
        )


def receive_payment(payment: Payment, *, received_on: date, now: datetime, actor: str) -> None:
    """The money of a payment is there: enter it and settle its document; what is left over is balance."""
    payment.state = PaymentState.SUCCEEDED
    payment.received_on = received_on
    payment.save(update_fields=["state", "received_on", "document"])
    _enter_money(payment, amount_minor=payment.amount_minor, verb="received", day=received_on, now=now, actor=actor)
    if payment.document is None:
        return
    part = min(get_open_minor(payment.document), payment.amount_minor)
    if part:
        source = Source(payment_id=payment.pk, credit_note_id=None, left_minor=payment.amount_minor)
        _allocate(
            source,
            document=payment.document,
            amount_minor=part,
            customer=payment.customer,
            now=now,
            actor=actor,
        )


def reverse_payment(payment: Payment, *, reason: str, now: datetime, actor: str) -> None:
    """Take everything back that the payment settled, then the money itself; what was sent back is looked at before."""
    sums: dict[int, int] = {}
    for allocation in payment.allocations.exclude(document=None).order_by("pk"):
        sums[allocation.document_id or 0] = sums.get(allocation.document_id or 0, 0) + allocation.amount_minor
    source = Source(payment_id=payment.pk, credit_note_id=None, left_minor=0)
    for document in Document.objects.filter(pk__in=sums).order_by("pk"):
        if sums[document.pk]:
            _allocate(
                source,
                document=document,
                amount_minor=-sums[document.pk],
                customer=payment.customer,
                now=now,
                actor=actor,
            )
    payment.state = PaymentState.REVERSED
    payment.reversal_reason = reason[:300]
    payment.save(update_fields=["state", "reversal_reason"])
    day = local_day(now, payment.customer.time_zone)
    _enter_money(payment, amount_minor=-payment.amount_minor, verb="reversed", day=day, now=now, actor=actor)


def _enter_money(payment: Payment, *, amount_minor: int, verb: str, day: date, now: datetime, actor: str) -> None:
    """Dated when the bank had it, so that the account agrees with the bank statement, day by day."""
    account = Account.BANK if payment.method == BANK_TRANSFER else Account.GATEWAY
    record_entry(
        customer_number=payment.customer.number,
        currency=payment.currency,
        amounts={account: amount_minor, Account.BALANCE: -amount_minor},
        description=f"Payment {verb}",
        reference=payment.bank_reference or payment.gateway_reference,
        idempotency_key=f"payment:{payment.pk}:{verb}",
        occurred_on=day,
        recorded_at=now,
        recorded_by=actor,
        reason=payment.reversal_reason,
    )


def _allocate(
    source: Source, *, document: Document, amount_minor: int, customer: Customer, now: datetime, actor: str
) -> None:
    allocation = Allocation.objects.create(
        document=document,
        payment_id=source.payment_id,
        credit_note_id=source.credit_note_id,
        currency=document.currency,
        amount_minor=amount_minor,
        allocated_at=now,
    )
    record_entry(
        customer_number=customer.number,
        currency=document.currency,
        amounts={Account.BALANCE: amount_minor, Account.RECEIVABLE: -amount_minor},
        reason=source_words(payment_id=source.payment_id, credit_note_id=source.credit_note_id),
        description=f"{'Settled' if amount_minor > 0 else 'Opened again'} {document.number}",
        reference=document.number,
        idempotency_key=f"allocation:{allocation.pk}",
        occurred_on=local_day(now, customer.time_zone),
        recorded_at=now,
        recorded_by=actor,
    )


def source_words(*, payment_id: int | None, credit_note_id: int | None) -> str:
    """Where the money of an allocation comes from, as its ledger entry tells it: by row, whatever it is called."""
    return f"From credit note {credit_note_id}" if credit_note_id is not None else f"From payment {payment_id}"
