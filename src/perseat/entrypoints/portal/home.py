"""Client Area home: what waits for the customer, then what they have."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.invoicing.queries import list_documents
from perseat.capabilities.subscriptions.queries import list_services
from perseat.domain.fulfillment import OrderState
from perseat.domain.rights import may_buy
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.entrypoints.portal.labels import document_rows, service_rows
from perseat.journeys.order_progress import list_orders

_SHOWN = 5


@member_page
def home(request: MemberRequest) -> HttpResponse:
    """Show open orders and unpaid invoices first."""
    member = request.member
    today = day_of(member, now=present_moment())
    documents = document_rows(list_documents(member.customer_id, today=today))
    context = {
        "today": today,
        "may_buy": may_buy(member.role),
        "services": service_rows(list_services(member.customer_id))[:_SHOWN],
        "waiting_orders": [each for each in list_orders(member.customer_id) if each.state in _WAITING][:_SHOWN],
        "unpaid": [row for row in documents if row.is_open][:_SHOWN],
        "documents": documents[:_SHOWN],
    }
    return render(request, "home.html", context)


_WAITING = {
    OrderState.AWAITING_PAYMENT,
    OrderState.PAID,
    OrderState.ORDERING,
    OrderState.AT_MICROSOFT,
    OrderState.NEEDS_ATTENTION,
}
