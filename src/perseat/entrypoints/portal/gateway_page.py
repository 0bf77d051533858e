"""Gateway page: how a payer gets to the gateway's own page and back."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from perseat import wiring
from perseat.entrypoints.portal.access import MemberRequest
from perseat.entrypoints.portal.clock import present_moment
from perseat.journeys.paying import OrderCannotBePaid, start_gateway_payment
from perseat.ports.failures import Refused, Unanswered


def send_to_gateway(request: MemberRequest, *, order_id: int, gateway: str) -> HttpResponse:
    """Start the payment and lead to its page; when that fails, the order waits and can be paid again."""
    here = reverse("portal:order", args=[order_id])
    try:
        address = start_gateway_payment(
            wiring.get_outside(),
            customer_id=request.member.customer_id,
            order_id=order_id,
            gateway=gateway,
            return_address=request.build_absolute_uri(here + "?returned=1"),
            now=present_moment(),
        )
    except OrderCannotBePaid as refusal:
        messages.info(request, str(refusal))
        return redirect(here)
    except (Refused, Unanswered):
        messages.error(
            request,
            "The payment page cannot be reached right now. Nothing was charged and your order is kept: "
            "try again in a few minutes, or pay by bank transfer.",
        )
        return redirect(here)
    return HttpResponseRedirect(_on_this_host(request, address))


def _on_this_host(request: MemberRequest, address: str) -> str:
    """A page of our own, as the sandbox's is, at the host that the browser is on, whatever name the settings know.

    Browsers hold redirects after a form to the policy `form-action 'self'`, too; cookies know one host only.
    """
    own = f"{settings.PERSEAT.base_url}/"
    return request.build_absolute_uri(f"/{address.removeprefix(own)}") if address.startswith(own) else address
