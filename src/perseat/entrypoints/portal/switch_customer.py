"""Switch customer: for people who act for several."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from perseat.entrypoints.portal.access import CHOSEN_CUSTOMER, MemberRequest, member_page


@require_POST
@member_page
def switch_customer(request: MemberRequest) -> HttpResponse:
    """Act for another customer from the next page on; a number that is not the person's does not exist."""
    wanted = request.POST.get("customer", "")
    for each in (request.member, *request.other_customers):
        if each.customer_number == wanted:
            request.session[CHOSEN_CUSTOMER] = each.customer_id
            return redirect("/")
    raise Http404
