"""What can come of carrying out one delivery, and of asking one question; every answer is written down."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction

from perseat.capabilities.provisioning.actions import record_attempt
from perseat.capabilities.provisioning.queries import Work
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered, WritesAreOff
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import SupplierSubscription

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The supplier holds what we want, and it can be used. `sentence`: what the staff should know about it.

    `reading`: what it was last seen to hold.
    """

    sentence: str = ""
    reading: SupplierSubscription | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAnswered:
    """The supplier has said how many of the seats that were given back it takes; `held_there`: what is left there."""

    held_there: int
    code: str = ""
    sentence: str = ""
    reading: SupplierSubscription | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The supplier has accepted; the seats cannot be seen yet."""

    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nothing is known, or nothing was sent: ask again later. `customer_sentence`: when the order should say so."""

    sentence: str
    retry_after_seconds: float | None = None
    customer_sentence: str = ""
    is_switched_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUsed:
    """An upgrade that is not asked for, or came to nothing: the deliveries behind it do the work."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinallyRefused:
    """The supplier said no to an increase; asking again will not help."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """Only a person of the staff can decide what to do."""

    sentence: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedElsewhere:
    """Somebody added seats there since the supplier was read last; driving on would take them away unseen."""

    sentence: str
    reading: SupplierSubscription


Outcome = Done | ReturnAnswered | Accepted | Unknown | NotUsed | FinallyRefused | Stuck | ChangedElsewhere

CHANGED_ELSEWHERE = "These seats were changed elsewhere, too. We look into it, and go on then."
SUSPENDED = "Your seats are suspended at the moment; this order goes on as soon as they are open again."
SWITCHED_OFF = "Microsoft ordering is switched off here; your seats wait."


def ask(outside: Outside, work: Work, *, question: str, call: Callable[[uuid.UUID], Answer], about: str = "") -> Answer:
    """Ask one thing with a request id that is the same whenever the same is asked, and write the answer down.

    The failures of `perseat.ports.failures` pass through.
    """
    request_id = request_id_of(work, question=question, about=about)
    words = f"{question} {about}".strip()
    try:
        answer = call(request_id)
    except (Refused, Unanswered, CredentialsRefused, WritesAreOff) as failure:
        _log(
            outside,
            work,
            question=words,
            request_id=request_id,
            outcome=type(failure).__name__,
            detail=str(failure),
            correlation_id=getattr(failure, "correlation_id", ""),
        )
        raise
    _log(outside, work, question=words, request_id=request_id, outcome="Answered")
    return answer


def request_id_of(work: Work, *, question: str, about: str = "") -> uuid.UUID:
    """Derived from the delivery's own, so that a repetition after a crash sends the same one."""
    return uuid.uuid5(work.request_id, f"{question} {about}".strip())


def _log(
    outside: Outside,
    work: Work,
    *,
    question: str,
    request_id: uuid.UUID,
    outcome: str,
    detail: str = "",
    correlation_id: str = "",
) -> None:
    with transaction.atomic():
        record_attempt(
            work.delivery_id,
            at=outside.clock.now(),
            question=question,
            request_id=request_id,
            outcome=outcome,
            detail=detail,
            correlation_id=correlation_id,
        )
