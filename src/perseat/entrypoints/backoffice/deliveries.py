"""Deliveries: what Microsoft is asked to do, and where it stands."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.provisioning.queries import list_deliveries_for_staff
from perseat.domain.fulfillment import DeliveryState
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.filters import page_in, search_in, state_in
from perseat.entrypoints.backoffice.labels import DELIVERY_ACTS, DELIVERY_STATES

_PAGE = 50


@staff_page
def deliveries(request: StaffRequest) -> HttpResponse:
    """List deliveries, the newest first."""
    state, page = state_in(request, states=DeliveryState), page_in(request)
    rows = list_deliveries_for_staff(states=(state,) if state else (), search=search_in(request), page=page)
    context = {
        "rows": [(each, DELIVERY_ACTS[each.act], *DELIVERY_STATES[each.state]) for each in rows],
        "search": search_in(request),
        "chosen": state or "",
        "choices": [(each.value, DELIVERY_STATES[each][0]) for each in DeliveryState],
        "number": page,
        "has_previous": page > 1,
        "has_next": len(rows) == _PAGE,
    }
    return render(request, "office/deliveries.html", context)
