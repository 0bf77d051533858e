"""Repaying: money of the balance goes back to the customer, by a bank transfer or the way that a card payment came.

Never more than the balance, and never more than was received and not sent back yet (rule 12). A gateway is asked by a
worker: the intention is recorded, the gateway asked, its answer recorded; a lost answer is read back before asking
again, under the same id, so that nothing is sent twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.payments import repayments
from perseat.capabilities.payments.actions import record_transfers_in_turn
from perseat.capabilities.payments.repayments import CardPayment, RepaymentView, get_repayment
from perseat.domain.events import RepaymentAsked, RepaymentEnded
from perseat.domain.fulfillment import RepaymentState
from perseat.domain.money import from_minor, get_currency
from perseat.journeys.billing_acts import ActRefused
from perseat.journeys.issuing import lock_customer
from perseat.journeys.parking import check_not_parked
from perseat.journeys.reactions import react
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.ports.outside import Outside

log = structlog.get_logger(__name__)

ASK_AGAIN_AFTER = timedelta(minutes=2)


class TooMuchToReturn(ActRefused):
    """More than may go back; the text says how much may."""


class TransferAlreadyRecorded(ActRefused):
    """The transfer's reference was recorded before."""


@transaction.atomic
def return_money(
    customer_id: int, *, amount_minor: int, payment_id: int | None, bank_reference: str, reason: str, staff_id: int,
    now: datetime,
) -> int:  # fmt: skip
    """Send a part of the balance back; returns the repayment's id. Twice within a minute is once.

    `payment_id`: the card payment that it goes back through, by a worker. None: the transfer is made already, and
    `bank_reference` is its reference on the provider's own bank statement.

    :raises NotStaff, NotAllowed: (accounts.queries) for everybody who may not work in the back office.
    :raises DoesNotBelong: when the customer, or a payment of theirs that can be sent back, does not exist.
    :raises ServiceIsParked: while the customer's books are being checked.
    :raises TooMuchToReturn, TransferAlreadyRecorded:
    """
    staff = require_staff(staff_id, act="return money")
    if not Customer.objects.filter(pk=customer_id).exists():
        raise DoesNotBelong(customer_id)
    customer = lock_customer(customer_id)
    check_not_parked(customer)
    if payment_id is None:
        record_transfers_in_turn()
    reason, reference = reason[:300], "" if payment_id is not None else bank_reference.strip()
    same = repayments.find_same_repayment(
        customer, payment_id=payment_id, bank_reference=reference, amount_minor=amount_minor, reason=reason, now=now
    )
    if same is not None:  # a double click
        return same
    payment = _card_payment(customer, payment_id) if payment_id is not None else None
    _check(customer, payment=payment, bank_reference=reference, amount_minor=amount_minor)
    repayment_id = repayments.record_repayment(
        customer, payment=payment, bank_reference=reference, amount_minor=amount_minor, reason=reason,
        actor=staff.email, now=now,
    )  # fmt: skip
    record_audit(
        "returned money",
        actor=staff.email,
        object_label=f"Return {repayment_id}",
        at=now,
        customer_number=customer.number,
        details={
            "amount_minor": amount_minor, "currency": customer.currency, "reason": reason,
            "by": payment.reference if payment else reference,
        },
    )  # fmt: skip
    react(RepaymentAsked(repayment_id=repayment_id) if payment else RepaymentEnded(repayment_id=repayment_id))
    return repayment_id


def send_repayment(outside: Outside, repayment_id: int, *, now: datetime) -> None:
    """Ask the gateway to send it, and record the answer. Safe to run any number of times, also after a crash.

    :raises Unanswered, CredentialsRefused: (ports.failures) when nobody knows; it waits and is asked about again.
    """
    waiting = get_repayment(repayment_id)
    if waiting.state is not RepaymentState.WAITING:
        return
    refusal = _ask(outside, waiting, now=now)
    with transaction.atomic():
        lock_customer(waiting.customer_id)
        if repayments.finish_repayment(repayment_id, refusal=refusal, now=now, actor=waiting.method):
            react(RepaymentEnded(repayment_id=repayment_id))


def send_waiting_repayments(outside: Outside, *, now: datetime) -> None:
    """Every one whose own job gave up: the net under the jobs that were deferred for them."""
    for repayment_id in repayments.list_waiting_repayments(started_before=now - ASK_AGAIN_AFTER):
        try:
            send_repayment(outside, repayment_id, now=now)
        except (Unanswered, CredentialsRefused) as silence:
            log.info("a gateway did not answer", repayment=repayment_id, reason=str(silence))


def _ask(outside: Outside, waiting: RepaymentView, *, now: datetime) -> str:
    """The gateway's refusal, "" when the money is sent."""
    gateway = outside.gateways.get(waiting.method)
    if gateway is None:
        raise CredentialsRefused(f"No payment gateway named {waiting.method} is set up.")
    name, reference = str(waiting.public_id), waiting.payment_reference
    if waiting.asked_at is not None and gateway.is_repaid(name, gateway_reference=reference):
        return ""
    repayments.mark_asked(waiting.repayment_id, now=now)
    try:
        gateway.repay(name, gateway_reference=reference, amount_minor=waiting.amount_minor, currency=waiting.currency)
    except Refused as refusal:
        return refusal.sentence
    return ""


def _card_payment(customer: Customer, payment_id: int) -> CardPayment:
    found = repayments.list_card_payments(customer.pk, currency=customer.currency)
    payment = next((each for each in found if each.payment_id == payment_id), None)
    if payment is None:
        raise DoesNotBelong(payment_id)
    return payment


def _check(customer: Customer, *, payment: CardPayment | None, bank_reference: str, amount_minor: int) -> None:
    most = repayments.get_returnable_minor(customer.pk, currency=customer.currency)
    if payment is not None:
        most = min(most, payment.left_minor)
    if not 0 < amount_minor <= most:
        way = "through this payment " if payment is not None else ""
        amount = from_minor(most, get_currency(customer.currency))
        raise TooMuchToReturn(
            f"At most {amount} {customer.currency} can go back {way}now: no more than the balance, and no more than"
            " was received and not sent back yet."
        )
    if payment is None and not bank_reference:
        raise ActRefused("Name the transfer by its reference on our bank statement.")
    if payment is None and repayments.is_transfer_recorded(bank_reference):
        raise TransferAlreadyRecorded(f"The transfer {bank_reference} is recorded already.")
