"""Checkout: accepting a quote makes the order, its document and its ledger entries in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.queries import DoesNotBelong, require_member
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order, OrderEvent, OrderLine, Quote
from perseat.capabilities.payments.queries import get_open_minor, get_owed_minor
from perseat.capabilities.subscriptions.models import Service
from perseat.domain.calendar import local_day
from perseat.domain.events import OrderPlaced
from perseat.domain.fulfillment import OrderState
from perseat.domain.parties import PaymentTerms
from perseat.domain.quote import DecreasePolicy, EditionUnknown
from perseat.domain.returns import is_return
from perseat.domain.rights import may_buy
from perseat.journeys.catching_up import catch_up
from perseat.journeys.figure_making import figures_of_quote
from perseat.journeys.figures import QuoteFigures
from perseat.journeys.issuing import issue, lock_customer
from perseat.journeys.moving_people import PersonFigure, people_of_quote
from perseat.journeys.order_start import start_locked_order
from perseat.journeys.parking import check_not_parked
from perseat.journeys.payment_methods import ON_ACCOUNT, PaymentMethod, list_payment_methods, payment_due_on
from perseat.journeys.reactions import react
from perseat.journeys.seat_change import (
    Decision,
    MovingPerson,
    NothingWouldChange,
    SeatsComeBack,
    SeatsOutOfRange,
    decide_change,
    get_open_order,
    make_quote,
)
from perseat.journeys.withdrawal import cancel_locked_order


class MovedBecause(StrEnum):
    """Why a quote can no longer be accepted."""

    EXPIRED = "expired"  # its time or its day is over
    SEATS = "seats"  # the service changed meanwhile
    PRICES = "prices"  # prices, rates or documents that it rests on changed
    BALANCE = "balance"  # the balance it would use changed


class QuoteHasMoved(Exception):
    """What the quote rests on has changed; nothing was written but the fresh quote.

    `fresh_quote_id` is None when nothing would change any more. `sentence` tells the customer why.
    """

    def __init__(self, *, reason: MovedBecause, sentence: str, fresh_quote_id: UUID | None) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.fresh_quote_id = fresh_quote_id


class OpenOrderExists(Exception):
    """The service has an order that awaits payment; it can be replaced."""

    def __init__(self, *, order_id: int) -> None:
        super().__init__("There is an order that still awaits payment. You can replace it with this one.")
        self.order_id = order_id


class PaymentMethodNotOffered(ValueError):
    """The way to pay is none of those that the checkout offers."""

    def __init__(self, *, payment_method: str) -> None:
        super().__init__("Please choose one of the ways to pay that are offered.")
        self.payment_method = payment_method


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutView:
    """A frozen quote as the checkout shows it. `order_id` when it was accepted already.

    `payment_methods` is empty when nothing is to pay. `open_order_id`: another order of the service awaits payment.
    """

    quote_id: UUID
    service_id: int
    service_name: str
    domains: tuple[str, ...]
    figures: QuoteFigures
    people: tuple[PersonFigure, ...]
    made_at: datetime
    expires_at: datetime
    is_expired: bool
    due_on: date
    payment_methods: tuple[PaymentMethod, ...]
    open_order_id: int | None
    order_id: int | None


def get_checkout(*, customer_id: int, quote_id: UUID, now: datetime) -> CheckoutView:
    """The stored quote. :raises DoesNotBelong: when it is not the customer's or does not exist."""
    quote = _own_quote(customer_id, quote_id=quote_id)
    order = Order.objects.filter(quote=quote).first()
    open_order = get_open_order(quote.service_id)
    is_other = open_order is not None and open_order.quote_id != quote.pk
    return CheckoutView(
        quote_id=quote.public_id,
        service_id=quote.service_id,
        service_name=quote.service.name,
        domains=tuple(quote.service.tenant.domains),
        figures=figures_of_quote(quote),
        people=people_of_quote(quote),
        made_at=quote.made_at,
        expires_at=quote.expires_at,
        is_expired=now >= quote.expires_at,
        due_on=payment_due_on(quote.day),
        payment_methods=list_payment_methods(quote.customer) if quote.to_pay_minor > 0 else (),
        open_order_id=open_order.pk if open_order is not None and is_other else None,
        order_id=order.pk if order else None,
    )


def accept_quote(*, customer_id: int, user_id: int, quote_id: UUID, payment_method: str, now: datetime) -> int:
    """Make the order; returns its id. Accepting again returns the same order.

    `payment_method`: a code of the checkout, "" when nothing is to pay.

    :raises DoesNotBelong: when the quote is not the customer's.
    :raises NotAllowed: (accounts.queries) when the member may not buy.
    :raises QuoteHasMoved: when what it rests on has changed.
    :raises OpenOrderExists: when another order of the service awaits payment.
    :raises PaymentMethodNotOffered: for another code.
    :raises ServiceIsParked: (journeys.parking) while the customer's books are being checked.
    """
    buyer = _require_buyer(user_id, customer_id=customer_id)
    return _accept(_Acceptance(customer_id, user_id, buyer, quote_id, payment_method, now), _refuse_open_order)


def accept_quote_as_staff(
    *, customer_id: int, staff_id: int, quote_id: UUID, payment_method: str, now: datetime
) -> int:
    """As accept_quote, by somebody of the provider in the customer's name. :raises NotStaff: for everybody else."""
    staff = require_staff(staff_id, act="order for a customer")
    return _accept(_Acceptance(customer_id, staff_id, staff.email, quote_id, payment_method, now), _refuse_open_order)


def accept_quote_replacing_open_order(
    *, customer_id: int, user_id: int, quote_id: UUID, payment_method: str, now: datetime
) -> int:
    """As accept_quote; the open order is cancelled by a credit note in the same transaction."""
    buyer = _require_buyer(user_id, customer_id=customer_id)
    return _accept(_Acceptance(customer_id, user_id, buyer, quote_id, payment_method, now), _cancel_open_order)


def _require_buyer(user_id: int, *, customer_id: int) -> str:
    return require_member(user_id, customer_id=customer_id, right=may_buy, act="change the number of seats").email


@dataclass(frozen=True, slots=True)
class _Acceptance:
    """Who accepts what, and how it will be paid. `actor`: the address of whoever accepts."""

    customer_id: int
    user_id: int
    actor: str
    quote_id: UUID
    payment_method: str
    now: datetime


class _Moved(Exception):
    """Leaves the transaction, so that a moved quote writes nothing."""

    def __init__(self, reason: MovedBecause) -> None:
        super().__init__(reason)
        self.reason = reason


def _refuse_open_order(open_order: Order, _customer: Customer, _actor: str, _now: datetime) -> None:
    raise OpenOrderExists(order_id=open_order.pk)


def _cancel_open_order(open_order: Order, customer: Customer, actor: str, now: datetime) -> None:
    cancel_locked_order(open_order, customer=customer, note="Replaced by a new order.", actor=actor, now=now)


def _accept(asked: _Acceptance, meet_open_order: Callable[[Order, Customer, str, datetime], None]) -> int:
    catch_up(asked.customer_id, now=asked.now)
    try:
        with transaction.atomic():
            return _accept_locked(asked, meet_open_order)
    except _Moved as moved:
        raise QuoteHasMoved(
            reason=moved.reason,
            sentence=_SENTENCES[moved.reason],
            fresh_quote_id=_quote_again(asked),
        ) from None


def _accept_locked(asked: _Acceptance, meet_open_order: Callable[[Order, Customer, str, datetime], None]) -> int:
    customer = lock_customer(asked.customer_id)
    quote = _own_quote(asked.customer_id, quote_id=asked.quote_id)
    Service.objects.select_for_update(no_key=True).get(pk=quote.service_id)
    accepted = Order.objects.filter(quote=quote).first()
    if accepted is not None:
        return accepted.pk
    check_not_parked(customer)
    decision = _check_freshness(quote, asked.now)
    _check_method(quote, customer, asked.payment_method)
    if decision.open_order is not None:
        meet_open_order(decision.open_order, customer, asked.actor, asked.now)
    order = _record_order(quote, decision, asked)
    document = _issue(order, quote, decision, customer=customer, actor=asked.actor, now=asked.now)
    record_audit(
        "placed order",
        actor=asked.actor,
        object_label=f"Order {order.pk}",
        at=asked.now,
        customer_number=customer.number,
        details={"document": document.number if document else "", "to_pay_minor": quote.to_pay_minor},
    )
    react(OrderPlaced(order_id=order.pk))
    if _starts_at_once(document, customer=customer, method=asked.payment_method):
        start_locked_order(order, customer=customer, now=asked.now, actor=asked.actor)
    return order.pk


def _own_quote(customer_id: int, *, quote_id: UUID) -> Quote:
    quote = (
        Quote.objects.select_related("customer", "service__tenant")
        .filter(public_id=quote_id, customer_id=customer_id)
        .first()
    )
    if quote is None:
        raise DoesNotBelong(quote_id)
    return quote


_SENTENCES = {
    MovedBecause.EXPIRED: "This quote is no longer valid, so here is a fresh one with today's figures.",
    MovedBecause.SEATS: "The seats have changed since this quote was made, so here is a fresh one.",
    MovedBecause.PRICES: "What this quote was computed from has changed, so here is a fresh one.",
    MovedBecause.BALANCE: "Your balance has changed since this quote was made, so here is a fresh one.",
}


def _check_freshness(quote: Quote, now: datetime) -> Decision:
    """The decision again, from what holds now; it is the quote's own when nothing has moved."""
    if now >= quote.expires_at or local_day(now, quote.customer.time_zone) != quote.day:
        raise _Moved(MovedBecause.EXPIRED)
    try:
        decision = decide_change(quote.service_id, customer_id=quote.customer_id, wanted=quote.wanted, now=now)
    except SeatsComeBack:
        raise _Moved(MovedBecause.SEATS) from None
    except (EditionUnknown, SeatsOutOfRange):  # an edition was taken off sale, or its maximum was lowered, since
        raise _Moved(MovedBecause.PRICES) from None
    if decision.loaded.service.version != quote.service_version:
        raise _Moved(MovedBecause.SEATS)
    if decision.loaded.fingerprint != quote.inputs_fingerprint:
        raise _Moved(MovedBecause.PRICES)
    if decision.figures.from_balance_minor != quote.from_balance_minor:
        raise _Moved(MovedBecause.BALANCE)
    return decision


def _quote_again(asked: _Acceptance) -> UUID | None:
    quote = _own_quote(asked.customer_id, quote_id=asked.quote_id)
    try:
        return make_quote(
            customer_id=asked.customer_id,
            service_id=quote.service_id,
            wanted=quote.wanted,
            user_id=asked.user_id,
            people=tuple(MovingPerson(**person) for person in quote.people),
            now=asked.now,
        )
    except (NothingWouldChange, EditionUnknown, SeatsOutOfRange, SeatsComeBack):
        return None


def _check_method(quote: Quote, customer: Customer, method: str) -> None:
    offered = {each.code for each in list_payment_methods(customer)} if quote.to_pay_minor > 0 else {""}
    if method not in offered:
        raise PaymentMethodNotOffered(payment_method=method)


def _record_order(quote: Quote, decision: Decision, asked: _Acceptance) -> Order:
    replaced = decision.open_order
    order = Order.objects.create(
        quote=quote,
        customer_id=quote.customer_id,
        service_id=quote.service_id,
        state=OrderState.AWAITING_PAYMENT,
        accepted_by_id=asked.user_id,
        accepted_at=asked.now,
        payment_method=asked.payment_method,
        # The last day on which it can be paid: never beyond the period that its lines cover.
        expires_on=min(payment_due_on(quote.day), quote.period_end - timedelta(days=1)),
        is_return=_is_return(decision),
        replaces=replaced,
    )
    OrderEvent.objects.create(order=order, state=OrderState.AWAITING_PAYMENT, at=asked.now)
    OrderLine.objects.bulk_create(_order_lines(order, decision))
    return order


def _is_return(decision: Decision) -> bool:
    """Whether it only gives seats back inside their window: then the credit note waits for the supplier."""
    return decision.loaded.service.policy == DecreasePolicy.WINDOW and is_return(decision.change.lines)


def _order_lines(order: Order, decision: Decision) -> list[OrderLine]:
    states = {state.edition: state for state in decision.loaded.state.editions}
    arrivals: dict[str, int] = {}
    for upgrade in decision.change.upgrades:
        arrivals[upgrade.target] = arrivals.get(upgrade.target, 0) + upgrade.seats
    return [
        OrderLine(
            order=order,
            offer_id=decision.loaded.offers[outcome.edition].offer_id,
            seats_before=outcome.held,
            seats_now=outcome.now,
            planned_seats=outcome.planned,
            planned_on=outcome.planned_on,
            upgraded_seats=arrivals.get(outcome.edition, 0),
            unit_price=states[outcome.edition].unit_price,
        )
        for outcome in decision.change.outcomes
        if outcome.now != outcome.held or outcome.planned != states[outcome.edition].planned
    ]


def _issue(
    order: Order, quote: Quote, decision: Decision, *, customer: Customer, actor: str, now: datetime
) -> Document | None:
    """The quote's own document. Its inputs have not moved, so the decision is the stored one, line by line.

    None when there is nothing to document, or not yet (a return).
    """
    change = decision.change
    if change.totals is None:
        return None
    if change.totals.total_minor != quote.due_today_minor:
        raise _Moved(MovedBecause.PRICES)
    if order.is_return:
        return None
    return issue(
        customer,
        lines=change.lines,
        totals=change.totals,
        subscriptions={code: row.pk for code, row in decision.loaded.subscriptions.items()},
        service_id=quote.service_id,
        order_id=order.pk,
        day=quote.day,
        now=now,
        actor=actor,
    )


def _starts_at_once(document: Document | None, *, customer: Customer, method: str) -> bool:
    """When nothing is left to pay, or the customer pays on account and everything owed is within the limit."""
    if document is None or get_open_minor(document) == 0:
        return True
    if method != ON_ACCOUNT or customer.payment_terms != PaymentTerms.ON_ACCOUNT:
        return False
    return get_owed_minor(customer.pk, currency=customer.currency) <= customer.credit_limit_minor
