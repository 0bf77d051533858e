"""Ask billing: a question about an invoice, a service, or anything else opens a thread."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.customers.queries import get_customer_facts
from perseat.capabilities.payments.queries import get_available_minor
from perseat.capabilities.questions.actions import GENERAL
from perseat.capabilities.questions.queries import BALANCE, QuestionRow, list_questions, name_document, name_service
from perseat.domain.rights import may_ask_billing
from perseat.entrypoints.pages.templatetags.money import money
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import present_moment
from perseat.entrypoints.portal.forms import MessageForm
from perseat.entrypoints.portal.question import STATE_WORDS
from perseat.journeys import billing_desk


@member_page
def ask_about_document(request: MemberRequest, number: str) -> HttpResponse:
    """Ask about an invoice or a credit note."""
    customer_id = request.member.customer_id
    name = name_document(number, customer_id=customer_id)
    earlier = list_questions(customer_id, document_number=number)

    def send(text: str) -> int:
        return billing_desk.ask_about_document(
            text, document_number=number, customer_id=customer_id, user_id=request.member.user_id, now=present_moment()
        )

    return _page(request, name=name, back=f"/invoices/{number}/", earlier=earlier, send=send)


@member_page
def ask_about_service(request: MemberRequest, service_id: int) -> HttpResponse:
    """Ask about a service and its figures."""
    customer_id = request.member.customer_id
    name = name_service(service_id, customer_id=customer_id)
    earlier = list_questions(customer_id, service_id=service_id)

    def send(text: str) -> int:
        return billing_desk.ask_about_service(
            text, service_id=service_id, customer_id=customer_id, user_id=request.member.user_id, now=present_moment()
        )

    return _page(request, name=name, back=f"/services/{service_id}/", earlier=earlier, send=send)


@member_page
def ask_about_balance(request: MemberRequest) -> HttpResponse:
    """Ask for the return of the balance; the question is written already."""
    member = request.member
    facts = get_customer_facts(member.customer_id)
    balance = money(get_available_minor(member.customer_id, currency=facts.currency), facts.currency)

    def send(text: str) -> int:
        return billing_desk.ask_about_balance(
            text, customer_id=member.customer_id, user_id=member.user_id, now=present_moment()
        )

    return _page(
        request,
        name=BALANCE,
        back="/invoices/statement/",
        earlier=list_questions(member.customer_id, subject=BALANCE),
        send=send,
        text=f"Please return our balance of {balance} to us.",
    )


@member_page
def ask_in_general(request: MemberRequest) -> HttpResponse:
    """Ask about anything else, also before there is a service or an invoice."""
    customer_id = request.member.customer_id
    earlier = tuple(
        each for each in list_questions(customer_id) if not each.document_number and each.service_id is None
    )

    def send(text: str) -> int:
        return billing_desk.ask_in_general(
            text, customer_id=customer_id, user_id=request.member.user_id, now=present_moment()
        )

    return _page(request, name=GENERAL, crumb="Questions to billing", back="/questions/", earlier=earlier, send=send)


def _page(
    request: MemberRequest,
    *,
    name: str,
    back: str,
    earlier: tuple[QuestionRow, ...],
    send: Callable[[str], int],
    crumb: str = "",
    text: str = "",
) -> HttpResponse:
    may_ask = may_ask_billing(request.member.role)
    form = MessageForm(request.POST or None, initial={"text": text})
    if request.method == "POST":
        if not may_ask:
            raise NotAllowed("ask billing")
        if form.is_valid():
            question_id = send(form.cleaned_data["text"])
            messages.success(request, "Your question is with the billing team. The answer comes here and by e-mail.")
            return redirect("portal:question", question_id=question_id)
    context = {
        "form": form,
        "name": name,
        "crumbs": ((crumb or name, back),),
        "earlier": [(each, *STATE_WORDS[each.state]) for each in earlier],
        "may_ask": may_ask,
    }
    return render(request, "ask.html", context, status=422 if form.errors else 200)
