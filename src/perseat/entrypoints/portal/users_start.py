"""Users: straight to the people of the only tenant; with several, a choice."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from perseat.capabilities.subscriptions.queries import list_services
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.labels import service_rows
from perseat.entrypoints.portal.pages import page_number

_PAGE_SIZE = 100  # of list_services


@require_GET
@member_page
def users_start(request: MemberRequest) -> HttpResponse:
    """Lead to the people."""
    number = page_number(request)
    services = list_services(request.member.customer_id, page=number)
    if number == 1 and len(services) == 1:
        return redirect("portal:users", services[0].service_id)
    context = {
        "services": service_rows(services),
        "page": number,
        "has_previous": number > 1,
        "has_next": len(services) == _PAGE_SIZE,
    }
    return render(request, "users_start.html", context)
