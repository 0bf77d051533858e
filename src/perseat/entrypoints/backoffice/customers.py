"""Customers: the list, searched by the beginnings of words."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.customers.queries import list_customers_for_staff
from perseat.domain.parties import PaymentTerms
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.filters import before_in, search_in, state_in
from perseat.entrypoints.backoffice.labels import PAYMENT_TERMS

_PAGE = 50


@staff_page
def customers(request: StaffRequest) -> HttpResponse:
    """List customers, the newest first."""
    terms = state_in(request, states=PaymentTerms, name="terms")
    rows = list_customers_for_staff(
        search=search_in(request), payment_terms=terms, before_id=before_in(request), page_size=_PAGE + 1
    )
    shown = rows[:_PAGE]
    context = {
        "rows": [(each, PAYMENT_TERMS[each.facts.payment_terms]) for each in shown],
        "search": search_in(request),
        "chosen": terms or "",
        "choices": [(each.value, PAYMENT_TERMS[each]) for each in PaymentTerms],
        "next_before": shown[-1].facts.customer_id if len(rows) > _PAGE else None,
        "is_first": before_in(request) is None,
    }
    return render(request, "office/customers.html", context)
