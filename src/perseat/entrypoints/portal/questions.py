"""Questions: every thread of the customer with the billing team."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.questions.queries import list_questions
from perseat.domain.rights import may_ask_billing
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.question import STATE_WORDS


@member_page
def questions(request: MemberRequest) -> HttpResponse:
    """List the newest 50 threads."""
    rows = [(each, *STATE_WORDS[each.state]) for each in list_questions(request.member.customer_id)]
    return render(request, "questions.html", {"rows": rows, "may_ask": may_ask_billing(request.member.role)})
