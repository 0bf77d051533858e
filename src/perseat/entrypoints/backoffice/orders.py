"""Orders of all customers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.domain.fulfillment import OrderState
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.filters import page_in, search_in, state_in
from perseat.entrypoints.backoffice.labels import ORDER_STATES
from perseat.journeys.order_progress import list_orders_for_staff

_PAGE = 50


@staff_page
def orders(request: StaffRequest) -> HttpResponse:
    """List orders, the newest first."""
    state, page = state_in(request, states=OrderState), page_in(request)
    rows = list_orders_for_staff(state=state, search=search_in(request), page=page)
    context = {
        "rows": [(each, *ORDER_STATES[each.state]) for each in rows],
        "search": search_in(request),
        "chosen": state or "",
        "choices": [(each.value, ORDER_STATES[each][0]) for each in OrderState],
        "number": page,
        "has_previous": page > 1,
        "has_next": len(rows) == _PAGE,
    }
    return render(request, "office/orders.html", context)
