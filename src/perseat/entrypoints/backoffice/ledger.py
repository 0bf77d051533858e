"""The ledger for staff: the trial balance of any day, each account's entries, and exports for accountants."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from perseat.capabilities.ledger.export import export_beancount, export_csv
from perseat.capabilities.ledger.trial_balance import (
    PAGE_SIZE,
    list_account_entries,
    list_trial_balances,
    read_account,
)
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import today
from perseat.entrypoints.backoffice.facts import page_of
from perseat.entrypoints.backoffice.filters import page_in
from perseat.entrypoints.pages.periods import DayField, PeriodForm, presets

_FORMATS = {
    "csv": (export_csv, "text/csv; charset=utf-8"),
    "beancount": (export_beancount, "text/plain; charset=utf-8"),
}


class DayForm(forms.Form):
    """The day at whose end the accounts are shown."""

    on = DayField(label="At the end of")

    def __init__(self, request: StaffRequest) -> None:
        super().__init__({"on": request.GET.get("on") or today().isoformat()}, auto_id="%s")

    def day(self) -> date:
        """What was chosen, else today."""
        chosen: date = self.cleaned_data["on"] if self.is_valid() else today()
        return chosen


@staff_page
def ledger(request: StaffRequest) -> HttpResponse:
    """Show the trial balance of each currency."""
    form = DayForm(request)
    context = {"form": form, "day": form.day(), "balances": list_trial_balances(form.day())}
    return render(request, "office/ledger.html", context, status=422 if form.errors else 200)


@staff_page
def account(request: StaffRequest, name: str, currency: str) -> HttpResponse:
    """Show the entries of an account, 50 a page."""
    try:
        known, words = read_account(name)
    except LookupError:
        raise Http404 from None
    form, page = DayForm(request), page_in(request)
    rows = list_account_entries(known, currency=currency.upper(), on=form.day(), page=page)
    context = {
        "form": form,
        "day": form.day(),
        "name": name,
        "words": words,
        "currency": currency.upper(),
        "rows": [(row, page_of(row.fact)) for row in rows],
        "number": page,
        "has_previous": page > 1,
        "has_next": len(rows) == PAGE_SIZE,
    }
    return render(request, "office/account.html", context, status=422 if form.errors else 200)


@staff_page
def export_choice(request: StaffRequest) -> HttpResponse:
    """Choose the days of an export."""
    return _choose(request)


@staff_page
def export(request: StaffRequest, kind: str) -> HttpResponse:
    """Send the ledger of the chosen days as a file, row by row; ask again when the days cannot be."""
    if kind not in _FORMATS:
        raise Http404
    form = _period(request)
    if not form.is_valid():
        return _choose(request)
    write, content_type = _FORMATS[kind]
    starts_on, ends_on = form.days()
    answer = StreamingHttpResponse(write(starts_on=starts_on, ends_on=ends_on), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="ledger-{starts_on}-{ends_on}.{kind}"'
    return answer  # type: ignore[return-value]


def _choose(request: StaffRequest) -> HttpResponse:
    form = _period(request)
    starts_on, ends_on = form.days()
    context = {"form": form, "presets": presets(today()), "starts_on": starts_on, "ends_on": ends_on}
    return render(request, "office/ledger_export.html", context, status=422 if form.errors else 200)


def _period(request: StaffRequest) -> PeriodForm:
    return PeriodForm(request.GET, first=today() - timedelta(days=365), last=today())
