"""Invoice: one issued document, with what settled it, its PDF and its electronic invoice."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from perseat import wiring
from perseat.capabilities.customers.queries import get_customer_facts
from perseat.capabilities.invoicing.queries import get_document
from perseat.capabilities.questions.queries import list_questions
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import today
from perseat.entrypoints.backoffice.labels import QUESTION_STATES
from perseat.journeys.cost_estimates import estimate_costs
from perseat.journeys.electronic_invoicing import why_not_electronic, write_electronic_invoice
from perseat.journeys.printing import print_document
from perseat.ports.electronic_invoice import InvoiceNotExpressible


@staff_page
def invoice(request: StaffRequest, number: str) -> HttpResponse:
    """Show the document."""
    document = get_document(None, number, today=today())
    questions = list_questions(document.customer_id, document_number=number)
    context = {
        "document": document,
        "why_no_xml": why_not_electronic(document),
        "customer": get_customer_facts(document.customer_id),
        "costs": estimate_costs(number),
        "questions": [(each, *QUESTION_STATES[each.state]) for each in questions],
    }
    return render(request, "office/invoice.html", context)


@staff_page
def invoice_pdf(_request: StaffRequest, number: str) -> HttpResponse:
    """The PDF that the customer gets."""
    content = print_document(wiring.get_outside(), customer_id=None, number=number, today=today())
    return _download(content, name=f"{number}.pdf", content_type="application/pdf")


@staff_page
def invoice_xml(_request: StaffRequest, number: str) -> HttpResponse:
    """The electronic invoice that is in the PDF."""
    try:
        file = write_electronic_invoice(wiring.get_outside(), customer_id=None, number=number, today=today())
    except InvoiceNotExpressible as reason:
        raise Http404(str(reason)) from None
    return _download(file.content, name=f"{number}.xml", content_type="application/xml")


def _download(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
