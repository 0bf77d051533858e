"""Delivery: every question to Microsoft with its ids; try again, stop, or give up and give the money back."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from perseat.capabilities.provisioning.queries import DeliveryDetail, DeliveryUnknown, get_delivery
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.forms import ReasonForm
from perseat.entrypoints.backoffice.labels import DELIVERY_ACTS, DELIVERY_STATES
from perseat.journeys.delivery import (
    NotWaitingForStaff,
    buy_instead,
    give_delivery_up,
    park_delivery,
    retry_delivery,
)


@staff_page
def delivery(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Show the delivery."""
    return _page(request, _detail(delivery_id))


@require_POST
@staff_page
def try_again(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Ask Microsoft again now."""
    _detail(delivery_id)

    def act() -> None:
        retry_delivery(delivery_id, actor=request.staff.email, now=present_moment())

    return _decided(request, delivery_id, act, said="It is tried again now. This page shows how it goes.")


@require_POST
@staff_page
def stop(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Ask nothing more until somebody lets it run."""
    detail = _detail(delivery_id)
    form = ReasonForm(request.POST, prefix="stop")
    if not form.is_valid():
        return _page(request, detail, stop_form=form)

    def act() -> None:
        reason = form.cleaned_data["reason"]
        park_delivery(delivery_id, reason=reason, actor=request.staff.email, now=present_moment())

    return _decided(request, delivery_id, act, said="Stopped. Nothing is asked until somebody tries again.")


@require_POST
@staff_page
def give_up(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """End it for good; the customer gets a credit note."""
    detail = _detail(delivery_id)
    form = ReasonForm(request.POST, prefix="give-up")
    if not form.is_valid():
        return _page(request, detail, give_up_form=form)

    def act() -> None:
        reason = form.cleaned_data["reason"]
        give_delivery_up(delivery_id, reason=reason, actor=request.staff.email, now=present_moment())

    return _decided(request, delivery_id, act, said="Given up. The customer has the money back by a credit note.")


@require_POST
@staff_page
def do_without(request: StaffRequest, delivery_id: int) -> HttpResponse:
    """Buy the seats instead of waiting for Microsoft's upgrade."""
    detail = _detail(delivery_id)
    form = ReasonForm(request.POST, prefix="buy")
    if not form.is_valid():
        return _page(request, detail, buy_form=form)

    def act() -> None:
        buy_instead(delivery_id, reason=form.cleaned_data["reason"], actor=request.staff.email, now=present_moment())

    return _decided(request, delivery_id, act, said="The seats are bought, people are moved, and the old ones go last.")


def _decided(request: StaffRequest, delivery_id: int, act: Callable[[], None], *, said: str) -> HttpResponse:
    try:
        act()
    except NotWaitingForStaff:
        messages.warning(request, "It has moved on in the meantime; nothing was changed.")
    else:
        messages.success(request, said)
    return redirect("office:delivery", delivery_id=delivery_id)


def _detail(delivery_id: int) -> DeliveryDetail:
    try:
        return get_delivery(delivery_id)
    except DeliveryUnknown:
        raise Http404 from None


def _page(
    request: StaffRequest,
    detail: DeliveryDetail,
    *,
    stop_form: ReasonForm | None = None,
    give_up_form: ReasonForm | None = None,
    buy_form: ReasonForm | None = None,
) -> HttpResponse:
    state_label, state_tone = DELIVERY_STATES[detail.row.state]
    context = {
        "detail": detail,
        "row": detail.row,
        "act": DELIVERY_ACTS[detail.row.act],
        "state_label": state_label,
        "state_tone": state_tone,
        "stop_form": stop_form or ReasonForm(prefix="stop"),
        "give_up_form": give_up_form or ReasonForm(prefix="give-up"),
        "buy_form": buy_form or ReasonForm(prefix="buy"),
    }
    is_wrong = stop_form or give_up_form or buy_form
    return render(request, "office/delivery.html", context, status=422 if is_wrong else 200)
