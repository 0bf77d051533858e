"""Differences at Microsoft: seats that somebody else changed there; the staff adopt them, undo them, or wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from perseat.capabilities.provisioning.drifts import PAGE_SIZE, DriftRow, DriftUnknown, get_drift, list_drifts
from perseat.domain.drift import DriftEnd, DriftKind, DriftState
from perseat.domain.quote import SeatsNotCountable
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.confirming import Question, do_when_confirmed
from perseat.entrypoints.backoffice.filters import page_in, search_in
from perseat.entrypoints.backoffice.forms import ReasonForm
from perseat.entrypoints.pages.templatetags.days import day as long_day
from perseat.entrypoints.pages.templatetags.money import money
from perseat.journeys.checkout import OpenOrderExists
from perseat.journeys.drift_decisions import (
    DecisionNotPossible,
    adopt_drift,
    preview_adoption,
    undo_drift,
    wait_with_drift,
)
from perseat.journeys.seat_change import (
    AgreementMissing,
    NothingWouldChange,
    SeatsComeBack,
    SeatsOutOfRange,
    ServiceNotBegun,
)

_STATES = {
    DriftState.OPEN: ("Waits for you", "bad"),
    DriftState.WAITING: ("Left alone", ""),
    DriftState.UNDOING: ("Being undone", "wait"),
    DriftState.ENDED: ("Over", "good"),
}
_ENDS = {
    DriftEnd.GONE: "It is equal again by itself.",
    DriftEnd.ADOPTED: "It was adopted by an order.",
    DriftEnd.UNDONE: "It was undone.",
}
_REFUSALS = (
    DecisionNotPossible, OpenOrderExists, NothingWouldChange, AgreementMissing, SeatsOutOfRange, SeatsComeBack,
    SeatsNotCountable, ServiceNotBegun,
)  # fmt: skip


class WaitForm(ReasonForm):
    """Until when it is left alone, and why."""

    until = forms.DateField(
        label="Until",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Choose the day on which it is looked at again.", "invalid": "Choose a day."},
    )
    field_order = ("until", "reason")


@staff_page
def drifts(request: StaffRequest) -> HttpResponse:
    """List what differs, undecided ones first."""
    is_ended, page = request.GET.get("state") == "ended", page_in(request)
    rows = list_drifts(search=search_in(request), is_ended=is_ended, page=page)
    context = {
        "rows": [(each, *_state(each)) for each in rows],
        "search": search_in(request),
        "chosen": "ended" if is_ended else "",
        "choices": [("ended", "Over")],
        "number": page,
        "has_previous": page > 1,
        "has_next": len(rows) == PAGE_SIZE,
    }
    return render(request, "office/drifts.html", context)


@staff_page
def drift(request: StaffRequest, drift_id: int) -> HttpResponse:
    """Show one difference."""
    return _page(request, _found(drift_id))


@require_POST
@staff_page
def undo(request: StaffRequest, drift_id: int) -> HttpResponse:
    """Drive Microsoft back to what was promised."""
    found, form = _found(drift_id), ReasonForm(request.POST, prefix="undo")

    def act() -> None:
        reason = form.cleaned_data["reason"]
        undo_drift(drift_id, reason=reason, staff_id=request.staff.user_id, now=present_moment())

    said = "Microsoft is asked to go back to what was promised. This page says how it goes."
    return _decided(request, found, form, act, said=said, name="undo_form")


@require_POST
@staff_page
def wait(request: StaffRequest, drift_id: int) -> HttpResponse:
    """Leave it alone for a while."""
    found, form = _found(drift_id), WaitForm(request.POST, prefix="wait")

    def act() -> None:
        wait_with_drift(
            drift_id,
            until=form.cleaned_data["until"],
            reason=form.cleaned_data["reason"],
            staff_id=request.staff.user_id,
            today=timezone.localdate(),
            now=present_moment(),
        )

    return _decided(request, found, form, act, said="Left alone until then.", name="wait_form")


@require_POST
@staff_page
def adopt(request: StaffRequest, drift_id: int) -> HttpResponse:
    """Make it the promise by an order, after its figures were seen."""
    found, form = _found(drift_id), ReasonForm(request.POST)

    def act() -> int:
        reason = form.cleaned_data["reason"]
        return adopt_drift(drift_id, reason=reason, staff_id=request.staff.user_id, now=present_moment())

    done = do_when_confirmed(
        request,
        form,
        act=act,
        question=lambda: _question(found, form),
        fields=dict.fromkeys(_REFUSALS),
    )
    if isinstance(done, HttpResponse):
        return done
    if done is not None:
        messages.success(request, "Ordered in the customer's name; the customer is told by e-mail.")
        return redirect("office:order", order_id=done)
    return _page(request, found, typed={"adopt_form": form})


def _question(found: DriftRow, form: ReasonForm) -> Question:
    figures = preview_adoption(found, now=present_moment())
    currency = figures.currency
    facts = [
        ("Customer", found.customer_name),
        ("Seats", f"{found.title}: {found.promised.seats} → {found.found.seats}"),
        ("Due today, incl. tax", money(figures.due_today_minor, currency)),
        ("To pay", money(figures.to_pay_minor, currency)),
        ("New recurring total, incl. tax", money(figures.recurring_total_minor, currency)),
        ("Reason", form.cleaned_data["reason"]),
    ]
    warning = "An order is made in the customer's name, with its document, and the customer is told by e-mail."
    if figures.to_pay_minor:
        warning += " The seats count from the day it is paid, or at once on account."
    return Question(heading=f"Adopt {found.title}?", facts=facts, warning=warning, button="Order in their name")


def _decided(
    request: StaffRequest, found: DriftRow, form: ReasonForm, act: Callable[[], None], *, said: str, name: str
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, found, typed={name: form})
    try:
        act()
    except DecisionNotPossible as refusal:
        return _page(request, _found(found.drift_id), typed={name: form}, refusal=str(refusal))
    messages.success(request, said)
    return redirect("office:drift", drift_id=found.drift_id)


def _found(drift_id: int) -> DriftRow:
    try:
        return get_drift(drift_id)
    except DriftUnknown:
        raise Http404 from None


def _page(
    request: StaffRequest,
    found: DriftRow,
    *,
    typed: Mapping[str, forms.Form] | None = None,
    refusal: str = "",
) -> HttpResponse:
    """`typed`: the form that was sent, by its name in the template."""
    label, tone = _state(found)
    context = {
        "row": found,
        "state_label": label,
        "state_tone": tone,
        "refusal": refusal,
        "ended": _ENDS[DriftEnd(found.ended_how)] if found.ended_how else "",
        "is_not_ours": found.kind is DriftKind.NOT_OURS,
        "is_suspended": found.kind is DriftKind.SUSPENDED,
        "undo_form": ReasonForm(prefix="undo"),
        "wait_form": WaitForm(prefix="wait"),
        "adopt_form": ReasonForm(),
        **(typed or {}),
    }
    return render(request, "office/drift.html", context, status=422 if typed else 200)


def _state(row: DriftRow) -> tuple[str, str]:
    if row.order_id is not None and row.state is not DriftState.ENDED:
        return "Being adopted", "wait"
    if row.state is DriftState.WAITING and row.quiet_until is not None:
        return f"Left alone until {long_day(row.quiet_until)}", ""
    return _STATES[row.state]
