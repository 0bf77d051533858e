"""The gate: who calls (by bearer token, never by a cookie), and whether what they send can be read at all."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, cast

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.security import HttpBearer

from perseat import wiring
from perseat.capabilities.customers.api_tokens import TokenHolder, TokenRefused, WhyRefused, get_token_holder
from perseat.domain.calendar import local_day
from perseat.entrypoints.api.problems import RequestRefused

_LONGEST_ADDRESS = 200
_LONGEST_BODY = 64 * 1024
_DEEPEST = 8
_NOT_KEPT = "\x00"  # PostgreSQL keeps no such text
_SENTENCES = {
    WhyRefused.UNKNOWN: "This token is not known. Make one in the Client Area, on the page API tokens.",
    WhyRefused.EXPIRED: "This token has expired. Make a new one in the Client Area, on the page API tokens.",
    WhyRefused.WITHDRAWN: "This token was withdrawn. Make a new one in the Client Area, on the page API tokens.",
}


class ApiRequest(HttpRequest):
    """A request that came through the gate: on whose behalf (`auth`), when, and the JSON of its body."""

    auth: TokenHolder
    now: datetime
    json_body: Any


class BearerToken(HttpBearer):
    """A token that a member made for themselves on the page API tokens."""

    def __call__(self, request: HttpRequest) -> TokenHolder:
        return self.authenticate(request, _token_in(request))

    def authenticate(self, request: HttpRequest, token: str) -> TokenHolder:
        """:raises RequestRefused: 401 with the reason, or when what was sent cannot be read."""
        known = cast("ApiRequest", request)
        known.now = wiring.get_outside().clock.now()
        try:
            holder = get_token_holder(token, now=known.now)
        except TokenRefused as refusal:
            raise RequestRefused(401, code=f"token_{refusal.why}", sentence=_SENTENCES[refusal.why]) from None
        known.json_body = _read(request)
        return holder


class CheckedParser(Parser):
    """Hands on what the gate has read."""

    def parse_body(self, request: HttpRequest) -> Any:
        return cast("ApiRequest", request).json_body


def _token_in(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise RequestRefused(
            401, code="token_missing", sentence="Send a token of yours in the header: Authorization: Bearer perseat_…"
        )
    return token.strip()


def _read(request: HttpRequest) -> Any:
    """The JSON of the body, None when there is none; RequestRefused when it cannot be used."""
    if _NOT_KEPT in request.path or len(request.path) > _LONGEST_ADDRESS:
        raise RequestRefused(404, code="not_found", sentence="There is nothing here under this address.")
    if any(_NOT_KEPT in text for values in request.GET.lists() for text in (values[0], *values[1])):
        raise RequestRefused(400, code="text_not_usable", sentence="The address has a sign that no text may have.")
    body = request.body
    if not body or request.method != "POST":
        return None
    if request.content_type != "application/json":
        raise RequestRefused(
            415, code="content_type_not_usable", sentence="Send JSON, with the header Content-Type: application/json."
        )
    if len(body) > _LONGEST_BODY:
        raise RequestRefused(413, code="body_too_long", sentence="The body is longer than 64 KiB.")
    try:
        found = json.loads(body.decode(), parse_constant=_refuse, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise RequestRefused(400, code="body_is_no_json", sentence="The body cannot be read as JSON.") from None
    _check_texts(found)
    return found


def _refuse(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _check_texts(found: Any) -> None:
    """No text that cannot be kept or written, and no deeper nesting than any request has."""
    waiting: list[tuple[Any, int]] = [(found, 0)]
    while waiting:
        each, depth = waiting.pop()
        if depth > _DEEPEST:
            raise RequestRefused(400, code="body_too_deep", sentence="The body is nested too deeply.")
        if isinstance(each, str) and (_NOT_KEPT in each or any("\ud800" <= sign <= "\udfff" for sign in each)):
            raise RequestRefused(400, code="text_not_usable", sentence="The body has a sign that no text may have.")
        if isinstance(each, dict):
            waiting += [(part, depth + 1) for pair in each.items() for part in pair]
        elif isinstance(each, list):
            waiting += [(part, depth + 1) for part in each]


def today_of(request: ApiRequest) -> date:
    """The customer's local day at the moment of the request."""
    return local_day(request.now, request.auth.member.time_zone)
