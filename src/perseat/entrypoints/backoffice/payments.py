"""Payments of all customers, and what the gateways said that fits nothing."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.payments.queries import list_payments_for_staff, list_unmatched_notices
from perseat.domain.fulfillment import PaymentState
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.filters import page_in, search_in, state_in
from perseat.entrypoints.backoffice.labels import PAYMENT_METHODS, PAYMENT_STATES

_PAGE = 50


@staff_page
def payments(request: StaffRequest) -> HttpResponse:
    """List payments, the newest first."""
    state, page = state_in(request, states=PaymentState), page_in(request)
    rows = list_payments_for_staff(search=search_in(request), state=state, page=page)
    context = {
        "rows": [(each, PAYMENT_METHODS.get(each.method, each.method), *PAYMENT_STATES[each.state]) for each in rows],
        "notices": list_unmatched_notices() if page == 1 else (),
        "search": search_in(request),
        "chosen": state or "",
        "choices": [(each.value, PAYMENT_STATES[each][0]) for each in PaymentState],
        "number": page,
        "has_previous": page > 1,
        "has_next": len(rows) == _PAGE,
    }
    return render(request, "office/payments.html", context)
