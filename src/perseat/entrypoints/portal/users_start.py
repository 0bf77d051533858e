"""Users: straight to the people of the only tenant; with several, a choice."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.subscriptions.queries import list_services
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.labels import service_rows


@member_page
def users_start(request: MemberRequest) -> HttpResponse:
    """Lead to the people."""
    services = list_services(request.member.customer_id)
    if len(services) == 1:
        return redirect("portal:users", services[0].service_id)
    return render(request, "users_start.html", {"services": service_rows(services)})
