"""Order: one order as the customer sees it, with its deliveries as the staff sees them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.customers.queries import get_customer_facts
from perseat.capabilities.provisioning.queries import list_deliveries_of_order
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.labels import DELIVERY_ACTS, DELIVERY_STATES, ORDER_STATES
from perseat.journeys.back_office import get_customer_of_order
from perseat.journeys.order_progress import get_order


@staff_page
def order(request: StaffRequest, order_id: int) -> HttpResponse:
    """Show the order."""
    customer_id = get_customer_of_order(order_id)
    view = get_order(customer_id=customer_id, order_id=order_id)
    state_label, state_tone = ORDER_STATES[view.state]
    deliveries = list_deliveries_of_order(order_id)
    context = {
        "order": view,
        "customer": get_customer_facts(customer_id),
        "state_label": state_label,
        "state_tone": state_tone,
        "deliveries": [(each, DELIVERY_ACTS[each.act], *DELIVERY_STATES[each.state]) for each in deliveries],
    }
    return render(request, "office/order.html", context)
