"""Refunds: the shop's server sends a part of a payment back, or asks whether it did."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from perseat import wiring
from perseat.capabilities.payments.sandbox import is_sandbox_refund_known, refund_sandbox_payment
from perseat.integrations.sandbox_gateway import payments


@csrf_exempt
@require_http_methods(["GET", "PUT"])
def refund(request: HttpRequest, reference: str, refund_id: str) -> HttpResponse:
    """PUT: 200 when it is sent (also when it was before), 409 when it cannot be. GET: 200, or 404 when unknown."""
    if settings.PERSEAT.sandbox_gateway != "on":
        raise Http404
    if not payments.may_refund(
        request.headers.get("Authorization", ""),
        gateway_reference=reference,
        refund_id=refund_id,
        secret=wiring.sandbox_secret(settings.PERSEAT),
    ):
        return JsonResponse({"error": "This key may not refund this payment."}, status=401)
    if request.method == "GET":
        is_known = is_sandbox_refund_known(reference, refund_id=refund_id)
        return JsonResponse({"refund": refund_id}, status=200 if is_known else 404)
    wanted = _read(request.body)
    if wanted is None:
        return JsonResponse({"error": "The refund cannot be read."}, status=400)
    amount_minor, currency = wanted
    is_sent = refund_sandbox_payment(reference, refund_id=refund_id, amount_minor=amount_minor, currency=currency)
    return JsonResponse({"refund": refund_id}, status=200 if is_sent else 409)


def _read(body: bytes) -> tuple[int, str] | None:
    try:
        told = json.loads(body)
        amount_minor, currency = told["amount_minor"], told["currency"]
    except (ValueError, KeyError, TypeError):
        return None
    return (amount_minor, currency) if type(amount_minor) is int and isinstance(currency, str) else None
