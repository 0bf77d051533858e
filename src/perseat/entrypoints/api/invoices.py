"""Invoices and credit notes as issued, what settled them, and their PDF."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from ninja import Router

from perseat import wiring
from perseat.capabilities.invoicing.queries import PAGE_SIZE, DocumentRow, DocumentView, get_document, list_documents
from perseat.domain.quote import DocumentKind
from perseat.entrypoints.api.answers import answers
from perseat.entrypoints.api.gate import ApiRequest, today_of
from perseat.entrypoints.api.lines import Line, Tax, line_shapes, tax_shapes
from perseat.entrypoints.api.shapes import Listed, Money, PageNumber, Shape, listed, money, reply
from perseat.journeys.printing import print_document

router = Router(tags=["Invoices"])

_PDF = {"responses": {200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}}


class InvoiceInList(Shape):
    """A document in the list."""

    number: str
    kind: DocumentKind
    issued_on: date
    due_on: date
    total: Money
    open: Money
    is_overdue: bool
    is_cancelled: bool
    order_id: int | None


class Settlement(Shape):
    """What settled a document: a payment or a credit note; negative when taken back."""

    source: str
    credit_note_number: str
    amount: Money
    at: datetime


class Invoice(Shape):
    """An issued document. `paid` + `credited` + `open` = `total`, for a total above zero."""

    number: str
    kind: DocumentKind
    service_id: int | None
    order_id: int | None
    issued_on: date
    due_on: date
    seller: dict[str, str]
    buyer: dict[str, str]
    lines: list[Line]
    taxes: list[Tax]
    net: Money
    tax: Money
    total: Money
    paid: Money
    credited: Money
    open: Money
    settlements: list[Settlement]
    payment_reference: str
    reason: str
    corrects_number: str
    corrected_by: list[str]
    is_overdue: bool
    is_cancelled: bool
    prices_include_tax: bool


@router.get("/invoices", response=answers(Listed[InvoiceInList]), operation_id="list_invoices")
def invoices(request: ApiRequest, page: PageNumber = 1) -> HttpResponse:
    """All documents of the customer, the newest first."""
    rows = list_documents(request.auth.member.customer_id, today=today_of(request), page=page)
    return reply(listed([_row(each) for each in rows], page=page, page_size=PAGE_SIZE))


@router.get("/invoices/{number}", response=answers(Invoice), operation_id="get_invoice")
def invoice(request: ApiRequest, number: str) -> HttpResponse:
    """One document as it was issued."""
    return reply(_invoice(get_document(request.auth.member.customer_id, number, today=today_of(request))))


@router.get("/invoices/{number}/pdf", response=answers(None), operation_id="get_invoice_pdf", openapi_extra=_PDF)
def invoice_pdf(request: ApiRequest, number: str) -> HttpResponse:
    """The document as PDF."""
    content = print_document(
        wiring.get_outside(),
        customer_id=request.auth.member.customer_id,
        number=number,
        today=today_of(request),
    )
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return response


def _row(row: DocumentRow) -> InvoiceInList:
    return InvoiceInList(
        number=row.number,
        kind=row.kind,
        issued_on=row.issued_on,
        due_on=row.due_on,
        total=money(row.total_minor, row.currency),
        open=money(row.open_minor, row.currency),
        is_overdue=row.is_overdue,
        is_cancelled=row.is_cancelled,
        order_id=row.order_id,
    )


def _invoice(view: DocumentView) -> Invoice:
    currency = view.currency
    return Invoice(
        number=view.number,
        kind=view.kind,
        service_id=view.service_id,
        order_id=view.order_id,
        issued_on=view.issued_on,
        due_on=view.due_on,
        seller=view.seller,
        buyer=view.buyer,
        lines=line_shapes(view.lines, currency=currency),
        taxes=tax_shapes(view.taxes, currency=currency),
        net=money(view.net_minor, currency),
        tax=money(view.tax_minor, currency),
        total=money(view.total_minor, currency),
        paid=money(view.paid_minor, currency),
        credited=money(view.credited_minor, currency),
        open=money(view.open_minor, currency),
        settlements=[
            Settlement(
                source=each.source,
                credit_note_number=each.credit_note_number,
                amount=money(each.amount_minor, currency),
                at=each.allocated_at,
            )
            for each in view.allocations
        ],
        payment_reference=view.payment_reference,
        reason=view.reason,
        corrects_number=view.corrects_number,
        corrected_by=list(view.corrected_by),
        is_overdue=view.is_overdue,
        is_cancelled=view.is_cancelled,
        prices_include_tax=view.prices_include_tax,
    )
