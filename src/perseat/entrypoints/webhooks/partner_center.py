"""Partner Center's notices: something changed at a tenant. Only their signature is believed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from perseat import wiring
from perseat.journeys.drift import take_supplier_notice
from perseat.ports.supplier_notices import NoticeRefused

_LONGEST_NOTICE = 16 * 1024


@csrf_exempt
@require_POST
def partner_center(request: HttpRequest) -> HttpResponse:
    """204 when the notice is kept (also when it was before); 401 when it is not Microsoft's."""
    if len(request.body) > _LONGEST_NOTICE:
        return JsonResponse({"error": "The notice is longer than 16 KiB."}, status=413)
    try:
        take_supplier_notice(wiring.get_outside(), body=request.body, headers=request.headers)
    except NoticeRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=401)
    return HttpResponse(status=204)
