"""Is the process there (`/healthz`), can it work (`/readyz`)? The supplier's state is told, and fails nothing."""

from __future__ import annotations

import time

import httpx
import structlog
from django.conf import settings
from django.db import Error as DjangoDatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = structlog.get_logger(__name__)

_SUPPLIER_IS_ASKED_EVERY_SECONDS = 15
_supplier_was: tuple[float, str] | None = None


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when the database and the queue answer, 503 when one does not."""
    found = {"database": _answers("SELECT 1"), "queue": _answers("SELECT 1 FROM procrastinate_jobs LIMIT 1")}
    ready = all(state == "ok" for state in found.values())
    supplier = {"state": supplier_state(), "writes": settings.PERSEAT.supplier_writes}
    return JsonResponse({"ready": ready, **found, "supplier": supplier}, status=200 if ready else 503)


def supplier_state() -> str:
    """`answers` or `does not answer`; asked at most every 15 seconds, with a second's patience."""
    global _supplier_was  # noqa: PLW0603 - the process's memory of its last question
    now = time.monotonic()
    if _supplier_was is None or now - _supplier_was[0] > _SUPPLIER_IS_ASKED_EVERY_SECONDS:
        try:
            httpx.get(settings.PERSEAT.partner_center_base_url, timeout=1.0, follow_redirects=False)
            state = "answers"
        except httpx.HTTPError:
            state = "does not answer"
        _supplier_was = (now, state)
    return _supplier_was[1]


def _answers(query: str) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
    except DjangoDatabaseError as error:
        log.warning("not ready", reason=str(error))
        return "does not answer"
    return "ok"
