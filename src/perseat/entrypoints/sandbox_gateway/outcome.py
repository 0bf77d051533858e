"""The status address: what became of a payment, for the shop's server only."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from perseat import wiring
from perseat.capabilities.payments.sandbox import get_sandbox_outcome
from perseat.integrations.sandbox_gateway import payments


@require_GET
def outcome(request: HttpRequest, reference: str) -> HttpResponse:
    """The outcome; 404 while nobody has decided."""
    if settings.PERSEAT.sandbox_gateway != "on":
        raise Http404
    authorization = request.headers.get("Authorization", "")
    secret = wiring.sandbox_secret(settings.PERSEAT)
    if not payments.may_ask(authorization, gateway_reference=reference, secret=secret):
        return JsonResponse({"error": "This key may not ask about this payment."}, status=401)
    decided = get_sandbox_outcome(reference)
    if decided is None:
        return JsonResponse({"error": "Nobody has decided about this payment."}, status=404)
    return JsonResponse({"reference": reference, "outcome": decided.value})
