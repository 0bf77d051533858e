"""Upgrade/Downgrade Options: the total wanted of each edition, and at once what it would mean."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from perseat import wiring
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.domain.rights import may_buy
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import present_moment
from perseat.entrypoints.portal.labels import per_period
from perseat.entrypoints.portal.option_rows import Choice, read_choice
from perseat.journeys.parking import ServiceIsParked
from perseat.journeys.people_choice import moving_people
from perseat.journeys.seat_change import (
    AccountNotApproved,
    AgreementMissing,
    NothingWouldChange,
    SeatsComeBack,
    SeatsOutOfRange,
    make_quote,
)

_ACT = "change the number of seats"

_REFUSALS = (
    AccountNotApproved,
    AgreementMissing,
    NothingWouldChange,
    SeatsComeBack,
    SeatsOutOfRange,
    ServiceIsParked,
)


@require_http_methods(["GET", "POST"])
@member_page
def options(request: MemberRequest, service_id: int) -> HttpResponse:
    """Show the fields; when they are sent and usable, make the quote and lead to its checkout."""
    _require_buyer(request)
    choice = _read(request, service_id=service_id)
    if request.method != "POST" or request.POST.get("act") == "recalculate":
        return _page(request, choice)
    if not choice.is_complete:
        return _page(request, choice, status=422)
    return _continue(request, choice)


@require_POST
@member_page
def preview(request: MemberRequest, service_id: int) -> HttpResponse:
    """Only what changes while totals are typed: the price and the words beside each field. Stores nothing."""
    _require_buyer(request)
    choice = _read(request, service_id=service_id)
    return render(request, "options_preview.html", {"choice": choice, "is_live": True})


def _read(request: MemberRequest, *, service_id: int) -> Choice:
    return read_choice(
        wiring.get_outside(),
        posted=request.POST,
        customer_id=request.member.customer_id,
        service_id=service_id,
        now=present_moment(),
    )


def _continue(request: MemberRequest, choice: Choice) -> HttpResponse:
    try:
        quote_id = make_quote(
            customer_id=request.member.customer_id,
            service_id=choice.preview.service_id,
            wanted=choice.wanted,
            user_id=request.member.user_id,
            people=moving_people(choice.questions),
            now=present_moment(),
        )
    except _REFUSALS as refusal:
        return _page(request, choice, refusal=str(refusal), status=422)
    return redirect("portal:checkout", quote_id)


def _page(request: MemberRequest, choice: Choice, *, refusal: str = "", status: int = 200) -> HttpResponse:
    figures = choice.preview.figures
    context = {
        "choice": choice,
        "refusal": refusal,
        "currency": figures.currency,
        "per_period": per_period(choice.preview.cycle),
        "tax_note": choice.preview.price_kind,
    }
    return render(request, "options.html", context, status=status)


def _require_buyer(request: MemberRequest) -> None:
    if not may_buy(request.member.role):
        raise NotAllowed(_ACT)
