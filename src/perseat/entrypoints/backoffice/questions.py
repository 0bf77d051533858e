"""Questions of all customers, those that wait for us first."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.questions.queries import list_questions_for_staff
from perseat.domain.parties import QuestionState
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.filters import before_in, state_in
from perseat.entrypoints.backoffice.labels import QUESTION_STATES

_PAGE = 50


@staff_page
def questions(request: StaffRequest) -> HttpResponse:
    """List threads, the newest first."""
    state = state_in(request, states=QuestionState)
    rows = list_questions_for_staff(state=state, before_id=before_in(request), page_size=_PAGE + 1)
    shown = rows[:_PAGE]
    context = {
        "rows": [(each, *QUESTION_STATES[each.state]) for each in shown],
        "chosen": state or "",
        "choices": [(each.value, QUESTION_STATES[each][0]) for each in QuestionState],
        "next_before": shown[-1].id if len(rows) > _PAGE else None,
        "is_first": before_in(request) is None,
    }
    return render(request, "office/questions.html", context)
