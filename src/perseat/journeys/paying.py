"""Paying: money that came through a gateway or the bank, and what it settles."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import NotAllowed, require_staff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.invoicing.queries import document_of_order, follow_reissues
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.actions import (
    BANK_TRANSFER,
    receive_payment,
    record_transfers_in_turn,
    reverse_payment,
)
from perseat.capabilities.payments.models import GatewayNotice, Payment
from perseat.capabilities.payments.queries import get_open_minor
from perseat.capabilities.payments.repayments import is_sent_back
from perseat.domain.calendar import local_day
from perseat.domain.events import PaymentSucceeded
from perseat.domain.fulfillment import OrderState, PaymentState
from perseat.domain.quote import EditionUnknown
from perseat.journeys.catching_up import catch_up
from perseat.journeys.issuing import lock_customer
from perseat.journeys.order_start import SeatsHaveMoved, start_locked_order
from perseat.journeys.parking import ServiceIsParked
from perseat.journeys.reactions import react
from perseat.journeys.seat_change import MovingPerson, NothingWouldChange, SeatsOutOfRange, make_quote
from perseat.journeys.withdrawal import cancel_locked_order
from perseat.ports.outside import Outside
from perseat.ports.payment_gateway import GatewayOutcome, PaymentGateway, PaymentNotice


class OrderCannotBePaid(Exception):
    """The order does not await payment (paid already, cancelled, lapsed)."""

    def __init__(self, *, order_id: int) -> None:
        super().__init__("This order does not await payment any more.")
        self.order_id = order_id


class GatewayUnknown(LookupError):
    """No payment gateway of that name is set up."""


class DocumentUnknown(LookupError):
    """No document has this number or payment reference."""

    def __init__(self, *, document_number: str) -> None:
        super().__init__(f"There is no document {document_number}.")
        self.document_number = document_number


class AmountNotPositive(ValueError):
    """Money received is an amount above zero."""

    def __init__(self) -> None:
        super().__init__("The amount received must be above zero.")


class ReceivedInFuture(ValueError):
    """Money was received on a day that has come."""

    def __init__(self) -> None:
        super().__init__("This day has not come yet.")


class ReceiptAlreadyRecorded(Exception):
    """The bank statement's reference is recorded already."""

    def __init__(self, *, payment_id: int, bank_reference: str) -> None:
        super().__init__(f"The receipt {bank_reference} is recorded already.")
        self.payment_id = payment_id


class CannotBeReversed(Exception):
    """Only money that was received can be taken back, once."""

    def __init__(self, *, payment_id: int) -> None:
        super().__init__("This payment was not received, or is reversed already.")
        self.payment_id = payment_id


class MoneyWasReturned(CannotBeReversed):
    """Some of the money went back to the customer; to take all of it back would return it twice."""

    def __init__(self, *, payment_id: int) -> None:
        super().__init__(payment_id=payment_id)
        self.args = ("Some of this money was returned to the customer already, so it cannot be reversed as a whole.",)


def start_gateway_payment(
    outside: Outside, *, customer_id: int, order_id: int, gateway: str, return_address: str, now: datetime
) -> str:
    """The address of the gateway's page where the order is paid. Safe to repeat: one attempt is one payment.

    :raises DoesNotBelong: when the order is not the customer's.
    :raises OrderCannotBePaid: when it does not await payment (any more).
    :raises GatewayUnknown: when no gateway of that name is set up.
    :raises Refused, Unanswered: (ports.failures) when the gateway does not start it; nothing is lost, try again.
    """
    asked = _gateway(outside, gateway)
    catch_up(customer_id, now=now)
    payment = _record_attempt(customer_id, order_id=order_id, gateway=gateway, now=now)
    page = asked.start_payment(
        str(payment.public_id),
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        description=payment.document.number if payment.document else "",
        return_address=return_address,
    )
    _keep_reference(payment, reference=page.gateway_reference, now=now)
    return page.address


def take_notice(outside: Outside, *, gateway: str, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    """Record a gateway's signed notice; repeated or late ones change nothing. What does not fit is kept for the staff.

    :raises ForgedNotice: (ports.payment_gateway) when the signature is wrong: answer 400.
    :raises GatewayUnknown: answer 404.
    """
    notice = _gateway(outside, gateway).read_notice(body, headers=headers, now_epoch_seconds=int(now.timestamp()))
    payment = Payment.objects.filter(method=gateway, gateway_reference=notice.gateway_reference).first()
    with transaction.atomic():
        customer = lock_customer(payment.customer_id) if payment else None
        _, is_new = GatewayNotice.objects.get_or_create(
            gateway=gateway,
            notice_id=notice.notice_id,
            defaults={"received_at": now, "body": _plain(notice), "problem": _problem(notice, payment)},
        )
        if is_new and payment is not None and customer is not None and not _problem(notice, payment):
            _take_outcome(payment.pk, outcome=notice.outcome, customer=customer, now=now, actor=gateway)
    if payment is not None:
        _offer_again(payment.pk, now=now)


def check_payment(outside: Outside, payment_id: int, *, now: datetime) -> None:
    """Ask the gateway what became of a started payment, when no notice came."""
    payment = Payment.objects.get(pk=payment_id)
    if payment.state != PaymentState.STARTED or not payment.gateway_reference:
        return
    outcome = _gateway(outside, payment.method).get_outcome(payment.gateway_reference)
    with transaction.atomic():
        customer = lock_customer(payment.customer_id)
        _take_outcome(payment.pk, outcome=outcome, customer=customer, now=now, actor=payment.method)
    _offer_again(payment.pk, now=now)


def list_payments_to_check(*, started_before: datetime) -> tuple[int, ...]:
    """Started gateway payments of which nothing was heard; the worker asks about each with check_payment."""
    waiting = Payment.objects.filter(state=PaymentState.STARTED, started_at__lt=started_before)
    return tuple(waiting.exclude(gateway_reference="").order_by("pk").values_list("pk", flat=True)[:500])


def record_bank_receipt(
    *, document_number: str, amount_minor: int, received_on: date, bank_reference: str, staff_id: int, now: datetime
) -> int:
    """Record money on the bank statement; returns the payment's id. What exceeds the document becomes balance.

    `document_number`: the document's number or its payment reference. `bank_reference`: the statement's own.

    :raises NotStaff, NotAllowed: (accounts.queries) for everybody who may not work in the back office.
    :raises DocumentUnknown, AmountNotPositive, ReceivedInFuture:
    :raises ReceiptAlreadyRecorded: when the statement's reference was recorded before.
    """
    actor = require_staff(staff_id, act="record receipts").email
    if amount_minor <= 0:
        raise AmountNotPositive
    if received_on > local_day(now, settings.PERSEAT.time_zone):
        raise ReceivedInFuture
    document = _find_document(document_number)
    catch_up(document.customer_id, now=now)
    with transaction.atomic():
        customer = lock_customer(document.customer_id)
        record_transfers_in_turn()
        _check_reference(bank_reference)
        payment = Payment.objects.create(
            customer=customer,
            document=document,
            method=BANK_TRANSFER,
            bank_reference=bank_reference,
            state=PaymentState.STARTED,
            currency=document.currency,
            amount_minor=amount_minor,
            started_at=now,
            recorded_by=actor,
        )
        _receive(payment, received_on=received_on, customer=customer, now=now, actor=actor)
        record_audit(
            "recorded receipt",
            actor=actor,
            object_label=document.number,
            at=now,
            customer_number=customer.number,
            details={"amount_minor": amount_minor, "currency": document.currency, "bank_reference": bank_reference},
        )
    _offer_again(payment.pk, now=now)
    return payment.pk


def reverse_receipt(*, payment_id: int, reason: str, staff_id: int, now: datetime) -> None:
    """Take back a receipt that was wrong or bounced; what it settled is open again. Seats already ordered stay.

    :raises NotStaff, NotAllowed: (accounts.queries) for everybody who may not work in the back office.
    :raises MoneyWasReturned: when some of it was sent back to the customer already.
    :raises CannotBeReversed: when it was not received, or is reversed already.
    """
    actor = require_staff(staff_id, act="reverse receipts").email
    customer_id = Payment.objects.values_list("customer_id", flat=True).get(pk=payment_id)
    with transaction.atomic():
        customer = lock_customer(customer_id)
        payment = Payment.objects.select_related("customer").get(pk=payment_id)
        if payment.state != PaymentState.SUCCEEDED:
            raise CannotBeReversed(payment_id=payment_id)
        if is_sent_back(payment):
            raise MoneyWasReturned(payment_id=payment_id)
        reverse_payment(payment, reason=reason, now=now, actor=actor)
        record_audit(
            "reversed receipt",
            actor=actor,
            object_label=payment.bank_reference or payment.gateway_reference,
            at=now,
            customer_number=customer.number,
            details={"reason": reason, "amount_minor": payment.amount_minor},
        )


def _gateway(outside: Outside, name: str) -> PaymentGateway:
    try:
        return outside.gateways[name]
    except KeyError:
        raise GatewayUnknown(name) from None


@transaction.atomic
def _record_attempt(customer_id: int, *, order_id: int, gateway: str, now: datetime) -> Payment:
    """The intention, recorded before the gateway is asked; an unfinished attempt at the same amount is used again."""
    customer = lock_customer(customer_id)
    order = Order.objects.filter(pk=order_id, customer=customer).first()
    if order is None:
        raise DoesNotBelong(order_id)
    document = document_of_order(order)
    open_minor = get_open_minor(document) if document else 0
    if order.state != OrderState.AWAITING_PAYMENT or document is None or not open_minor:
        raise OrderCannotBePaid(order_id=order_id)
    attempts = Payment.objects.select_related("document").filter(
        document=document, method=gateway, state=PaymentState.STARTED, amount_minor=open_minor
    )
    return attempts.order_by("-pk").first() or Payment.objects.create(
        customer=customer,
        document=document,
        method=gateway,
        state=PaymentState.STARTED,
        currency=document.currency,
        amount_minor=open_minor,
        started_at=now,
    )


def _keep_reference(payment: Payment, *, reference: str, now: datetime) -> None:
    """Remember what the gateway calls the payment, and take the notices that came before we knew."""
    with transaction.atomic():
        customer = lock_customer(payment.customer_id)
        Payment.objects.filter(pk=payment.pk, gateway_reference="").update(gateway_reference=reference)
        early = GatewayNotice.objects.filter(
            gateway=payment.method,
            body__gateway_reference=reference,
            body__amount_minor=payment.amount_minor,
            body__currency=payment.currency,
        ).exclude(problem="")
        for notice in early.order_by("pk"):
            outcome = GatewayOutcome(notice.body["outcome"])
            _take_outcome(payment.pk, outcome=outcome, customer=customer, now=now, actor=payment.method)


def _problem(notice: PaymentNotice, payment: Payment | None) -> str:
    if payment is None:
        return "No payment of ours has this reference."
    if notice.amount_minor != payment.amount_minor or notice.currency != payment.currency:
        return "The amount or the currency differs from what was asked for."
    return ""


def _plain(notice: PaymentNotice) -> dict[str, Any]:
    return {
        "gateway_reference": notice.gateway_reference,
        "outcome": notice.outcome.value,
        "amount_minor": notice.amount_minor,
        "currency": notice.currency,
    }


def _take_outcome(payment_id: int, *, outcome: GatewayOutcome, customer: Customer, now: datetime, actor: str) -> None:
    """What the gateway says last counts, but received money stays received whatever is said afterwards."""
    payment = Payment.objects.select_related("customer", "document").get(pk=payment_id)
    if payment.state not in (PaymentState.STARTED, PaymentState.DECLINED):
        return
    match outcome:
        case GatewayOutcome.OPEN:
            return
        case GatewayOutcome.DECLINED:
            payment.state = PaymentState.DECLINED
            payment.save(update_fields=["state"])
        case GatewayOutcome.SUCCEEDED:
            received_on = local_day(now, customer.time_zone)
            _receive(payment, received_on=received_on, customer=customer, now=now, actor=actor)


def _receive(payment: Payment, *, received_on: date, customer: Customer, now: datetime, actor: str) -> None:
    """Enter the money, settle the document, and start its order when nothing is left to pay.

    Money for a document that was issued again meanwhile settles the new one.
    """
    payment.document = payment.document and follow_reissues(payment.document)
    receive_payment(payment, received_on=received_on, now=now, actor=actor)
    document = payment.document
    react(PaymentSucceeded(payment_id=payment.pk, order_id=document.order_id if document else None))
    if document is None or document.order_id is None or get_open_minor(document):
        return
    order = Order.objects.filter(pk=document.order_id, state=OrderState.AWAITING_PAYMENT).first()
    if order is not None:
        _start_or_cancel(order, customer=customer, now=now, actor=actor)


def _start_or_cancel(order: Order, *, customer: Customer, now: datetime, actor: str) -> None:
    """An order that came too late for its day or its seats is cancelled: what was paid becomes balance."""
    is_late = order.expires_on is not None and local_day(now, customer.time_zone) > order.expires_on
    try:
        if not is_late:
            with transaction.atomic():
                start_locked_order(order, customer=customer, now=now, actor=actor)
            return
    except SeatsHaveMoved:
        order.refresh_from_db()
    note = "Your payment arrived, but the seats have changed meanwhile. It is kept as your balance."
    cancel_locked_order(order, customer=customer, note=note, actor=actor, now=now)


def _offer_again(payment_id: int, *, now: datetime) -> None:
    """Money that came for a cancelled order is balance; a fresh quote says what the same totals cost with it."""
    payment = Payment.objects.get(pk=payment_id)
    order = Order.objects.filter(documents=payment.document_id, state=OrderState.CANCELLED).first()
    if order is None or payment.state != PaymentState.SUCCEEDED or hasattr(order, "replaced_by"):
        return
    with suppress(NothingWouldChange, SeatsOutOfRange, EditionUnknown, ServiceIsParked, NotAllowed, DoesNotBelong):
        make_quote(
            customer_id=order.customer_id,
            service_id=order.service_id,
            wanted=order.quote.wanted,
            user_id=order.accepted_by_id,
            people=tuple(MovingPerson(**person) for person in order.quote.people),
            now=now,
        )


def _find_document(name: str) -> Document:
    wanted = name.strip().replace(" ", "").upper()
    document = (
        Document.objects.filter(number=wanted).first() or Document.objects.filter(payment_reference=wanted).first()
    )
    if document is None:
        raise DocumentUnknown(document_number=name)
    return follow_reissues(document)


def _check_reference(bank_reference: str) -> None:
    known = (
        Payment.objects.filter(method=BANK_TRANSFER, bank_reference=bank_reference)
        .exclude(state=PaymentState.REVERSED)
        .first()
    )
    if bank_reference and known is not None:
        raise ReceiptAlreadyRecorded(payment_id=known.pk, bank_reference=bank_reference)
