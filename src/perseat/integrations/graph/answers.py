"""What an answer of Graph means: done, refused, ours to mend, or not known yet."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from perseat.integrations.graph.sentences import reason_for
from perseat.ports.failures import CredentialsRefused, NotFound, OutsideFailure, Refused, Unanswered

# A JSON object of Graph's; every value is read through the checks in reading.py.
JsonObject = dict[str, Any]

_PASSING_STATUSES = frozenset({408, 409, 412, 423, 425, 429, 500, 502, 503, 504})


def understand(response: httpx.Response) -> JsonObject:
    """The object that was answered, empty when there was no body.

    :raises Refused, NotFound, CredentialsRefused, Unanswered:
    """
    if response.is_success:
        return _parse(response.content)
    raise _failure(response)


def _parse(content: bytes) -> JsonObject:
    try:
        parsed = json.loads(content.decode("utf-8-sig")) if content.strip() else {}
    except ValueError as error:
        raise Unanswered("Microsoft Graph's answer cannot be read.") from error
    if not isinstance(parsed, dict):
        raise Unanswered("Microsoft Graph's answer cannot be read.")
    return parsed


def _failure(response: httpx.Response) -> OutsideFailure:
    code, message, request_id = _error(response)
    if response.status_code in _PASSING_STATUSES:
        return Unanswered(
            "Microsoft Graph is busy and asks us to come back later.",
            retry_after_seconds=_asked_wait(response),
            correlation_id=request_id,
        )
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return CredentialsRefused(f"Microsoft Graph refused our token. Is our application allowed there? ({code})")
    if response.status_code == httpx.codes.FORBIDDEN:
        return CredentialsRefused(
            "Our application lacks a permission for this in the customer's tenant, our delegated access (GDAP) there "
            f"lacks a role or has ended, or the person has an administrator's role that we may not change. ({code})"
        )
    if response.status_code == httpx.codes.NOT_FOUND:
        return NotFound(code=code, sentence="Microsoft does not know this person.", correlation_id=request_id)
    reason = reason_for(message)
    return Refused(code=code, sentence=reason.sentence, details={"reason": reason.name}, correlation_id=request_id)


def _error(response: httpx.Response) -> tuple[str, str, str]:
    """Code, message (with the details' own codes and words) and Microsoft's id of the request."""
    try:
        error = _parse(response.content).get("error")
    except Unanswered:
        error = None
    error = error if isinstance(error, dict) else {}
    inner = error.get("innerError") or error.get("innererror") or {}
    request_id = inner.get("request-id", "") if isinstance(inner, dict) else ""
    details = error.get("details") or []
    more = [f"{part.get('code', '')} {part.get('message', '')}" for part in details if isinstance(part, dict)]
    message = str(error.get("message") or "")
    text = " ".join([message, *(part for part in more if message not in part)])
    code = str(error.get("code") or response.status_code)
    return code, text.strip(), str(request_id or response.headers.get("request-id", ""))


def _asked_wait(response: httpx.Response) -> float | None:
    """The wait in seconds; Microsoft's own sample has a decimal."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*", response.headers.get("Retry-After", ""))
    return float(found.group(1)) if found else None
