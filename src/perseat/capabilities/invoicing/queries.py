"""Reads of issued documents. Amounts in minor units with the document's sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest

from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.explaining import Explanation, explain_line, explain_sum, explain_tax
from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.invoicing.wording import LineFacts, line_arithmetic
from perseat.capabilities.ordering.credit_basis import basis_in
from perseat.capabilities.ordering.models import Order
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import DocumentKind, LineKind, LineReason

PAGE_SIZE = 50

_SETTLED = Coalesce(Sum("allocations__amount_minor"), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLineView:
    """A line as issued. `last_day` is included. `credits_number`: the document whose line it credits or restores."""

    number: int
    kind: LineKind
    reason: LineReason
    edition: str
    edition_name: str
    partner_name: str
    text: str
    arithmetic: str
    seats: int
    start: date
    end: date
    last_day: date
    days: int
    period_days: int
    unit_price: Decimal
    amount_minor: int
    tax_minor: int
    tax_category: str
    tax_rate: Decimal
    credits_number: str
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTaxView:
    """Tax of one (category, rate)."""

    label: str
    category: str
    rate: Decimal
    net_minor: int
    tax_minor: int
    explanation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationView:
    """What settled a document: a payment or a credit note. Negative when taken back. `source`: words to show."""

    source: str
    credit_note_number: str
    amount_minor: int
    allocated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """An issued document. paid + credited + open = total (for a total above zero).

    `total_arithmetic`, `open_arithmetic`: how the two come about, as formulas.
    """

    number: str
    kind: DocumentKind
    customer_id: int
    customer_number: str
    service_id: int | None
    order_id: int | None
    issued_on: date
    issued_at: datetime
    due_on: date
    currency: str
    net_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int
    credited_minor: int
    open_minor: int
    is_overdue: bool
    is_cancelled: bool
    prices_include_tax: bool
    seller: dict[str, str]
    buyer: dict[str, str]
    payment_reference: str
    reason: str
    language: str
    corrects_number: str
    corrected_by: tuple[str, ...]
    lines: tuple[DocumentLineView, ...]
    taxes: tuple[DocumentTaxView, ...]
    allocations: tuple[AllocationView, ...]
    total_arithmetic: str = ""
    open_arithmetic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document in a list."""

    number: str
    kind: DocumentKind
    customer_id: int
    customer_number: str
    customer_name: str
    issued_on: date
    due_on: date
    currency: str
    total_minor: int
    open_minor: int
    is_overdue: bool
    is_cancelled: bool
    order_id: int | None


def get_document(customer_id: int | None, number: str, *, today: date) -> DocumentView:
    """One document; `customer_id` None for staff. :raises DoesNotBelong: when it is not the customer's."""
    documents = Document.objects.select_related("customer", "corrects", "order").filter(number=number)
    if customer_id is not None:
        documents = documents.filter(customer_id=customer_id)
    document = documents.first()
    if document is None:
        raise DoesNotBelong(number)
    allocations = _allocations(document)
    paid = sum(each.amount_minor for each in allocations if not each.credit_note_number)
    credited = sum(each.amount_minor for each in allocations if each.credit_note_number)
    open_minor = max(document.total_minor, 0) - paid - credited
    return DocumentView(
        number=document.number,
        kind=DocumentKind(document.kind),
        customer_id=document.customer_id,
        customer_number=document.customer.number,
        service_id=document.service_id,
        order_id=document.order_id,
        issued_on=document.issued_on,
        issued_at=document.issued_at,
        due_on=document.due_on,
        currency=document.currency,
        net_minor=document.net_minor,
        tax_minor=document.tax_minor,
        total_minor=document.total_minor,
        paid_minor=paid,
        credited_minor=credited,
        open_minor=open_minor,
        is_overdue=open_minor > 0 and today > document.due_on,
        is_cancelled=is_cancelled(document),
        prices_include_tax=document.prices_include_tax,
        seller=document.seller,
        buyer=document.buyer,
        payment_reference=document.payment_reference,
        reason=document.reason,
        language=document.language,
        corrects_number=document.corrects.number if document.corrects else "",
        corrected_by=tuple(document.corrected_by.order_by("pk").values_list("number", flat=True)),
        lines=_lines(document),
        taxes=tuple(
            DocumentTaxView(
                label=tax.label,
                category=tax.category,
                rate=tax.rate,
                net_minor=tax.net_minor,
                tax_minor=tax.tax_minor,
                explanation=explain_tax(
                    net_minor=tax.net_minor,
                    tax_minor=tax.tax_minor,
                    rate=tax.rate,
                    is_included=document.prices_include_tax,
                    currency=document.currency,
                    language=document.language,
                ),
            )
            for tax in document.taxes.order_by("pk")
        ),
        allocations=allocations,
        total_arithmetic=_sum(document, document.net_minor, document.tax_minor),
        open_arithmetic=_sum(document, max(document.total_minor, 0), *(-each.amount_minor for each in allocations)),
    )


def list_documents(
    customer_id: int, *, today: date, service_id: int | None = None, page: int = 1
) -> tuple[DocumentRow, ...]:
    """The customer's documents, newest first, 50 a page; of one service when it is given."""
    condition = Q(customer_id=customer_id)
    if service_id is not None:
        condition &= Q(service_id=service_id) | Q(lines__subscription__service_id=service_id)
    return _rows(with_open_amounts(Document.objects.filter(pk__in=_keys(condition))), today=today, page=page)


def list_documents_for_staff(
    *, today: date, search: str = "", kind: DocumentKind | None = None, page: int = 1
) -> tuple[DocumentRow, ...]:
    """All documents, newest first, 50 a page. `search`: the beginning of a number or of a customer's name."""
    documents = Document.objects.all()
    if kind is not None:
        documents = documents.filter(kind=kind)
    if search:
        documents = documents.filter(
            Q(number__istartswith=search)
            | Q(payment_reference__istartswith=search)
            | Q(customer__legal_name__istartswith=search)
            | Q(customer__number__istartswith=search)
        )
    return _rows(with_open_amounts(documents), today=today, page=page)


def list_overdue_documents(*, today: date, page: int = 1) -> tuple[DocumentRow, ...]:
    """Documents that are due and not paid, newest first, 50 a page."""
    due = Document.objects.filter(due_on__lt=today, total_minor__gt=0)
    overdue = due.annotate(open_minor=F("total_minor") - _SETTLED).filter(open_minor__gt=0)
    return _rows(overdue, today=today, page=page)


def with_open_amounts(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Each document with `open_minor`: its total less what settled it, 0 for one that gives back."""
    return documents.annotate(open_minor=Greatest(F("total_minor"), 0) - _SETTLED)


def follow_reissues(document: Document) -> Document:
    """The document that stands for it now: the last one that it was issued again as, itself when it never was."""
    while (again := Document.objects.filter(reissues=document).first()) is not None:
        document = again
    return document


def document_of_order(order: Order) -> Document | None:
    """What is paid for the order: its own document, or what that was issued again as."""
    first = Document.objects.filter(order=order).order_by("pk").first()
    return first and follow_reissues(first)


def list_standing_lines(document: Document) -> list[DocumentLine]:
    """Its lines that were not taken back one by one, in their order; those that only take others back left out."""
    lines = document.lines.select_related("edition", "partner", "original_line").order_by("number")
    return [line for line in lines if not takes_back(line) and not is_taken_back(line)]


def takes_back(line: DocumentLine) -> bool:
    """Whether the line is the exact opposite of another one, which it names."""
    return line.original_line is not None and line.original_line.kind != line.kind


def is_taken_back(line: DocumentLine) -> bool:
    """Whether another line is the exact opposite of this one."""
    return line.copies.exclude(kind=line.kind).exists()


def is_cancelled(document: Document) -> bool:
    """Whether the document's order was withdrawn, replaced or lapsed: it was never paid, but credited in full."""
    return document.order is not None and document.order.state == OrderState.CANCELLED


def open_minor_of(document: Document) -> int:
    """The `open_minor` of a document that was read by with_open_amounts."""
    return int(vars(document)["open_minor"])


def _sum(document: Document, *parts_minor: int) -> str:
    return explain_sum(*parts_minor, currency=document.currency, language=document.language)


def _keys(condition: Q) -> QuerySet[Document, int]:
    return Document.objects.filter(condition).values_list("pk", flat=True)


def _rows(documents: QuerySet[Document], *, today: date, page: int) -> tuple[DocumentRow, ...]:
    found = documents.select_related("customer", "order").order_by("-pk")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return tuple(_row(document, open_minor=open_minor_of(document), today=today) for document in found)


def _row(document: Document, *, open_minor: int, today: date) -> DocumentRow:
    return DocumentRow(
        number=document.number,
        kind=DocumentKind(document.kind),
        customer_id=document.customer_id,
        customer_number=document.customer.number,
        customer_name=document.customer.legal_name,
        issued_on=document.issued_on,
        due_on=document.due_on,
        currency=document.currency,
        total_minor=document.total_minor,
        open_minor=open_minor,
        is_overdue=open_minor > 0 and today > document.due_on,
        is_cancelled=is_cancelled(document),
        order_id=document.order_id,
    )


def _allocations(document: Document) -> tuple[AllocationView, ...]:
    rows = document.allocations.select_related("payment", "credit_note").order_by("pk")
    return tuple(
        AllocationView(
            source=row.credit_note.number
            if row.credit_note
            else _payment_words(row.payment.method if row.payment else ""),
            credit_note_number=row.credit_note.number if row.credit_note else "",
            amount_minor=row.amount_minor,
            allocated_at=row.allocated_at,
        )
        for row in rows
    )


def _payment_words(method: str) -> str:
    return "Bank transfer" if method == "bank_transfer" else "Card payment"


def _lines(document: Document) -> tuple[DocumentLineView, ...]:
    rows = document.lines.select_related("edition", "partner", "credits_line__document").order_by("number")
    return tuple(_line(row, document=document) for row in rows)


def _line(row: DocumentLine, *, document: Document) -> DocumentLineView:
    facts = LineFacts(
        kind=LineKind(row.kind),
        reason=LineReason(row.reason),
        edition_name=row.edition.name if row.edition else row.text,
        partner_name=row.partner.name if row.partner else "",
        seats=row.seats,
        start=row.start,
        end=row.end,
        days=row.days,
        period_days=row.period_days,
        unit_price=row.unit_price,
        amount_minor=row.amount_minor,
        currency=document.currency,
        basis=basis_in(row),
        credits_number=row.credits_line.document.number if row.credits_line else "",
    )
    return DocumentLineView(
        number=row.number,
        kind=facts.kind,
        reason=facts.reason,
        edition=row.edition.code if row.edition else "",
        edition_name=facts.edition_name,
        partner_name=facts.partner_name,
        text=row.text,
        arithmetic=line_arithmetic(facts, language=document.language),
        seats=row.seats,
        start=row.start,
        end=row.end,
        last_day=row.end - timedelta(days=1),
        days=row.days,
        period_days=row.period_days,
        unit_price=row.unit_price,
        amount_minor=row.amount_minor,
        tax_minor=row.tax_minor,
        tax_category=row.tax_category,
        tax_rate=row.tax_rate,
        credits_number=facts.credits_number,
        explanation=explain_line(facts, language=document.language),
    )
