"""Question: a thread beside the document it is about; answer or close it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from perseat.capabilities.customers.queries import get_customer_facts
from perseat.capabilities.invoicing.queries import DocumentView, get_document
from perseat.capabilities.questions.actions import close_question
from perseat.capabilities.questions.queries import get_thread_for_staff
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment, today
from perseat.entrypoints.backoffice.forms import AnswerForm
from perseat.entrypoints.backoffice.labels import QUESTION_STATES
from perseat.journeys.billing_desk import answer


@staff_page
def question(request: StaffRequest, question_id: int) -> HttpResponse:
    """Show the thread; send an answer."""
    thread = get_thread_for_staff(question_id)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer(question_id, text=form.cleaned_data["text"], user_id=request.staff.user_id, now=present_moment())
        messages.success(request, f"Sent. {thread.question.asked_by} is told by e-mail.")
        return redirect("office:question", question_id=question_id)
    state_label, state_tone = QUESTION_STATES[thread.question.state]
    number = thread.question.document_number
    document: DocumentView | None = get_document(None, number, today=today()) if number else None
    context = {
        "thread": thread,
        "form": form,
        "document": document,
        "customer": get_customer_facts(thread.question.customer_id),
        "state_label": state_label,
        "state_tone": state_tone,
        "may_be_closed": thread.question.state != "closed",
    }
    return render(request, "office/question.html", context, status=422 if form.errors else 200)


@require_POST
@staff_page
def close(request: StaffRequest, question_id: int) -> HttpResponse:
    """Say that nothing is left to answer."""
    close_question(question_id, user_id=request.staff.user_id, now=present_moment())
    messages.success(request, "Closed. If the customer writes again, it opens again.")
    return redirect("office:question", question_id=question_id)
