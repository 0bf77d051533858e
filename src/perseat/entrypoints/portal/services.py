"""Active Services: what the customer has, one row a service."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.subscriptions.queries import list_services
from perseat.domain.rights import may_buy
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.entrypoints.portal.labels import service_rows
from perseat.entrypoints.portal.pages import page_number

_PAGE_SIZE = 100  # of list_services


@member_page
def services(request: MemberRequest) -> HttpResponse:
    """List the services."""
    number = page_number(request)
    rows = service_rows(list_services(request.member.customer_id, page=number))
    context = {
        "services": rows,
        "today": day_of(request.member, now=present_moment()),
        "may_buy": may_buy(request.member.role),
        "page": number,
        "has_previous": number > 1,
        "has_next": len(rows) == _PAGE_SIZE,
    }
    return render(request, "services.html", context)
