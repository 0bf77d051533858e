"""Statement of account: what the customer owed on each day."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.customers.queries import get_customer_facts
from perseat.capabilities.ledger.statement import get_statement
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment


@member_page
def statement(request: MemberRequest) -> HttpResponse:
    """Show the statement of the chosen days; of the last year when none are chosen."""
    facts = get_customer_facts(request.member.customer_id)
    today = day_of(request.member, now=present_moment())
    ends_on = _day_in(request, "to") or today
    starts_on = _day_in(request, "from") or ends_on - timedelta(days=365)
    found = get_statement(facts.number, currency=facts.currency, starts_on=starts_on, ends_on=max(starts_on, ends_on))
    return render(request, "statement.html", {"statement": found})


def _day_in(request: MemberRequest, name: str) -> date | None:
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None
