"""Delivery: an order's intentions are driven, one after another, until Microsoft holds what was accepted.

Load and mark the next delivery (one transaction) → ask, with no transaction open → record the answer (one
transaction) → again. A worker may be killed at any line: what was asked may be asked again, and has one effect.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.ordering.models import Order
from perseat.capabilities.ordering.progress import advance_order, say_on_order
from perseat.capabilities.provisioning import actions
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import (
    MOVING_STATES,
    OPEN_STATES,
    DeliveryUnknown,
    Work,
    get_work,
    list_due_orders,
    list_orders_of_service_with_work,
    may_be_bought_instead,
)
from perseat.capabilities.provisioning.returns import GIVEN_UP, list_return_answers
from perseat.domain import events
from perseat.domain.delivery_plan import Step, is_only_planned, is_worth_asking, retry_delay
from perseat.domain.fulfillment import DeliveryAct, DeliveryState, OrderState
from perseat.journeys.deadlines import keep_deadlines
from perseat.journeys.delivery_outcomes import (
    SWITCHED_OFF,
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
from perseat.journeys.delivery_people import deliver_people
from perseat.journeys.delivery_seats import deliver_seats
from perseat.journeys.delivery_upgrade import deliver_upgrade, finish_what_it_covers
from perseat.journeys.delivery_waiting import (
    ASK_AGAIN_WHEN_OFF,
    wait_for_the_switch,
    waits_for_a_decision,
    waits_for_suspended_seats,
)
from perseat.journeys.drift import keep_what_was_found, look_again_if_drifted
from perseat.journeys.reactions import Job, defer, deliver, react
from perseat.journeys.refusal import lock_customer_of_order, reverse_refused
from perseat.journeys.returns import record_return
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered, WritesAreOff
from perseat.ports.outside import Outside

log = structlog.get_logger(__name__)

ASK_AGAIN_WHEN_DENIED = timedelta(minutes=5)
_DRIVEN = (OrderState.PAID, OrderState.ORDERING, OrderState.AT_MICROSOFT, OrderState.NEEDS_ATTENTION)


class NotWaitingForStaff(Exception):
    """The delivery is under way or over; there is nothing to decide."""


def deliver_order(outside: Outside, order_id: int) -> None:
    """Drive an order as far as it goes now. Safe to run any number of times, also after a crash at any line."""
    while (delivery_id := _take(outside, order_id)) is not None:
        work = get_work(delivery_id)
        outcome = carry_out(outside, work)
        with transaction.atomic():
            if isinstance(outcome, FinallyRefused | ReturnAnswered):
                lock_customer_of_order(order_id)  # money moves: the customer's row is locked first, as everywhere
            Order.objects.select_for_update(no_key=True).get(pk=order_id)
            _record(work, outcome, now=outside.clock.now())


def deliver_due_orders(now: datetime) -> int:
    """Queue every order with a delivery whose time has come; the schedule's safety net. Returns how many."""
    orders = list_due_orders(now)
    for order_id in orders:
        job = deliver(order_id)
        defer(Job(task=job.task, arguments=job.arguments, lock=job.lock, waits_once=f"deliver-{order_id}"))
    return len(orders)


@transaction.atomic
def retry_delivery(delivery_id: int, *, actor: str, now: datetime) -> None:
    """Staff: let a parked or waiting delivery run at once. :raises NotWaitingForStaff: when it is neither."""
    delivery = _delivery_for_staff(delivery_id)
    if not actions.unpark_delivery(delivery_id, now=now):
        raise NotWaitingForStaff(delivery_id)
    _audit("retried delivery", delivery, actor=actor, now=now)
    if delivery.order is not None and delivery.order.state == OrderState.NEEDS_ATTENTION:
        said = _said_of_refusals(delivery.order)
        advance_order(delivery.order.pk, to=OrderState.ORDERING, at=now, note="We try again.", attention=said)
    if delivery.order_id is not None:
        react(events.DeliveryAdvanced(order_id=delivery.order_id))


@transaction.atomic
def park_delivery(delivery_id: int, *, reason: str, actor: str, now: datetime) -> None:
    """Staff: stop a delivery until somebody lets it run. :raises NotWaitingForStaff: when it is over."""
    delivery = _delivery_for_staff(delivery_id)
    if delivery.state not in MOVING_STATES:
        raise NotWaitingForStaff(delivery_id)
    actions.park_delivery(delivery_id, sentence=reason)
    _audit("parked delivery", delivery, actor=actor, now=now, reason=reason)
    if delivery.order_id is not None:
        _needs_attention(delivery.order_id, sentence=reason, now=now)


@transaction.atomic
def give_delivery_up(delivery_id: int, *, reason: str, actor: str, now: datetime) -> None:
    """Staff: a parked increase that nothing was bought for ends here, and its money goes back by a credit note.

    A parked return ends as one that the supplier refused: nothing is credited, and the seats go with the renewal.

    :raises NotWaitingForStaff: when it is not parked, neither of them, or the supplier has taken an order for it.
    """
    work = get_work(delivery_id)
    lock_customer_of_order(work.order_id)
    delivery = _delivery_for_staff(delivery_id)
    if delivery.state != DeliveryState.PARKED or delivery.supplier_order_id:
        raise NotWaitingForStaff(delivery_id)
    if not work.is_increase and not work.is_return:
        raise NotWaitingForStaff(delivery_id)
    _audit("gave delivery up", delivery, actor=actor, now=now, reason=reason)
    if work.is_return:
        held_there = delivery.supplier_seats or work.seats_before
        record_return(work, held_there=held_there, code=GIVEN_UP, sentence=reason, now=now)
    else:
        reverse_refused(work, code=delivery.error_code, sentence=reason, now=now)
    _finish_order_if_over(work.order_id, now=now)


@transaction.atomic
def buy_instead(delivery_id: int, *, reason: str, actor: str, now: datetime) -> None:
    """Staff: do without the supplier's upgrade; the seats are bought, people moved, and the old seats go last.

    :raises NotWaitingForStaff: when it is no parked upgrade, or the supplier has it under way.
    """
    delivery = _delivery_for_staff(delivery_id)
    if delivery.state != DeliveryState.PARKED or not may_be_bought_instead(delivery) or delivery.order is None:
        raise NotWaitingForStaff(delivery_id)
    _audit("bought instead of upgrading", delivery, actor=actor, now=now, reason=reason)
    actions.cancel_deliveries([delivery_id], now=now, sentence=reason)
    if delivery.order.state == OrderState.NEEDS_ATTENTION:
        said = _said_of_refusals(delivery.order)
        advance_order(delivery.order.pk, to=OrderState.ORDERING, at=now, note="We go on.", attention=said)
    react(events.DeliveryAdvanced(order_id=delivery.order.pk))


def _take(outside: Outside, order_id: int) -> int | None:
    """Mark the next delivery of the order; None when nothing can be done now."""
    now = outside.clock.now()
    with transaction.atomic():
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        if OrderState(order.state) not in (*_DRIVEN, OrderState.SCHEDULED) or _must_wait(order, now=now):
            return None
        if not Delivery.objects.filter(order_id=order_id, state__in=OPEN_STATES).exists():
            _finish_order_if_over(order_id, now=now)
            return None
        if not outside.supplier_writes and not order.deliveries.filter(state=DeliveryState.AT_SUPPLIER).exists():
            wait_for_the_switch(order, now=now)
            return None
        delivery_id = actions.take_next(order_id, now=now)
        if delivery_id is not None:
            _say_ordering(order, now=now)
        return delivery_id


def _must_wait(order: Order, *, now: datetime) -> bool:
    """Totals are absolute, so the orders of a service are delivered in the order in which they were made."""
    earlier = Delivery.objects.filter(order__service_id=order.service_id, order_id__lt=order.pk, state__in=OPEN_STATES)
    first = earlier.order_by("order_id").first()
    if first is not None and first.state == DeliveryState.PARKED:
        say_on_order(order.pk, attention=f"Waits until order {first.order_id} can go on.", at=now)
    return first is not None or waits_for_suspended_seats(order, now=now) or waits_for_a_decision(order, now=now)


def _say_ordering(order: Order, *, now: datetime) -> None:
    if order.state != OrderState.PAID:
        if order.attention == SWITCHED_OFF:
            say_on_order(order.pk, attention="", at=now)
        return
    acts = [DeliveryAct(each) for each in order.deliveries.values_list("act", flat=True)]
    to = OrderState.SCHEDULED if is_only_planned(acts) else OrderState.ORDERING
    advance_order(order.pk, to=to, at=now)


def carry_out(outside: Outside, work: Work) -> Outcome:
    """Ask, with no transaction open. Every failure outside becomes one of the outcomes."""
    try:
        return _deliver(outside, work)
    except Unanswered as silence:
        return Unknown(sentence=silence.sentence, retry_after_seconds=silence.retry_after_seconds)
    except CredentialsRefused as denied:
        return Unknown(sentence=denied.sentence, retry_after_seconds=ASK_AGAIN_WHEN_DENIED.total_seconds())
    except WritesAreOff:
        return Unknown(sentence=SWITCHED_OFF, is_switched_off=True)
    except Refused as refusal:
        return Stuck(code=refusal.code, sentence=refusal.sentence)


def _deliver(outside: Outside, work: Work) -> Outcome:
    match work.act:
        case DeliveryAct.UPGRADE:
            return deliver_upgrade(outside, work)
        case DeliveryAct.MOVE_PEOPLE:
            return deliver_people(outside, work)
        case DeliveryAct.BUY | DeliveryAct.SET_SEATS | DeliveryAct.END | DeliveryAct.PLAN_RENEWAL:
            return deliver_seats(outside, work)


def _record(work: Work, outcome: Outcome, *, now: datetime) -> None:
    """Write the answer down, with what follows from it, in the caller's transaction."""
    if not _is_still_moving(work):
        return  # somebody else has recorded an end meanwhile, or staff stopped it; what was asked is read back then
    match outcome:
        case Done() | NotUsed():
            _record_done(work, outcome, now=now)
            _finish_order_if_over(work.order_id, now=now)
        case ReturnAnswered():
            record_return(work, held_there=outcome.held_there, code=outcome.code, sentence=outcome.sentence, now=now)
            keep_deadlines(work.subscription_id, outcome.reading, now=now)
            _finish_order_if_over(work.order_id, now=now)
        case Accepted():
            until = now + retry_delay(work.attempts, spread_percent=_spread_percent(work))
            actions.accept_delivery(work.delivery_id, now=now, until=until, sentence=outcome.sentence)
            _say_at_microsoft(work.order_id, now=now)
            react(events.DeliveryPostponed(order_id=work.order_id, at=until))
        case Unknown():
            _ask_again_later(work, outcome, now=now)
        case FinallyRefused():
            reverse_refused(work, code=outcome.code, sentence=outcome.sentence, now=now)
            _finish_order_if_over(work.order_id, now=now)
        case Stuck() | ChangedElsewhere():
            _hand_over(work, outcome, now=now)


def _hand_over(work: Work, outcome: Stuck | ChangedElsewhere, *, now: datetime) -> None:
    """Staff decide: about the delivery, or about what was found there, for which it waits."""
    if isinstance(outcome, ChangedElsewhere):
        actions.postpone_delivery(work.delivery_id, until=now + ASK_AGAIN_WHEN_OFF, sentence=outcome.sentence)
        actions.forget_directory_seats(work.delivery_id)
        keep_what_was_found(work, outcome.reading, now=now)
        return
    actions.park_delivery(work.delivery_id, code=outcome.code, sentence=outcome.sentence)
    _needs_attention(work.order_id, sentence=outcome.sentence, now=now)


def _record_done(work: Work, outcome: Done | NotUsed, *, now: datetime) -> None:
    if isinstance(outcome, NotUsed):
        state = DeliveryState.CANCELLED
        actions.finish_delivery(work.delivery_id, state=state, now=now, sentence=outcome.sentence)
        return
    actions.finish_delivery(work.delivery_id, state=DeliveryState.DONE, now=now, sentence=outcome.sentence)
    if work.act is DeliveryAct.UPGRADE:
        finish_what_it_covers(work, outcome.reading, now=now)
    keep_deadlines(work.subscription_id, outcome.reading, now=now)
    look_again_if_drifted(work)


def _is_still_moving(work: Work) -> bool:
    row = Delivery.objects.select_for_update(no_key=True).only("id", "state").get(pk=work.delivery_id)
    return row.state in MOVING_STATES


def _ask_again_later(work: Work, outcome: Unknown, *, now: datetime) -> None:
    if outcome.is_switched_off:
        say_on_order(work.order_id, attention=SWITCHED_OFF, at=now)
        actions.postpone_delivery(work.delivery_id, until=now + ASK_AGAIN_WHEN_OFF, sentence=SWITCHED_OFF)
        return
    if not is_worth_asking(first_asked_at=work.driven_since, now=now):
        actions.park_delivery(work.delivery_id, sentence=f"No answer for a day. {outcome.sentence}")
        _needs_attention(work.order_id, sentence="Microsoft has not answered for a day; we look into it.", now=now)
        return
    wait = max(
        retry_delay(work.attempts, spread_percent=_spread_percent(work)),
        timedelta(seconds=outcome.retry_after_seconds or 0),
    )
    if work.state is DeliveryState.AT_SUPPLIER:
        actions.accept_delivery(work.delivery_id, now=now, until=now + wait, sentence=outcome.sentence)
    else:
        actions.postpone_delivery(work.delivery_id, until=now + wait, sentence=outcome.sentence)
    react(events.DeliveryPostponed(order_id=work.order_id, at=now + wait))


def _say_at_microsoft(order_id: int, *, now: datetime) -> None:
    """Said once everything that can be asked now has been accepted."""
    deliveries = Delivery.objects.filter(order_id=order_id)
    there = deliveries.filter(state=DeliveryState.AT_SUPPLIER).values("subscription")
    still_asked = deliveries.filter(
        state__in=[DeliveryState.WAITING, DeliveryState.ASKING], step__lte=Step.INCREASES
    ).exclude(subscription__in=there)
    order = Order.objects.only("id", "state", "attention").get(pk=order_id)
    if order.state == OrderState.ORDERING and not still_asked.exists():
        advance_order(order_id, to=OrderState.AT_MICROSOFT, at=now, attention=_said_of_refusals(order))


def _finish_order_if_over(order_id: int, *, now: datetime) -> None:
    """Close an order whose deliveries are all over, and wake the next order of the service."""
    rows = list(Delivery.objects.filter(order_id=order_id).values_list("state", "act"))
    if any(state in OPEN_STATES for state, _act in rows):
        return
    order = Order.objects.get(pk=order_id)
    state = OrderState(order.state)
    if state is OrderState.PAID:
        advance_order(order_id, to=OrderState.ORDERING, at=now)
        state = OrderState.ORDERING
    if state in _DRIVEN:
        _close(order, states=[each for each, _act in rows], now=now)
    for later in list_orders_of_service_with_work(order.service_id, after_order_id=order_id)[:1]:
        react(events.DeliveryAdvanced(order_id=later))


def _close(order: Order, *, states: list[str], now: datetime) -> None:
    refused = DeliveryState.REFUSED in states
    if order.is_return and not any(each.taken for each in list_return_answers(order.pk)):
        _close_refused_return(order, now=now)
        return
    if refused and DeliveryState.DONE not in states:
        if order.state != OrderState.NEEDS_ATTENTION:
            advance_order(order.pk, to=OrderState.NEEDS_ATTENTION, at=now, attention=order.attention)
        advance_order(order.pk, to=OrderState.CANCELLED, at=now, attention=order.attention)
        react(events.OrderNeedsAttention(order_id=order.pk))
        return
    moved = advance_order(order.pk, to=OrderState.READY, at=now, attention=_said_of_refusals(order))
    if moved:
        react(events.OrderReady(order_id=order.pk))


def _close_refused_return(order: Order, *, now: datetime) -> None:
    """What is left of the order is the plan for the renewal; it says so, and why."""
    if order.state != OrderState.NEEDS_ATTENTION:
        advance_order(order.pk, to=OrderState.NEEDS_ATTENTION, at=now, attention=order.attention)
    advance_order(order.pk, to=OrderState.SCHEDULED, at=now, attention=order.attention)
    react(events.OrderNeedsAttention(order_id=order.pk))


def _said_of_refusals(order: Order) -> str:
    """The sentence about a refused line stays on the order; every other one is over when the order moves on."""
    refused = Delivery.objects.filter(order_id=order.pk, state=DeliveryState.REFUSED)
    is_kept_in_part = order.is_return and any(
        not each.is_open and each.taken < each.asked for each in list_return_answers(order.pk)
    )
    return order.attention if is_kept_in_part or refused.exists() else ""


def _needs_attention(order_id: int, *, sentence: str, now: datetime) -> None:
    """A scheduled order stays so: only the provider's own seats wait for somebody."""
    order = Order.objects.only("id", "state").get(pk=order_id)
    if OrderState(order.state) not in _DRIVEN:
        return
    if order.state == OrderState.NEEDS_ATTENTION:
        say_on_order(order_id, attention=sentence, at=now)
        return
    advance_order(order_id, to=OrderState.NEEDS_ATTENTION, at=now, attention=sentence)
    react(events.OrderNeedsAttention(order_id=order_id))


def _spread_percent(work: Work) -> int:
    """From 0 to 100, the same for each attempt of a delivery and different between deliveries."""
    return work.request_id.int % 101


def _delivery_for_staff(delivery_id: int) -> Delivery:
    """Locks the order, then its delivery, as the worker does."""
    order_id = Delivery.objects.filter(pk=delivery_id).values_list("order_id", flat=True).first()
    if order_id is not None:
        Order.objects.select_for_update(no_key=True).get(pk=order_id)
    delivery = Delivery.objects.select_for_update(no_key=True).filter(pk=delivery_id).first()
    if delivery is None:
        raise DeliveryUnknown(delivery_id)
    return delivery


def _audit(verb: str, delivery: Delivery, *, actor: str, now: datetime, reason: str = "") -> None:
    customer = delivery.subscription.service.customer
    record_audit(
        verb,
        actor=actor,
        object_label=f"{delivery} of order {delivery.order_id}",
        at=now,
        customer_number=customer.number,
        details={"reason": reason} if reason else None,
    )
