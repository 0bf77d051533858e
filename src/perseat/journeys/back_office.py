"""Back office: what the staff needs to find before it acts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, Sum

from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.models import Allocation, Payment
from perseat.capabilities.questions.models import Question
from perseat.domain.fulfillment import OrderState, PaymentState
from perseat.domain.parties import QuestionState


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableDocument:
    """A document that money may come for; amounts in minor units."""

    number: str
    customer_id: int
    customer_name: str
    currency: str
    total_minor: int
    open_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFacts:
    """A payment that somebody may reverse; the amount in minor units."""

    payment_id: int
    customer_id: int
    customer_name: str
    document_number: str
    method: str
    state: PaymentState
    currency: str
    amount_minor: int
    reference: str
    recorded_by: str
    reversal_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much waits for a person, by kind."""

    orders: int
    questions: int


def find_payable_document(name: str) -> PayableDocument:
    """A document by its number or payment reference, whatever their case; DoesNotBelong when there is none."""
    typed = name.strip().upper()
    document = (
        Document.objects.select_related("customer")
        .filter(Q(number=typed) | Q(payment_reference=typed))
        .order_by("pk")
        .first()
    )
    if document is None:
        raise DoesNotBelong(name)
    settled = Allocation.objects.filter(document=document).aggregate(total=Sum("amount_minor"))["total"] or 0
    return PayableDocument(
        number=document.number,
        customer_id=document.customer_id,
        customer_name=document.customer.legal_name,
        currency=document.currency,
        total_minor=document.total_minor,
        open_minor=max(document.total_minor, 0) - settled,
    )


def get_payment(payment_id: int) -> PaymentFacts:
    """One payment; DoesNotBelong when there is none."""
    payment = Payment.objects.select_related("customer", "document").filter(pk=payment_id).first()
    if payment is None:
        raise DoesNotBelong(payment_id)
    return PaymentFacts(
        payment_id=payment.pk,
        customer_id=payment.customer_id,
        customer_name=payment.customer.legal_name,
        document_number=payment.document.number if payment.document else "",
        method=payment.method,
        state=PaymentState(payment.state),
        currency=payment.currency,
        amount_minor=payment.amount_minor,
        reference=payment.bank_reference or payment.gateway_reference,
        recorded_by=payment.recorded_by,
        reversal_reason=payment.reversal_reason,
    )


def get_customer_of_order(order_id: int) -> int:
    """The id of the customer whose order it is; DoesNotBelong when there is no such order."""
    customer_id = Order.objects.filter(pk=order_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise DoesNotBelong(order_id)
    return customer_id


def count_waiting() -> Waiting:
    """How many orders need attention, and how many questions wait for an answer."""
    return Waiting(
        orders=Order.objects.filter(state=OrderState.NEEDS_ATTENTION).count(),
        questions=Question.objects.filter(state=QuestionState.OPEN).count(),
    )
