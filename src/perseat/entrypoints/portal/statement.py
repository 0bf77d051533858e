"""Statement of account: what the customer owed on each day; on the page, on paper, and as a file."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.customers.queries import get_customer_facts
from perseat.capabilities.ledger.export import export_statement
from perseat.capabilities.ledger.statement import Statement, StatementRow, get_statement
from perseat.capabilities.payments.queries import get_available_minor, list_paid_documents
from perseat.domain.rights import may_ask_billing
from perseat.entrypoints.pages.periods import PeriodForm, presets
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment


@member_page
def statement(request: MemberRequest) -> HttpResponse:
    """Show the statement of the chosen days; of the last year when none are chosen."""
    member = request.member
    facts = get_customer_facts(member.customer_id)
    form = _form(request)
    found = _statement(request, form)
    context = {
        "statement": found,
        "rows": _with_links(found),
        "about": f"{facts.legal_name}, {facts.number}",
        "form": form,
        "presets": presets(form.last),
        "query": request.GET.urlencode(),
        "balance_minor": get_available_minor(member.customer_id, currency=facts.currency),
        "may_ask": may_ask_billing(member.role),
    }
    return render(request, "statement.html", context, status=422 if form.errors else 200)


@member_page
def statement_csv(request: MemberRequest) -> HttpResponse:
    """The same as a file."""
    found = _statement(request, _form(request))
    response = HttpResponse("".join(export_statement(found)), content_type="text/csv; charset=utf-8")
    name = f"statement-{request.member.customer_number}-{found.starts_on}-{found.ends_on}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _form(request: MemberRequest) -> PeriodForm:
    today = day_of(request.member, now=present_moment())
    return PeriodForm(request.GET, first=today - timedelta(days=365), last=today)


def _statement(request: MemberRequest, form: PeriodForm) -> Statement:
    facts = get_customer_facts(request.member.customer_id)
    starts_on, ends_on = form.days()
    return get_statement(facts.number, currency=facts.currency, starts_on=starts_on, ends_on=ends_on)


def _with_links(found: Statement) -> list[tuple[StatementRow, str]]:
    """Each row with the page of its document; money leads to the document that it was for."""
    paid = list_paid_documents({row.fact.payment_id for row in found.rows if row.fact.payment_id is not None})
    numbers = [(row, row.fact.document_number or paid.get(row.fact.payment_id or 0, "")) for row in found.rows]
    return [(row, f"/invoices/{number}/" if number else "") for row, number in numbers]
