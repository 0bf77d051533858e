"""Invoices: all documents of the customer, newest first."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.invoicing.queries import list_documents
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.entrypoints.portal.labels import document_rows
from perseat.entrypoints.portal.pages import page_number

_PAGE_SIZE = 50  # of list_documents


@member_page
def invoices(request: MemberRequest) -> HttpResponse:
    """List the documents."""
    number = page_number(request)
    today = day_of(request.member, now=present_moment())
    rows = document_rows(list_documents(request.member.customer_id, today=today, page=number))
    context = {
        "documents": rows,
        "today": today,
        "page": number,
        "has_previous": number > 1,
        "has_next": len(rows) == _PAGE_SIZE,
    }
    return render(request, "invoices.html", context)
