"""Delivery of seats: buy a subscription, or drive one to its total. Reads first, so that everything may be repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from perseat.capabilities.provisioning.actions import (
    keep_basket,
    keep_directory_seats,
    keep_purchase,
    keep_supplier_seats,
)
from perseat.capabilities.provisioning.queries import Work, get_work, sum_upgraded_from
from perseat.capabilities.subscriptions.supplier_facts import forget_ended_subscription, record_supplier_reading
from perseat.domain.delivery_plan import NextMove, SuppliedSeats, SupplierMove, next_move
from perseat.domain.drift import is_changed_elsewhere
from perseat.domain.fulfillment import DeliveryAct, DeliveryState
from perseat.journeys.deadlines import seats_there
from perseat.journeys.delivery_outcomes import (
    Accepted,
    ChangedElsewhere,
    Done,
    FinallyRefused,
    Outcome,
    ReturnAnswered,
    Stuck,
    ask,
)
from perseat.journeys.room import keep_what_it_says
from perseat.journeys.seat_counts import read_seat_counts
from perseat.ports.failures import CredentialsRefused, NotFound, Refused, TooLate, Unanswered
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import SupplierStatus, SupplierSubscription

LOOK_FOR = timedelta(hours=1)
_MOVES_AT_MOST = 6
_NEVER_BOUGHT = "Nothing was ever bought at the supplier."
_UPGRADED = "Microsoft's upgrade has made other seats of these; nothing is left to give back."
_PASSED = "The supplier no longer takes these seats back: their deadline there has passed."


def deliver_seats(outside: Outside, work: Work) -> Outcome:
    """Carry out BUY, SET_SEATS, END or PLAN_RENEWAL as far as it goes now.

    :raises Unanswered, CredentialsRefused, WritesAreOff: nothing is known, or nothing was sent.
    """
    if work.is_increase and work.attempts <= 1 and work.state is not DeliveryState.AT_SUPPLIER:
        work, supplied = _note_what_the_directory_shows(outside, work)
        if supplied is not None:
            return _drive(outside, work, supplied)
    if not work.supplier_subscription_id:
        if work.is_return:
            return ReturnAnswered(held_there=0, sentence=_NEVER_BOUGHT)
        if not work.is_increase:
            return Done(sentence=_UPGRADED if _was_upgraded(work) else _NEVER_BOUGHT)
        bought = _buy(outside, work)
        if bought is not None:
            return bought
        work = get_work(work.delivery_id)
    return _drive(outside, work)


def _was_upgraded(work: Work) -> bool:
    return sum_upgraded_from(work.order_id, edition=work.edition) > 0


def _buy(outside: Outside, work: Work) -> Outcome | None:
    """None once the subscription is known. The basket is written down before it is bought, so it is bought once."""
    try:
        if work.supplier_order_id:
            purchase = ask(
                outside,
                work,
                question="read purchase",
                call=lambda _id: outside.seats.get_purchase(work.tenant_id, order_id=work.supplier_order_id),
            )
        else:
            basket_id = work.basket_id or _fill_basket(outside, work)
            purchase = ask(
                outside,
                work,
                question="buy",
                about=basket_id,
                call=lambda request_id: outside.seats.complete_purchase(
                    work.tenant_id, basket_id=basket_id, request_id=request_id
                ),
            )
    except NotFound as missing:
        if work.supplier_order_id:
            return _wait_or_ask_staff(outside, work, "The supplier does not show the order yet.")
        if work.basket_id:  # asked before, perhaps bought: a person has to look before the money goes back
            return Stuck(code=missing.code, sentence=missing.sentence)
        return FinallyRefused(code=missing.code, sentence=missing.sentence)
    except Refused as refusal:
        keep_what_it_says(work, refusal, now=outside.clock.now())
        return _refused(work, refusal)
    with transaction.atomic():
        keep_purchase(
            work.delivery_id,
            supplier_order_id=purchase.order_id,
            supplier_subscription_id=purchase.subscription_id,
        )
    if purchase.subscription_id:
        return None
    return Accepted(sentence="Microsoft has taken the order and prepares the seats.")


def _buy_anew(outside: Outside, work: Work) -> Outcome:
    """It ended with an earlier order; what has ended there cannot be raised again, so a new one takes its place."""
    with transaction.atomic():
        forget_ended_subscription(work.subscription_id, supplier_subscription_id=work.supplier_subscription_id)
    return deliver_seats(outside, get_work(work.delivery_id))


def _fill_basket(outside: Outside, work: Work) -> str:
    prepared = ask(
        outside,
        work,
        question="fill basket",
        call=lambda request_id: outside.seats.prepare_purchase(
            work.tenant_id,
            product_id=work.supplier_product_id,
            sku_id=work.supplier_sku_id,
            term=work.term,
            cycle=work.cycle,
            seats=work.seats,
            country=work.country,
            request_id=request_id,
        ),
    )
    with transaction.atomic():
        return keep_basket(work.delivery_id, basket_id=prepared.basket_id)


def _drive(outside: Outside, work: Work, supplied: SupplierSubscription | None = None) -> Outcome:
    """Say one thing after another until the supplier holds what we want. `supplied`: when it has just been read."""
    try:
        supplied = supplied or read_supplied(outside, work)
    except NotFound as missing:
        if work.accepted_at or work.supplier_order_id:
            return _wait_or_ask_staff(outside, work, "The supplier does not show the subscription yet.")
        return Stuck(code=missing.code, sentence=missing.sentence)
    if supplied.status is SupplierStatus.ENDED and work.is_increase and not work.supplier_order_id:
        return _buy_anew(outside, work)
    if work.attempts <= 1 and is_changed_elsewhere(
        found=seats_there(supplied), last_read=_last_known(work), wanted=max(work.seats, work.seats_before)
    ):
        return ChangedElsewhere(
            sentence=f"Microsoft holds {supplied.seats} seats of it, {_last_known(work)} as far as we knew.",
            reading=supplied,
        )
    if work.is_return:
        with transaction.atomic():
            keep_supplier_seats(work.delivery_id, seats=seats_there(supplied))
    return _drive_from(outside, work, supplied)


def _last_known(work: Work) -> int:
    """What the supplier held when it was read last, or when the order was made."""
    return work.seats_before if work.last_read_seats is None else work.last_read_seats


def _drive_from(outside: Outside, work: Work, supplied: SupplierSubscription) -> Outcome:
    refusals: list[Refused] = []
    for _ in range(_MOVES_AT_MOST):
        if supplied.status is SupplierStatus.PENDING:
            return Accepted(sentence="Microsoft has taken the order and prepares the seats.")
        move = _next(outside, work, supplied, may_lower=not refusals and not work.is_increase)
        if move.move is SupplierMove.NOTHING:
            return _after_driving(outside, work, supplied, refusals)
        try:
            supplied = _say(outside, work, move, supplied=supplied)
        except Refused as refusal:
            if not move.is_lower or refusals:
                keep_what_it_says(work, refusal, now=outside.clock.now())
                return _refused(work, refusal)
            if work.is_return and not isinstance(refusal, TooLate):
                return Stuck(code=refusal.code, sentence=refusal.sentence)
            refusals.append(refusal)
            supplied = read_supplied(outside, work)
    return Stuck(sentence="The supplier's answers do not come to rest; please look at Partner Center.")


def _next(outside: Outside, work: Work, supplied: SupplierSubscription, *, may_lower: bool) -> NextMove:
    now = outside.clock.now()
    returnable = sum(each.seats for each in supplied.returnable if each.until > now) if may_lower else 0
    seats = work.seats
    if work.act is DeliveryAct.PLAN_RENEWAL:
        seats, returnable = supplied.seats, 0
    planned = work.seats if work.act is DeliveryAct.PLAN_RENEWAL else work.planned_seats
    return next_move(
        SuppliedSeats(
            seats=supplied.seats,
            renewal_seats=supplied.renewal_seats if supplied.renews_itself else 0,
            returnable=returnable,
            is_ended=supplied.status is SupplierStatus.ENDED,
        ),
        seats=seats,
        renewal_seats=work.seats if planned is None else planned,
    )


def _say(outside: Outside, work: Work, move: NextMove, *, supplied: SupplierSubscription) -> SupplierSubscription:
    """What the supplier holds afterwards, as its answer tells it."""
    answer = _said(outside, work, move, supplied=supplied)
    _keep_reading(outside, work, answer)
    return answer


def _said(outside: Outside, work: Work, move: NextMove, *, supplied: SupplierSubscription) -> SupplierSubscription:
    tenant_id, subscription_id = work.tenant_id, work.supplier_subscription_id
    match move.move:
        case SupplierMove.SET_SEATS:
            return ask(
                outside,
                work,
                question="set seats",
                about=str(move.seats),
                call=lambda request_id: outside.seats.set_seats(
                    tenant_id, subscription_id=subscription_id, seats=move.seats, request_id=request_id
                ),
            )
        case SupplierMove.END:
            return ask(
                outside,
                work,
                question="end",
                call=lambda request_id: outside.seats.end_subscription(
                    tenant_id, subscription_id=subscription_id, request_id=request_id
                ),
            )
        case SupplierMove.PLAN_RENEWAL:
            plan = None if move.seats == supplied.seats else move.seats
            return ask(
                outside,
                work,
                question="plan renewal",
                about=str(move.seats),
                call=lambda request_id: outside.seats.set_renewal_seats(
                    tenant_id, subscription_id=subscription_id, seats=plan, request_id=request_id
                ),
            )
        case SupplierMove.NOTHING:
            return supplied


def _after_driving(outside: Outside, work: Work, supplied: SupplierSubscription, refusals: list[Refused]) -> Outcome:
    if supplied.status is SupplierStatus.SUSPENDED and work.is_increase:
        return Stuck(sentence="The supplier has suspended this subscription.")
    if supplied.status is SupplierStatus.ENDED and work.seats:
        return Stuck(sentence="The subscription has ended at the supplier, but seats of it are held here.")
    if work.is_increase:
        seen = look_in_directory(outside, work)
        return replace(seen, reading=supplied) if isinstance(seen, Done) else seen
    if work.is_return:
        refusal = refusals[0] if refusals else None
        left = seats_there(supplied)
        said = refusal.sentence if refusal else _PASSED if left > work.seats else ""
        code = refusal.code if refusal else ""
        return ReturnAnswered(held_there=left, code=code, sentence=said, reading=supplied)
    too_many = supplied.seats - work.seats
    if work.act is DeliveryAct.PLAN_RENEWAL or supplied.status is SupplierStatus.ENDED or too_many <= 0:
        return Done(reading=supplied)
    until = f" until {supplied.term_ends_on.isoformat()}" if supplied.term_ends_on else ""
    reason = f" {refusals[0].sentence}" if refusals else ""
    return Done(
        sentence=f"The supplier keeps {too_many} seats{until}; they go with its renewal.{reason}", reading=supplied
    )


def _refused(work: Work, refusal: Refused) -> Outcome:
    """The supplier finally refuses an increase; fewer seats, a plan and what staff can mend wait for the staff."""
    if work.is_increase and not refusal.is_for_staff:
        return FinallyRefused(code=refusal.code, sentence=refusal.sentence)
    return Stuck(code=refusal.code, sentence=refusal.sentence)


def read_supplied(outside: Outside, work: Work) -> SupplierSubscription:
    """What the supplier holds of the delivery's subscription; the reading is kept.

    :raises NotFound: not there, or not yet.
    """
    supplied = ask(
        outside,
        work,
        question="read subscription",
        call=lambda _id: outside.seats.get_subscription(work.tenant_id, subscription_id=work.supplier_subscription_id),
    )
    _keep_reading(outside, work, supplied)
    return supplied


def _keep_reading(outside: Outside, work: Work, supplied: SupplierSubscription) -> None:
    with transaction.atomic():
        record_supplier_reading(
            work.subscription_id,
            seats=seats_there(supplied),
            term_ends_on=supplied.term_ends_on,
            read_at=outside.clock.now(),
        )


def _note_what_the_directory_shows(outside: Outside, work: Work) -> tuple[Work, SupplierSubscription | None]:
    """The count before buying, and what is still to come; a directory that is silent is asked for the total later.

    With what the supplier holds, where it was read for it.
    """
    supplied = None
    try:
        supplied = read_supplied(outside, work) if work.supplier_subscription_id else None
        counts = read_seat_counts(outside, tenant_row_id=work.tenant_row_id)
    except (Unanswered, Refused, CredentialsRefused):
        return work, supplied
    shown = counts.of(work.directory_sku_id)
    to_come = max(work.seats - (supplied.seats if supplied else 0), 0)
    with transaction.atomic():
        keep_directory_seats(work.delivery_id, directory_seats=(shown.purchased if shown else 0) + to_come)
    return replace(get_work(work.delivery_id), last_read_seats=work.last_read_seats), supplied


def look_in_directory(outside: Outside, work: Work) -> Outcome:
    """Done once the tenant's directory shows the new seats, so that they can be given to people."""
    try:
        counts = read_seat_counts(outside, tenant_row_id=work.tenant_row_id)
    except (Unanswered, Refused, CredentialsRefused) as failure:
        if _is_long_accepted(work, outside.clock.now()):
            return Done(sentence=f"The supplier has the seats; the directory could not be asked: {failure.sentence}")
        return Accepted(sentence=failure.sentence)
    shown = counts.of(work.directory_sku_id)
    purchased = shown.purchased if shown else 0
    if purchased >= (work.seats if work.directory_seats is None else work.directory_seats):
        return Done()
    if _is_long_accepted(work, outside.clock.now()) and purchased >= work.seats:
        return Done()
    return _wait_or_ask_staff(outside, work, "Microsoft has the order; the seats cannot be seen in the tenant yet.")


def _wait_or_ask_staff(outside: Outside, work: Work, sentence: str) -> Outcome:
    if _is_long_accepted(work, outside.clock.now()):
        return Stuck(sentence=f"{sentence} This takes longer than an hour.")
    return Accepted(sentence=sentence)


def _is_long_accepted(work: Work, now: datetime) -> bool:
    return work.accepted_at is not None and now - work.accepted_at >= LOOK_FOR
