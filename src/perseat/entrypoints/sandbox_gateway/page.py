"""The hosted page: the payer approves or declines, and chooses how the notice travels to try out bad luck."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from procrastinate.contrib.django import app

from perseat import wiring
from perseat.capabilities.payments.sandbox import decide_sandbox_payment, get_sandbox_outcome
from perseat.integrations.sandbox_gateway import payments
from perseat.ports.payment_gateway import GatewayOutcome

_LATE = timedelta(seconds=20)
_AT_ONCE = timedelta()
_NOTICES = {"at_once": (_AT_ONCE,), "late": (_LATE,), "twice": (_AT_ONCE, _AT_ONCE), "not_at_all": ()}
_DECISIONS = {"approve": GatewayOutcome.SUCCEEDED, "decline": GatewayOutcome.DECLINED}


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the payment; a decision is kept, told by a notice, and leads back to the shop."""
    payment = _payment(token)
    if request.method == "POST" and request.POST.get("decision") in _DECISIONS:
        _decide(
            payment,
            outcome=_DECISIONS[request.POST["decision"]],
            delays=_NOTICES.get(request.POST.get("notice", ""), (_AT_ONCE,)),
        )
        return HttpResponseRedirect(payment.return_address)
    decided = get_sandbox_outcome(payment.gateway_reference)
    context = {
        "payment": payment,
        "is_approved": decided is GatewayOutcome.SUCCEEDED,
        "is_declined": decided is GatewayOutcome.DECLINED,
        "late_seconds": int(_LATE.total_seconds()),
    }
    return render(request, "sandbox_page.html", context)


def _payment(token: str) -> payments.SandboxPayment:
    if settings.PERSEAT.sandbox_gateway != "on":
        raise Http404
    try:
        return payments.read_page_token(token, secret=wiring.sandbox_secret(settings.PERSEAT))
    except payments.ForgedPage:
        raise Http404 from None


@transaction.atomic
def _decide(payment: payments.SandboxPayment, *, outcome: GatewayOutcome, delays: tuple[timedelta, ...]) -> None:
    """The first decision stays, and only it is told."""
    decision = decide_sandbox_payment(
        payment.gateway_reference,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        description=payment.description,
        return_address=payment.return_address,
        outcome=outcome,
    )
    if not decision.is_new:
        return
    body = payments.make_notice_body(payment, outcome=outcome).decode()
    for delay in delays:
        job = app.configure_task("sandbox.send_notice", schedule_in={"seconds": int(delay.total_seconds())})
        job.defer(body=body)
