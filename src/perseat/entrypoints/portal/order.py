"""Order: where it stands, what happens next, and the way to pay or withdraw it while it is unpaid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from perseat import wiring
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.domain.fulfillment import OrderState
from perseat.domain.rights import may_buy, may_manage_people
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.entrypoints.portal.gateway_page import send_to_gateway
from perseat.entrypoints.portal.labels import ORDER_TONES
from perseat.journeys.order_progress import OrderStep, OrderView, get_order
from perseat.journeys.withdrawal import OrderCannotBeWithdrawn, withdraw_order

_MOVING = {OrderState.PAID, OrderState.ORDERING, OrderState.AT_MICROSOFT}
_NEXT = {
    OrderState.PAID: "Your seats are ordered at Microsoft next. Nothing is left to do for you.",
    OrderState.ORDERING: "We are ordering your seats at Microsoft. It usually takes a few minutes.",
    OrderState.AT_MICROSOFT: "Microsoft has the order. The seats appear in your tenant within minutes, rarely hours.",
    OrderState.READY: "Your seats are ready. Give them to people to let them work.",
    OrderState.SCHEDULED: "Nothing is left to do: the change happens by itself on its day.",
    OrderState.CANCELLED: "This order is cancelled. Nothing of it will be charged.",
}

# Of an order that only takes seats away: what is reached, and what will happen.
_FEWER = {
    OrderState.PAID: "Confirmed",
    OrderState.ORDERING: "Giving back",
    OrderState.AT_MICROSOFT: "At Microsoft",
    OrderState.READY: "Done",
}
_FEWER_AHEAD = {
    OrderState.PAID: "Confirm",
    OrderState.ORDERING: "Give back at Microsoft",
    OrderState.AT_MICROSOFT: "Microsoft confirms",
    OrderState.READY: "Done",
}
_NEXT_OF_FEWER = {
    OrderState.PAID: "The seats are given back at Microsoft next. Nothing is left to do for you.",
    OrderState.ORDERING: "We are giving the seats back at Microsoft. It usually takes a few minutes.",
    OrderState.AT_MICROSOFT: "Microsoft is taking the seats back. It usually takes a few minutes.",
    OrderState.READY: "Microsoft has taken the seats back. Nothing is left to do.",
}

# A step ahead is named by what will happen, never by the label of a state that is not reached: who reads (or waits
# for) "Ready to assign" may take it at its word.
_AHEAD = {
    OrderState.PAID: "Payment",
    OrderState.ORDERING: "Order at Microsoft",
    OrderState.AT_MICROSOFT: "Setting up",
    OrderState.READY: "Hand out licenses",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step as the page draws it."""

    label: str
    at: datetime | None
    tone: str


@require_GET
@member_page
def order(request: MemberRequest, order_id: int) -> HttpResponse:
    """Show the order."""
    return render(request, "order.html", _context(request, order_id=order_id))


@require_GET
@member_page
def progress(request: MemberRequest, order_id: int) -> HttpResponse:
    """Only the part that moves; the page asks for it again while there is something to wait for."""
    return render(request, "order_progress.html", _context(request, order_id=order_id))


@require_POST
@member_page
def pay(request: MemberRequest, order_id: int) -> HttpResponse:
    """Lead to the gateway's page."""
    _require_buyer(request, act="pay")
    found = get_order(customer_id=request.member.customer_id, order_id=order_id)
    gateways = sorted(wiring.get_outside().gateways)
    if not found.may_be_paid_online or not gateways:
        messages.info(request, "This order cannot be paid online.")
        return redirect("portal:order", order_id)
    gateway = found.payment_method if found.payment_method in gateways else gateways[0]
    return send_to_gateway(request, order_id=order_id, gateway=gateway)


@require_POST
@member_page
def withdraw(request: MemberRequest, order_id: int) -> HttpResponse:
    """Take the order back while it is unpaid."""
    _require_buyer(request, act="withdraw an order")
    try:
        withdraw_order(
            customer_id=request.member.customer_id,
            user_id=request.member.user_id,
            order_id=order_id,
            now=present_moment(),
        )
    except OrderCannotBeWithdrawn as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The order is withdrawn. Its invoice is cancelled by a credit note.")
    return redirect("portal:order", order_id)


def _context(request: MemberRequest, *, order_id: int) -> dict[str, object]:
    member = request.member
    now = present_moment()
    found = get_order(customer_id=member.customer_id, order_id=order_id)
    has_returned = "returned" in request.GET
    is_kept = found.is_return and found.state is OrderState.SCHEDULED
    waits_for_gateway = has_returned and found.state is OrderState.AWAITING_PAYMENT and not found.is_declined
    return {
        "order": found,
        "today": day_of(member, now=now),
        "now": now,
        "tone": ORDER_TONES[found.state],
        "steps": _steps(found),
        "is_moving": found.state in _MOVING or waits_for_gateway,
        "waits_for_gateway": waits_for_gateway,
        "has_returned": has_returned,
        "is_ready": found.state is OrderState.READY,
        "is_unpaid": found.state is OrderState.AWAITING_PAYMENT,
        "next": _next(found),
        "gives_seats": _gives_seats(found),
        "parts": () if is_kept or found.attention else found.decreases,
        "is_kept": is_kept,
        "may_buy": may_buy(member.role),
        "may_manage_people": may_manage_people(member.role),
    }


def _only_takes_away(found: OrderView) -> bool:
    return any(each.seats_now < each.seats_before for each in found.seats) and not _gives_seats(found)


def _gives_seats(found: OrderView) -> bool:
    return any(each.seats_now > each.seats_before for each in found.seats)


def _next(found: OrderView) -> str:
    if _only_takes_away(found) and found.state in _NEXT_OF_FEWER:
        return _NEXT_OF_FEWER[found.state]
    return _NEXT.get(found.state, "")


def _steps(found: OrderView) -> list[Step]:
    current = next((index for index, step in enumerate(found.steps) if step.is_current), -1)
    return [
        Step(
            label=_step_label(found, step, is_behind=index < current),
            at=step.at,
            tone=_tone(found.state, distance=index - current),
        )
        for index, step in enumerate(found.steps)
    ]


def _step_label(found: OrderView, step: OrderStep, *, is_behind: bool) -> str:
    """A quick order passes a step without a moment of its own; what lies behind is reached all the same."""
    is_reached = is_behind or step.is_current or step.at is not None
    if _only_takes_away(found):
        return (_FEWER if is_reached else _FEWER_AHEAD).get(step.state, step.label)
    return step.label if is_reached else _AHEAD.get(step.state, step.label)


def _tone(state: OrderState, *, distance: int) -> str:
    """How a step looks that many steps behind (below 0) or ahead of the current one."""
    if distance:
        return "done" if distance < 0 else "todo"
    if state is OrderState.NEEDS_ATTENTION:
        return "bad"
    return "done" if state in (OrderState.READY, OrderState.SCHEDULED) else "here"


def _require_buyer(request: MemberRequest, *, act: str) -> None:
    if not may_buy(request.member.role):
        raise NotAllowed(act)
