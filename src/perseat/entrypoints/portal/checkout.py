"""Checkout: a frozen quote, how to pay it, and one button."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from perseat import wiring
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.domain.rights import may_buy
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.entrypoints.portal.gateway_page import send_to_gateway
from perseat.journeys.checkout import (
    CheckoutView,
    OpenOrderExists,
    PaymentMethodNotOffered,
    QuoteHasMoved,
    accept_quote,
    accept_quote_replacing_open_order,
    get_checkout,
)
from perseat.journeys.figures import EditionFigure
from perseat.journeys.order_progress import get_order
from perseat.journeys.parking import ServiceIsParked


@require_http_methods(["GET", "POST"])
@member_page
def checkout(request: MemberRequest, quote_id: UUID) -> HttpResponse:
    """Show the quote; when its button was pressed, make the order. A second press finds the same order."""
    if not may_buy(request.member.role):
        raise NotAllowed("check out")
    found = get_checkout(customer_id=request.member.customer_id, quote_id=quote_id, now=present_moment())
    if request.method == "POST":
        return _accept(request, found)
    if found.order_id is not None:
        return redirect("portal:order", found.order_id)
    return _page(request, found)


def _accept(request: MemberRequest, found: CheckoutView) -> HttpResponse:
    accept = accept_quote_replacing_open_order if request.POST.get("replace") else accept_quote
    method = request.POST.get("payment_method", "")
    try:
        order_id = accept(
            customer_id=request.member.customer_id,
            user_id=request.member.user_id,
            quote_id=found.quote_id,
            payment_method=method,
            now=present_moment(),
        )
    except QuoteHasMoved as moved:
        return _fresh_quote(request, found, moved)
    except (OpenOrderExists, PaymentMethodNotOffered, ServiceIsParked) as refusal:
        return _page(request, found, refusal=str(refusal), status=422)
    if any(each.is_gateway and each.code == method for each in found.payment_methods):
        order = get_order(customer_id=request.member.customer_id, order_id=order_id)
        if order.may_be_paid_online:
            return send_to_gateway(request, order_id=order_id, gateway=method)
    return redirect("portal:order", order_id)


def _fresh_quote(request: MemberRequest, found: CheckoutView, moved: QuoteHasMoved) -> HttpResponse:
    if moved.fresh_quote_id is None:
        messages.warning(request, f"{moved.sentence} Nothing is left to check out.")
        return redirect("portal:service", found.service_id)
    messages.warning(request, f"{moved.sentence} Nothing was charged. These are the new figures.")
    return redirect("portal:checkout", moved.fresh_quote_id)


def _changes(edition: EditionFigure) -> bool:
    return edition.now != edition.held or edition.planned_after != edition.planned


def _page(request: MemberRequest, found: CheckoutView, *, refusal: str = "", status: int = 200) -> HttpResponse:
    figures = found.figures
    changed = [each for each in figures.editions if _changes(each)]
    context = {
        "checkout": found,
        "figures": figures,
        "today": day_of(request.member, now=present_moment()),
        "changed": changed,
        "is_planned": any(each.planned_after is not None for each in changed),
        "refusal": refusal,
        "writes_off": not wiring.get_outside().supplier_writes,
        "is_credit": figures.due_today_minor < 0,
        "is_free": figures.to_pay_minor == 0,
        "chosen": request.POST.get("payment_method", ""),
    }
    return render(request, "checkout.html", context, status=status)
