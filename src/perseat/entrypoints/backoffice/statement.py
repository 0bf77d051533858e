"""A customer's statement of account for the staff: on the page, on paper, and as a file."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render

from perseat.capabilities.customers.queries import CustomerFacts, get_customer_by_number
from perseat.capabilities.ledger.export import export_statement
from perseat.capabilities.ledger.statement import Statement, get_statement
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import today
from perseat.entrypoints.backoffice.facts import page_of
from perseat.entrypoints.pages.periods import PeriodForm, presets


@staff_page
def statement(request: StaffRequest, number: str) -> HttpResponse:
    """Show the statement of the chosen days; of the last year when none are chosen."""
    customer, form = get_customer_by_number(number), _form(request)
    found = _statement(customer, form)
    context = {
        "customer": customer,
        "about": f"{customer.legal_name}, {customer.number}",
        "statement": found,
        "rows": [(row, page_of(row.fact)) for row in found.rows],
        "form": form,
        "presets": presets(today()),
        "query": request.GET.urlencode(),
    }
    return render(request, "office/statement.html", context, status=422 if form.errors else 200)


@staff_page
def statement_csv(request: StaffRequest, number: str) -> HttpResponse:
    """The same as a file."""
    found = _statement(get_customer_by_number(number), _form(request))
    response = HttpResponse("".join(export_statement(found)), content_type="text/csv; charset=utf-8")
    name = f"statement-{number}-{found.starts_on}-{found.ends_on}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _form(request: StaffRequest) -> PeriodForm:
    return PeriodForm(request.GET, first=today() - timedelta(days=365), last=today())


def _statement(customer: CustomerFacts, form: PeriodForm) -> Statement:
    starts_on, ends_on = form.days()
    return get_statement(customer.number, currency=customer.currency, starts_on=starts_on, ends_on=ends_on)
