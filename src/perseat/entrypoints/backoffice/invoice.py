"""Invoice: one issued document, with what settled it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.customers.queries import get_customer_facts
from perseat.capabilities.invoicing.queries import get_document
from perseat.capabilities.questions.queries import list_questions
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import today
from perseat.entrypoints.backoffice.labels import QUESTION_STATES


@staff_page
def invoice(request: StaffRequest, number: str) -> HttpResponse:
    """Show the document."""
    document = get_document(None, number, today=today())
    questions = list_questions(document.customer_id, document_number=number)
    context = {
        "document": document,
        "customer": get_customer_facts(document.customer_id),
        "questions": [(each, *QUESTION_STATES[each.state]) for each in questions],
    }
    return render(request, "office/invoice.html", context)
