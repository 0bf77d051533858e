"""Undo a plan: a quote that keeps what is held, to be confirmed at the checkout like any change."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from perseat.capabilities.accounts.queries import NotAllowed
from perseat.domain.rights import may_buy
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.journeys.parking import ServiceIsParked
from perseat.journeys.product_summary import get_product_summary
from perseat.journeys.seat_change import NothingWouldChange, SeatsComeBack, make_quote


@require_POST
@member_page
def undo_plan(request: MemberRequest, service_id: int) -> HttpResponse:
    """Make the quote and lead to its checkout."""
    member = request.member
    if not may_buy(member.role):
        raise NotAllowed("change the number of seats")
    now = present_moment()
    found = get_product_summary(customer_id=member.customer_id, service_id=service_id, today=day_of(member, now=now))
    chosen = request.POST.get("edition", "")
    wanted = {plan.edition: plan.held for plan in found.plans if plan.edition == chosen}
    try:
        quote_id = make_quote(
            customer_id=member.customer_id, service_id=service_id, wanted=wanted, user_id=member.user_id, now=now
        )
    except NothingWouldChange:
        messages.info(request, "That plan is gone already: the seats stay.")
        return redirect("portal:service", service_id)
    except (SeatsComeBack, ServiceIsParked) as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:service", service_id)
    return redirect("portal:checkout", quote_id)
