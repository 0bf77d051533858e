"""Replies: a request that comes again with its idempotency key gets the answer of the first time.

Requests with one key take turns by an advisory lock of the database session: it is no transaction, so what a request
does may speak to the outside, and a killed process lets go of it by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from django.db import OperationalError, connection
from django.db.models import QuerySet

from perseat.capabilities.customers.models import ApiReply

KEPT_FOR = timedelta(hours=24)
_LONGEST_WAIT_SECONDS = 30


class KeyUsedOtherwise(ValueError):
    """The key came before with another body."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used with another body. Take a new key for a new request.")


class StillAnswering(Exception):
    """The first request with the key is still being answered."""

    def __init__(self) -> None:
        super().__init__("The first request with this Idempotency-Key is still being answered. Ask again in a while.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request that shall count once: of one token, to one address, under one key."""

    token_id: int
    endpoint: str
    key: str
    request_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it was given: HTTP status and JSON text."""

    status: int
    body: str


@contextmanager
def one_at_a_time(request: KeyedRequest) -> Iterator[None]:
    """Within, no other request with the same token, address and key is answered.

    :raises StillAnswering: when another one takes longer than half a minute.
    """
    name = f"{request.token_id} {request.endpoint} {request.key}"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    _lock(number)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def find_reply(request: KeyedRequest, *, now: datetime) -> Reply | None:
    """What was answered within the last 24 hours.

    :raises KeyUsedOtherwise: when the key came with another body.
    """
    found = _replies(request).filter(made_at__gt=now - KEPT_FOR).first()
    if found is None:
        return None
    if found.request_hash != request.request_hash:
        raise KeyUsedOtherwise
    return Reply(status=found.status, body=found.body)


def keep_reply(request: KeyedRequest, *, reply: Reply, now: datetime) -> None:
    """Keep an answer, and forget those of the same token that are older than 24 hours."""
    ApiReply.objects.filter(token_id=request.token_id, made_at__lte=now - KEPT_FOR).delete()
    _replies(request).get_or_create(
        defaults={
            "token_id": request.token_id,
            "endpoint": request.endpoint,
            "key": request.key,
            "request_hash": request.request_hash,
            "status": reply.status,
            "body": reply.body,
            "made_at": now,
        }
    )


def _replies(request: KeyedRequest) -> QuerySet[ApiReply]:
    return ApiReply.objects.filter(token_id=request.token_id, endpoint=request.endpoint, key=request.key)


def _lock(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{_LONGEST_WAIT_SECONDS}s"])
        try:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
        except OperationalError as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise StillAnswering from None
            raise
        finally:
            cursor.execute("RESET lock_timeout")
