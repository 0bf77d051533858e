"""What an answer of Partner Center means: done, refused, ours to mend, or not known yet."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from perseat.integrations.partner_center.record import Record, UnreadableAnswer
from perseat.integrations.partner_center.sentences import (
    DEADLINE_PASSED,
    OURS_TO_MEND,
    PASSING,
    is_for_staff,
    sentence_for,
)
from perseat.ports.failures import CredentialsRefused, NotFound, OutsideFailure, Refused, TooLate, Unanswered

_PASSING_STATUSES = frozenset({408, 409, 412, 425, 429, 500, 502, 503, 504})
_NO_RELATIONSHIP = "20002"
_STALE_ETAG = "2055"
_DENIED = "Partner Center denied us access. Check the application's permissions, the consent and the account's roles."


class StaleResource(Unanswered):
    """What we sent was based on an older state of the resource; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that is no error. `is_accepted`: Microsoft goes on working on it (202), and shows it at `location`."""

    record: Record
    location: str
    correlation_id: str
    is_accepted: bool = False


def understand(response: httpx.Response) -> Answer:
    """The answer, or the failure that it tells of.

    :raises Refused, NotFound, CredentialsRefused, Unanswered:
    """
    correlation_id = response.headers.get("MS-CorrelationId", "").partition(",")[0]
    try:
        record = Record.parse(response.content)
    except UnreadableAnswer:
        if response.is_success:
            raise
        record = Record({})
    if not response.is_success:
        raise _failure(response, record=record, correlation_id=correlation_id)
    is_accepted = response.status_code == httpx.codes.ACCEPTED
    location = response.headers.get("Location", "") if is_accepted else ""
    return Answer(record=record, location=location, correlation_id=correlation_id, is_accepted=is_accepted)


def _failure(response: httpx.Response, *, record: Record, correlation_id: str) -> OutsideFailure:
    status = response.status_code
    code = record.text("code") or str(status)
    if code in OURS_TO_MEND:
        return CredentialsRefused(f"{OURS_TO_MEND[code]} ({code})")
    if status == httpx.codes.UNAUTHORIZED:
        return CredentialsRefused(f"{_DENIED} ({code})")
    if status == httpx.codes.PRECONDITION_FAILED or code == _STALE_ETAG:
        return StaleResource("The subscription has just been changed by someone else.", correlation_id=correlation_id)
    words = record.text("description") or record.text("message")
    if status in _PASSING_STATUSES or code in PASSING:
        seconds = _asked_wait(response, words=words)
        return Unanswered(
            "Partner Center is busy and asks us to come back later.",
            retry_after_seconds=PASSING.get(code) if seconds is None else seconds,
            correlation_id=correlation_id,
        )
    kind: type[Refused] = TooLate if code in DEADLINE_PASSED else Refused
    if status == httpx.codes.NOT_FOUND or code == _NO_RELATIONSHIP:
        kind = NotFound
    return kind(
        code=code,
        sentence=sentence_for(code, description=words),
        correlation_id=correlation_id,
        is_for_staff=is_for_staff(code),
    )


def _asked_wait(response: httpx.Response, *, words: str) -> float | None:
    """The wait in seconds: the header's, else the one that the throttled answer names in its text."""
    named = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*", response.headers.get("Retry-After", ""))
    named = named or re.search(r"[Tt]ry again in (\d+) seconds", words)
    return float(named.group(1)) if named else None
