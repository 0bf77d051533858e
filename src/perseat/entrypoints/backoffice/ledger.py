"""The ledger for staff: a customer's statement of account, and exports for accountants."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from perseat.capabilities.customers.queries import get_customer_by_number
from perseat.capabilities.ledger.export import export_beancount, export_csv
from perseat.capabilities.ledger.statement import get_statement
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import today

_FORMATS = {
    "csv": (export_csv, "text/csv; charset=utf-8"),
    "beancount": (export_beancount, "text/plain; charset=utf-8"),
}


@staff_page
def statement(request: StaffRequest, number: str) -> HttpResponse:
    """Show a customer's statement of the chosen days; of the last year when none are chosen."""
    customer = get_customer_by_number(number)
    starts_on, ends_on = _days(request)
    found = get_statement(customer.number, currency=customer.currency, starts_on=starts_on, ends_on=ends_on)
    return render(request, "office/statement.html", {"statement": found, "customer": customer})


@staff_page
def export(request: StaffRequest, kind: str) -> HttpResponse:
    """Send the ledger of the chosen days as a file, row by row."""
    if kind not in _FORMATS:
        raise Http404
    write, content_type = _FORMATS[kind]
    starts_on, ends_on = _days(request)
    answer = StreamingHttpResponse(write(starts_on=starts_on, ends_on=ends_on), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="ledger-{starts_on}-{ends_on}.{kind}"'
    return answer  # type: ignore[return-value]


def _days(request: StaffRequest) -> tuple[date, date]:
    ends_on = _day_in(request, "to") or today()
    starts_on = _day_in(request, "from") or ends_on - timedelta(days=365)
    return starts_on, max(starts_on, ends_on)


def _day_in(request: StaffRequest, name: str) -> date | None:
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2999 else None
