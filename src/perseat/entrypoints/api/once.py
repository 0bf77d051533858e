"""Once: a POST with an Idempotency-Key is carried out one time, and answered the same way whenever it comes again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpResponse

from perseat.capabilities.customers.api_replies import KeyedRequest, Reply, find_reply, keep_reply, one_at_a_time
from perseat.entrypoints.api.gate import ApiRequest
from perseat.entrypoints.api.problems import KNOWN, RequestRefused, reply_to

HEADER = "Idempotency-Key"
_USABLE = re.compile(r"[!-~]{1,200}")
Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[ApiRequest, Parameters], HttpResponse]


def answered_once(view: View[Parameters]) -> View[Parameters]:
    """Answers below 500 are kept for 24 hours, refusals included; without a key nothing is kept."""

    @wraps(view)
    def answer(request: ApiRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponse:
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None:
            return view(request, *args, **kwargs)
        asked = _keyed(request, key)
        with one_at_a_time(asked):
            before = find_reply(asked, now=request.now)
            if before is not None:
                return HttpResponse(before.body, status=before.status, content_type="application/json")
            try:
                response = view(request, *args, **kwargs)
            except KNOWN as error:
                response = reply_to(error)
            if response.status_code < 500:
                reply = Reply(status=response.status_code, body=response.content.decode())
                keep_reply(asked, reply=reply, now=request.now)
            return response

    return answer


def _keyed(request: ApiRequest, key: str) -> KeyedRequest:
    if not _USABLE.fullmatch(key):
        sentence = "An Idempotency-Key has 1 to 200 visible ASCII characters, such as a UUID."
        raise RequestRefused(400, code="key_not_usable", sentence=sentence, field=HEADER)
    return KeyedRequest(
        token_id=request.auth.token_id,
        endpoint=request.path,
        key=key,
        request_hash=hashlib.sha256(request.body).hexdigest(),
    )
