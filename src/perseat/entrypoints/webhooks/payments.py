"""Payment notices: a gateway tells what became of a payment. Only its signature is believed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from perseat import wiring
from perseat.journeys.paying import GatewayUnknown, take_notice
from perseat.ports.payment_gateway import ForgedNotice

_LONGEST_NOTICE = 64 * 1024


@csrf_exempt
@require_POST
def payments(request: HttpRequest, gateway: str) -> HttpResponse:
    """204 when the notice is kept (also when it was before); 400 when it is not the gateway's."""
    if len(request.body) > _LONGEST_NOTICE:
        return JsonResponse({"error": "The notice is longer than 64 KiB."}, status=413)
    outside = wiring.get_outside()
    try:
        take_notice(outside, gateway=gateway, body=request.body, headers=request.headers, now=outside.clock.now())
    except ForgedNotice as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    except GatewayUnknown:
        return JsonResponse({"error": f"There is no payment gateway named {gateway}."}, status=404)
    return HttpResponse(status=204)
