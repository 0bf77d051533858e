"""Undoing drift: a delivery without an order drives the supplier back to what was promised, and then looks again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perseat.capabilities.provisioning import actions
from perseat.capabilities.provisioning.drifts import reopen_drift
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import MOVING_STATES, Work, get_work, list_due_alone
from perseat.domain import events
from perseat.domain.delivery_plan import is_worth_asking, retry_delay
from perseat.domain.fulfillment import DeliveryState
from perseat.journeys.delivery import carry_out
from perseat.journeys.delivery_outcomes import (
    Accepted,
    ChangedElsewhere,
    Done,
    FinallyRefused,
    NotUsed,
    Outcome,
    ReturnAnswered,
    Stuck,
    Unknown,
)
from perseat.journeys.delivery_waiting import ASK_AGAIN_WHEN_OFF
from perseat.journeys.reactions import react
from perseat.ports.outside import Outside


def deliver_undo(outside: Outside, delivery_id: int) -> None:
    """Carry it out as far as it goes now. Safe to run any number of times, also after a crash at any line."""
    work = _take(delivery_id, now=outside.clock.now())
    if work is None:
        return
    outcome = carry_out(outside, work)
    with transaction.atomic():
        _record(work, outcome, now=outside.clock.now())


def deliver_due_undos(now: datetime) -> int:
    """Queue every one whose time has come; the schedule's safety net. Returns how many."""
    due = list_due_alone(now)
    for delivery_id in due:
        react(events.UndoingDecided(delivery_id=delivery_id))
    return len(due)


@transaction.atomic
def _take(delivery_id: int, *, now: datetime) -> Work | None:
    row = Delivery.objects.select_for_update(no_key=True).filter(pk=delivery_id, order=None).first()
    if row is None or row.state not in MOVING_STATES or (row.next_attempt_at and row.next_attempt_at > now):
        return None
    actions.mark_asking(row)
    return get_work(delivery_id)


def _record(work: Work, outcome: Outcome, *, now: datetime) -> None:
    row = Delivery.objects.select_for_update(no_key=True).only("id", "state").get(pk=work.delivery_id)
    if row.state not in MOVING_STATES:
        return  # recorded by another worker
    match outcome:
        case Done():
            actions.finish_delivery(work.delivery_id, state=DeliveryState.DONE, now=now, sentence=outcome.sentence)
            react(events.SeatsMayDiffer(tenant_id=work.tenant_id))
        case Accepted():
            until = now + retry_delay(work.attempts, spread_percent=0)
            actions.accept_delivery(work.delivery_id, now=now, until=until, sentence=outcome.sentence)
            react(events.UndoingDecided(delivery_id=work.delivery_id, at=until))
        case Unknown():
            _ask_again_later(work, outcome, now=now)
        case FinallyRefused() | Stuck():
            _give_back(work, sentence=outcome.sentence, code=outcome.code, now=now)
        case ChangedElsewhere():
            _give_back(work, sentence=outcome.sentence, code="", now=now)
        case ReturnAnswered() | NotUsed():
            raise AssertionError("only an order's own seats are credited, or upgraded, by the supplier")


def _ask_again_later(work: Work, outcome: Unknown, *, now: datetime) -> None:
    if not is_worth_asking(first_asked_at=work.driven_since, now=now):
        _give_back(work, sentence=f"No answer for a day. {outcome.sentence}", code="", now=now)
        return
    wait = ASK_AGAIN_WHEN_OFF if outcome.is_switched_off else retry_delay(work.attempts, spread_percent=0)
    until = now + wait
    actions.postpone_delivery(work.delivery_id, until=until, sentence=outcome.sentence)
    react(events.UndoingDecided(delivery_id=work.delivery_id, at=until))


def _give_back(work: Work, *, sentence: str, code: str, now: datetime) -> None:
    """The delivery is over, and staff decide about the drift again, with what stood in the way."""
    actions.finish_delivery(work.delivery_id, state=DeliveryState.REFUSED, now=now, sentence=sentence, code=code)
    reopen_drift(work.delivery_id, sentence=sentence)
    react(events.SeatsMayDiffer(tenant_id=work.tenant_id))
