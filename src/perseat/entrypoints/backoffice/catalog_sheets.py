"""Price sheets: upload or fetch one, look at what it changes, apply or discard it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from perseat import wiring
from perseat.capabilities.catalog.pricing import PriceNeedsReason
from perseat.capabilities.catalog.sheets import SheetDecided, list_sheet_rows
from perseat.domain.price_sheets import CostChange, SheetState
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page, staff_page
from perseat.entrypoints.backoffice.catalog_forms import DecisionForm, SheetForm
from perseat.entrypoints.backoffice.clock import present_moment, today
from perseat.entrypoints.backoffice.filters import page_in, search_in, state_in
from perseat.entrypoints.backoffice.labels import COST_CHANGES, CYCLES, LEFT_OUT, TERMS
from perseat.entrypoints.backoffice.price_rows import preview_context
from perseat.journeys.price_preview import PreviewOutdated
from perseat.journeys.price_sheets import (
    SheetPreview,
    apply_sheet,
    discard_sheet,
    fetch_sheet,
    preview_sheet,
    receive_sheet,
)
from perseat.ports.failures import OutsideFailure
from perseat.ports.price_sheets import SheetUnreadable

_PAGE = 50


@administrator_page
def sheet_add(request: StaffRequest) -> HttpResponse:
    """Take a price sheet, as a file or from Microsoft."""
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        outside, now = wiring.get_outside(), present_moment()
        user_id = request.staff.user_id
        try:
            if "fetch" in request.POST:
                return redirect("office:sheet", fetch_sheet(user_id=user_id, outside=outside, now=now))
            if form.is_valid():
                file = form.cleaned_data["file"]
                sheet_id = receive_sheet(file, file_name=file.name, user_id=user_id, outside=outside, now=now)
                return redirect("office:sheet", sheet_id)
        except SheetUnreadable as problem:
            form.add_error("file" if "fetch" not in request.POST else None, str(problem))
        except OutsideFailure as failure:
            messages.error(request, str(failure))
            form = SheetForm()
    return render(request, "office/sheet_add.html", {"form": form}, status=422 if form.errors else 200)


@staff_page
def sheet(request: StaffRequest, sheet_id: int) -> HttpResponse:
    """Show what a sheet changes; an administrator decides."""
    shown = _preview(sheet_id)
    form = DecisionForm(initial={"shown": shown.prices.fingerprint})
    if request.method == "POST":
        form = DecisionForm(request.POST)
        if form.is_valid() and _applied(request, form, sheet_id=sheet_id):
            return redirect("office:sheet", sheet_id)
        shown = _preview(sheet_id)
        form.look_at(shown.prices.fingerprint)
    return render(request, "office/sheet.html", _context(request, shown, form=form), status=422 if form.errors else 200)


@require_POST
@administrator_page
def sheet_discard(request: StaffRequest, sheet_id: int) -> HttpResponse:
    """Throw a draft away."""
    try:
        discard_sheet(sheet_id, user_id=request.staff.user_id, now=present_moment())
        messages.success(request, "The sheet is discarded; nothing has changed.")
    except LookupError:
        raise Http404 from None
    except SheetDecided as decided:
        messages.error(request, str(decided))
    return redirect("office:catalog")


def _applied(request: StaffRequest, form: DecisionForm, *, sheet_id: int) -> bool:
    typed = form.cleaned_data
    try:
        made = apply_sheet(
            sheet_id,
            shown=typed["shown"],
            reason=typed["reason"],
            ends_what_it_lacks=typed["ends_what_it_lacks"],
            user_id=request.staff.user_id,
            now=present_moment(),
            today=today(),
        )
    except PriceNeedsReason as problem:
        form.add_error("reason", str(problem))
        return False
    except (PreviewOutdated, SheetDecided) as problem:
        form.add_error(None, str(problem))
        return False
    messages.success(request, f"The sheet is applied; {len(made.changes)} prices were made.")
    return True


def _preview(sheet_id: int) -> SheetPreview:
    try:
        return preview_sheet(sheet_id, today=today())
    except LookupError:
        raise Http404 from None


def _context(request: StaffRequest, shown: SheetPreview, *, form: DecisionForm) -> dict[str, object]:
    change, page, search = state_in(request, states=CostChange, name="change"), page_in(request), search_in(request)
    rows = list_sheet_rows(shown.sheet.sheet_id, change=change, search=search, page=page, page_size=_PAGE)
    return preview_context(shown.prices) | {
        "sheet": shown.sheet,
        "is_draft": shown.sheet.state is SheetState.DRAFT,
        "counts": [(COST_CHANGES[each][0], count) for each, count in shown.sheet.counts.items()],
        "left_out": [(LEFT_OUT.get(why, why), count) for why, count in shown.sheet.left_out.items()],
        "newer": shown.newer,
        "same_file": shown.same_file,
        "ended": shown.ended[:_PAGE],
        "ended_count": len(shown.ended),
        "ended_offers": shown.ended_offers,
        "rows": [
            (each, f"{TERMS[each.term]}, {CYCLES[each.cycle].lower()}" if each.term else "", *COST_CHANGES[each.change])
            for each in rows
        ],
        "search": search,
        "chosen": change or "",
        "choices": [(each.value, COST_CHANGES[each][0]) for each in CostChange],
        "number": page,
        "has_previous": page > 1,
        "has_next": len(rows) == _PAGE,
        "form": form,
    }
