"""Markup rules and exchange rates: typed, previewed, then entered with the prices that follow."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.catalog.pricing import PriceNeedsReason
from perseat.capabilities.catalog.queries import list_editions, list_groups
from perseat.capabilities.catalog.selling import MarkupUnusable, NewMarkup
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page
from perseat.entrypoints.backoffice.catalog import price_list_choices, read_list_key
from perseat.entrypoints.backoffice.catalog_forms import DecisionForm, MarkupForm, RateForm
from perseat.entrypoints.backoffice.clock import present_moment, today
from perseat.entrypoints.backoffice.price_rows import preview_context
from perseat.journeys.price_preview import PreviewOutdated, PricePreview
from perseat.journeys.price_rules import NewRate, enter_markup, enter_rate, preview_markup, preview_rate

_FIELDS = {"edition": "subject", "group": "subject", "currency": "prices"}


@administrator_page
def rule_add(request: StaffRequest) -> HttpResponse:
    """A rule that makes prices from a day on."""
    form = MarkupForm(
        request.POST or None,
        editions=[(each.code, each.name) for each in list_editions()],
        groups=list_groups(),
        lists=price_list_choices(),
        initial={"starts_on": today()},
    )

    def new() -> NewMarkup:
        currency, includes_tax = read_list_key(form.cleaned_data["prices"])
        return NewMarkup(currency=currency, includes_tax=includes_tax, rule=form.rule())

    def enter(decision: DecisionForm) -> PricePreview:
        return enter_markup(
            new(),
            shown=decision.cleaned_data["shown"],
            reason=decision.cleaned_data["reason"],
            user_id=request.staff.user_id,
            now=present_moment(),
            today=today(),
        )

    return _page(
        request,
        form,
        title="A markup rule",
        preview=lambda: preview_markup(new(), today=today()),
        enter=enter,
    )


@administrator_page
def rate_add(request: StaffRequest) -> HttpResponse:
    """An exchange rate from a day on."""
    form = RateForm(request.POST or None, initial={"starts_on": today()})

    def enter(decision: DecisionForm) -> PricePreview:
        return enter_rate(
            NewRate(**form.cleaned_data),
            shown=decision.cleaned_data["shown"],
            reason=decision.cleaned_data["reason"],
            user_id=request.staff.user_id,
            now=present_moment(),
            today=today(),
        )

    return _page(
        request,
        form,
        title="An exchange rate",
        preview=lambda: preview_rate(NewRate(**form.cleaned_data), today=today()),
        enter=enter,
    )


def _page(
    request: StaffRequest,
    form: forms.Form,
    *,
    title: str,
    preview: Callable[[], PricePreview],
    enter: Callable[[DecisionForm], PricePreview],
) -> HttpResponse:
    """Type, look, decide: one page; a changed field means another look."""
    context: dict[str, object] = {"form": form, "title": title}
    if request.method == "POST" and form.is_valid():
        try:
            shown = preview()
        except MarkupUnusable as problem:
            field = _FIELDS.get(problem.field, problem.field)
            form.add_error(field if field in form.fields else None, str(problem))
        else:
            decision = DecisionForm(
                request.POST if "enter" in request.POST else None, initial={"shown": shown.fingerprint}
            )
            if "enter" in request.POST and decision.is_valid() and _entered(request, decision, enter=enter):
                return redirect("office:catalog")
            decision.look_at(shown.fingerprint)
            context |= preview_context(shown) | {"decision": decision, "is_previewed": True}
    wrong = form.errors or getattr(context.get("decision"), "errors", None)
    return render(request, "office/rule_add.html", context, status=422 if wrong else 200)


def _entered(request: StaffRequest, decision: DecisionForm, *, enter: Callable[[DecisionForm], PricePreview]) -> bool:
    try:
        made = enter(decision)
    except PriceNeedsReason as problem:
        decision.add_error("reason", str(problem))
        return False
    except PreviewOutdated as problem:
        decision.add_error(None, str(problem))
        return False
    messages.success(request, f"It is entered; {len(made.changes)} prices were made.")
    return True
