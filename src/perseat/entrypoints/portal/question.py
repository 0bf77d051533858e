"""Question: one thread with the billing team; write on, or read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.questions.queries import get_thread
from perseat.domain.parties import QuestionState
from perseat.domain.rights import may_ask_billing
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import present_moment
from perseat.entrypoints.portal.forms import MessageForm
from perseat.journeys import billing_desk

STATE_WORDS = {
    QuestionState.OPEN: ("Waits for billing", "wait"),
    QuestionState.ANSWERED: ("Answered", "good"),
    QuestionState.CLOSED: ("Closed", ""),
}


@member_page
def question(request: MemberRequest, question_id: int) -> HttpResponse:
    """Show the thread; whoever may ask may write on."""
    customer_id = request.member.customer_id
    thread = get_thread(question_id, customer_id=customer_id)
    may_write = may_ask_billing(request.member.role)
    form = MessageForm(request.POST or None)
    form.fields["text"].label = "Your message"
    if request.method == "POST":
        if not may_write:
            raise NotAllowed("write to billing")
        if form.is_valid():
            billing_desk.write_back(
                question_id,
                text=form.cleaned_data["text"],
                customer_id=customer_id,
                user_id=request.member.user_id,
                now=present_moment(),
            )
            messages.success(request, "Sent. The answer comes here and by e-mail.")
            return redirect("portal:question", question_id=question_id)
    state_label, state_tone = STATE_WORDS[thread.question.state]
    context = {
        "thread": thread,
        "form": form,
        "may_write": may_write,
        "state_label": state_label,
        "state_tone": state_tone,
        "about": _about(thread.question.document_number, thread.question.service_id),
    }
    return render(request, "question.html", context, status=422 if form.errors else 200)


def _about(document_number: str, service_id: int | None) -> str:
    """The page of what the question is about."""
    if document_number:
        return f"/invoices/{document_number}/"
    return f"/services/{service_id}/" if service_id else "/invoices/statement/"
