"""Invoices and credit notes of all customers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.invoicing.queries import list_documents_for_staff
from perseat.domain.quote import DocumentKind
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import today
from perseat.entrypoints.backoffice.filters import page_in, search_in, state_in

_PAGE = 50


@staff_page
def invoices(request: StaffRequest) -> HttpResponse:
    """List documents, the newest first."""
    kind, page = state_in(request, states=DocumentKind, name="kind"), page_in(request)
    rows = list_documents_for_staff(today=today(), search=search_in(request), kind=kind, page=page)
    context = {
        "rows": rows,
        "search": search_in(request),
        "chosen": kind or "",
        "choices": [("invoice", "Invoices"), ("credit_note", "Credit notes")],
        "number": page,
        "has_previous": page > 1,
        "has_next": len(rows) == _PAGE,
    }
    return render(request, "office/invoices.html", context)
