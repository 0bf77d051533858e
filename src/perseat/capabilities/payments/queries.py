"""Reads of payments: what is open, what is held for a customer, and what the staff must look at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.payments.models import Allocation, GatewayNotice, Payment
from perseat.domain.fulfillment import PaymentState


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A payment or a credit note, and what of it is not used yet, in minor units."""

    payment_id: int | None
    credit_note_id: int | None
    left_minor: int
    name: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """A payment in a list; amounts in minor units. `left_minor`: what of it is balance."""

    payment_id: int
    customer_id: int
    customer_number: str
    customer_name: str
    document_number: str
    method: str
    state: PaymentState
    currency: str
    amount_minor: int
    left_minor: int
    started_at: datetime
    received_on: date | None
    reference: str
    recorded_by: str
    reversal_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedNotice:
    """A signed notice of a gateway that fits no payment; a person of the staff has to look at it."""

    notice_row_id: int
    gateway: str
    notice_id: str
    received_at: datetime
    problem: str
    gateway_reference: str
    amount_minor: int
    currency: str


def get_open_minor(document: Document) -> int:
    """What is left to pay of a document: its total less what settled it; 0 for one that gives back."""
    settled = Allocation.objects.filter(document=document).aggregate(total=Sum("amount_minor"))["total"] or 0
    return max(document.total_minor, 0) - int(settled)


def list_sources(customer_id: int, *, currency: str) -> tuple[Source, ...]:
    """Payments and credit notes with something left, oldest first: together they are the customer's balance."""
    return list_sources_of([customer_id]).get((customer_id, currency), ())


def list_sources_of(customer_ids: Collection[int]) -> dict[tuple[int, str], tuple[Source, ...]]:
    """The same of many customers, by customer and currency, with as many queries."""
    payments = (
        Payment.objects.filter(customer_id__in=customer_ids, state=PaymentState.SUCCEEDED)
        .annotate(left_minor=F("amount_minor") - Coalesce(Sum("allocations__amount_minor"), 0))
        .filter(left_minor__gt=0)
    )
    notes = (
        Document.objects.filter(customer_id__in=customer_ids, total_minor__lt=0)
        .annotate(left_minor=-F("total_minor") - Coalesce(Sum("used_for__amount_minor"), 0))
        .filter(left_minor__gt=0)
    )
    found: dict[tuple[int, str], list[Source]] = {}
    for payment in payments:
        source = Source(
            payment_id=payment.pk,
            credit_note_id=None,
            left_minor=payment.left_minor,
            name=payment.bank_reference or payment.gateway_reference,
            since=payment.started_at,
        )
        found.setdefault((payment.customer_id, payment.currency), []).append(source)
    for note in notes:
        source = Source(
            payment_id=None,
            credit_note_id=note.pk,
            left_minor=note.left_minor,
            name=note.number,
            since=note.issued_at,
        )
        found.setdefault((note.customer_id, note.currency), []).append(source)
    return {
        key: tuple(sorted(sources, key=lambda each: (each.since, each.credit_note_id or 0, each.payment_id or 0)))
        for key, sources in found.items()
    }


def get_available_minor(customer_id: int, *, currency: str) -> int:
    """The customer's balance: what sources have not allocated."""
    return sum(source.left_minor for source in list_sources(customer_id, currency=currency))


def get_owed_minor(customer_id: int, *, currency: str) -> int:
    """What is open of all the customer's documents."""
    documents = Document.objects.filter(customer_id=customer_id, currency=currency, total_minor__gt=0)
    billed = documents.aggregate(total=Sum("total_minor"))["total"] or 0
    settled = Allocation.objects.filter(document__in=documents).aggregate(total=Sum("amount_minor"))["total"] or 0
    return int(billed) - int(settled)


def list_paid_documents(payment_ids: Collection[int]) -> Mapping[int, str]:
    """The number of the document that each payment was for; payments for none are left out."""
    rows = Payment.objects.filter(pk__in=payment_ids, document__isnull=False)
    return dict(rows.values_list("pk", "document__number"))


def list_payments(customer_id: int, *, page: int = 1) -> tuple[PaymentRow, ...]:
    """A customer's payments, newest first, 50 a page."""
    return _rows(Q(customer_id=customer_id), page)


def list_payments_for_staff(
    *, search: str = "", state: PaymentState | None = None, page: int = 1
) -> tuple[PaymentRow, ...]:
    """All payments, newest first, 50 a page. `search`: the beginning of a customer's name, number or a reference."""
    condition = Q(state=state) if state else Q()
    if search:
        condition &= (
            Q(customer__legal_name__istartswith=search)
            | Q(customer__number__istartswith=search)
            | Q(document__number__istartswith=search)
            | Q(bank_reference__istartswith=search)
        )
    return _rows(condition, page)


def list_unmatched_notices() -> tuple[UnmatchedNotice, ...]:
    """Notices that fitted no payment and still fit none, newest first; at most 200."""
    fitting = Payment.objects.filter(
        method=OuterRef("gateway"), gateway_reference=OuterRef("told_reference"), amount_minor=OuterRef("told_amount")
    )
    notices = (
        GatewayNotice.objects.exclude(problem="")
        .annotate(
            told_reference=KeyTextTransform("gateway_reference", "body"),
            told_amount=Cast(KeyTextTransform("amount_minor", "body"), BigIntegerField()),
        )
        .exclude(Exists(fitting))
        .order_by("-pk")[:200]
    )
    return tuple(
        UnmatchedNotice(
            notice_row_id=notice.pk,
            gateway=notice.gateway,
            notice_id=notice.notice_id,
            received_at=notice.received_at,
            problem=notice.problem,
            gateway_reference=notice.body["gateway_reference"],
            amount_minor=notice.body["amount_minor"],
            currency=notice.body["currency"],
        )
        for notice in notices
    )


def _rows(condition: Q, page: int) -> tuple[PaymentRow, ...]:
    payments = (
        Payment.objects.filter(condition)
        .select_related("customer", "document")
        .annotate(used_minor=Coalesce(Sum("allocations__amount_minor"), 0))
        .order_by("-pk")[(page - 1) * 50 : page * 50]
    )
    return tuple(
        PaymentRow(
            payment_id=payment.pk,
            customer_id=payment.customer_id,
            customer_number=payment.customer.number,
            customer_name=payment.customer.legal_name,
            document_number=payment.document.number if payment.document else "",
            method=payment.method,
            state=PaymentState(payment.state),
            currency=payment.currency,
            amount_minor=payment.amount_minor,
            left_minor=payment.amount_minor - payment.used_minor if payment.state == PaymentState.SUCCEEDED else 0,
            started_at=payment.started_at,
            received_on=payment.received_on,
            reference=payment.bank_reference or payment.gateway_reference,
            recorded_by=payment.recorded_by,
            reversal_reason=payment.reversal_reason,
        )
        for payment in payments
    )
