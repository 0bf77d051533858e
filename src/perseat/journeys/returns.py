"""Returns: seats given back inside their window are credited once the supplier has taken them (rule: Decreases).

Until it answers they are held, paid for, and planned to go at the renewal: whatever it says, and whatever is renewed
in between, the books hold. Its answer is recorded together with the credit note, so that both are there or neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from babel.dates import format_date

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.credit_basis import basis_in
from perseat.capabilities.ordering.models import Order, OrderLine
from perseat.capabilities.ordering.progress import say_on_order
from perseat.capabilities.provisioning.actions import finish_delivery, replace_seats
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import Work
from perseat.capabilities.provisioning.returns import SEATS_KEPT, ReturnAnswer, list_return_answers
from perseat.capabilities.subscriptions.actions import touch_service
from perseat.capabilities.subscriptions.models import Service, ServiceState, Subscription
from perseat.capabilities.subscriptions.returns import return_seats
from perseat.domain.calendar import local_day, term_end
from perseat.domain.fulfillment import DeliveryAct, DeliveryState
from perseat.domain.quote import BilledLine, Line, LineKind, LineReason
from perseat.domain.returns import credit_charged_since, credit_returned, seats_taken_back
from perseat.domain.tax import document_totals
from perseat.journeys.billed_lines import load_billed_lines
from perseat.journeys.issuing import issue
from perseat.journeys.service_state import rhythm_of

SYSTEM = "system"
_COMPUTED_ANEW = "Not all of the seats were taken back, or what they were billed by has changed since the quote."

Billed = Mapping[str, Sequence[BilledLine]]


def planned_while_returning(line: OrderLine) -> int:
    """What is planned for the renewal as long as the supplier has not answered: the total that was wanted."""
    return line.seats_now if line.planned_seats is None else line.planned_seats


def record_return(work: Work, *, held_there: int, code: str, sentence: str, now: datetime) -> None:
    """Write down what the supplier holds after one edition's return; the last answer of an order settles it.

    In the caller's transaction, with the customer and the order locked.
    """
    before = Delivery.objects.values_list("supplier_seats", flat=True).get(pk=work.delivery_id)
    asked = work.seats_before - work.seats
    taken = seats_taken_back(
        asked=asked,
        held_there_before=held_there if before is None else before,
        held_there_now=held_there,
        total=work.seats,
    )
    if taken == 0:
        finish_delivery(work.delivery_id, state=DeliveryState.REFUSED, now=now, code=code, sentence=sentence)
    else:
        if taken < asked:
            replace_seats(work.delivery_id, act=DeliveryAct.SET_SEATS, seats=work.seats_before - taken)
            code = code or SEATS_KEPT
        finish_delivery(work.delivery_id, state=DeliveryState.DONE, now=now, code=code, sentence=sentence)
    answers = list_return_answers(work.order_id)
    if not any(each.is_open for each in answers):
        _settle(work.order_id, answers, now=now)


def _settle(order_id: int, answers: Sequence[ReturnAnswer], *, now: datetime) -> None:
    """The seats that were taken are no longer held and are credited; those that were kept go with the renewal."""
    order = Order.objects.select_related("quote__customer", "customer").get(pk=order_id)
    service = Service.objects.select_for_update(no_key=True).get(pk=order.service_id)
    taken = {each.edition: each.taken for each in answers if each.taken}
    still_charged = _still_charged(order, answers)
    for each in answers:
        if each.taken and each.edition in still_charged:
            _let_go(order, each, now=now)
    if taken:
        _credit(order, taken=taken, still_charged=still_charged, now=now)
    holds = Subscription.objects.filter(service=service, ended_on=None).exists()
    touch_service(service.pk, state=ServiceState.ACTIVE if holds else ServiceState.ENDED)
    sentence = " ".join(_kept_sentence(each) for each in answers if each.taken < each.asked)
    if sentence:
        say_on_order(order_id, attention=sentence, at=now)


def _still_charged(order: Order, answers: Sequence[ReturnAnswer]) -> frozenset[str]:
    """Editions whose term has not been renewed since: there the plan has not taken effect yet."""
    running = Subscription.objects.filter(
        pk__in=[each.subscription_id for each in answers], ended_on=None, term_started_on__lte=order.quote.day
    )
    return frozenset(running.values_list("offer__edition__code", flat=True))


def _let_go(order: Order, answer: ReturnAnswer, *, now: datetime) -> None:
    subscription = Subscription.objects.select_for_update(no_key=True, of=("self",)).get(pk=answer.subscription_id)
    line = order.lines.get(offer_id=subscription.offer_id)
    planned = planned_while_returning(line)
    left = subscription.held_seats - answer.taken
    return_seats(
        subscription,
        seats=answer.taken,
        planned_seats=None if planned == left else planned,
        day=order.quote.day,
        accepted_at=order.accepted_at,
        cause=f"order {order.pk}",
        now=now,
    )


def _credit(order: Order, *, taken: Mapping[str, int], still_charged: frozenset[str], now: datetime) -> None:
    """The quote's own lines, dated the day of the acceptance; then what was charged for the seats meanwhile."""
    billed = _billed(order, taken)
    lines = credit_returned(billed, seats=taken, day=order.quote.day)
    reason = "" if lines == _quoted_lines(order) else _COMPUTED_ANEW
    first = _issue(order, lines, billed=billed, reason=reason, now=now)
    billed = _billed(order, taken)
    charged = {edition: each for edition, each in billed.items() if edition in still_charged}
    since = credit_charged_since(charged, seats=taken, day=order.quote.day)
    if since:
        _issue(order, since, billed=billed, reason="Charged before the seats were taken back.", corrects=first, now=now)


def _issue(
    order: Order,
    lines: Sequence[Line],
    *,
    billed: Billed,
    reason: str,
    now: datetime,
    corrects: Document | None = None,
) -> Document:
    customer: Customer = order.customer
    rows = Subscription.objects.filter(service_id=order.service_id).order_by("pk")
    return issue(
        customer,
        lines=lines,
        totals=document_totals(
            lines,
            billed=[line for each in billed.values() for line in each],
            prices_include_tax=customer.prices_include_tax,
        ),
        subscriptions=dict(rows.values_list("offer__edition__code", "pk")),
        service_id=order.service_id,
        order_id=order.pk,
        day=local_day(now, customer.time_zone) if corrects else order.quote.day,
        now=now,
        actor=SYSTEM,
        corrects=corrects,
        reason=reason,
    )


def _billed(order: Order, taken: Mapping[str, int]) -> Billed:
    found = load_billed_lines(order.service_id, ends_after=order.quote.day, is_listed=lambda _credit: False)
    positions = order.lines.order_by("offer__edition__position").values_list("offer__edition__code", flat=True)
    return {edition: found.get(edition, ()) for edition in positions if edition in taken}


def _quoted_lines(order: Order) -> tuple[Line, ...]:
    return tuple(
        Line(
            kind=LineKind(row.kind),
            reason=LineReason(row.reason),
            edition=row.edition.code,
            seats=row.seats,
            start=row.start,
            end=row.end,
            days=row.days,
            period_days=row.period_days,
            unit_price=row.unit_price,
            amount_minor=row.amount_minor,
            tax_category=row.tax_category,
            tax_rate=row.tax_rate,
            credits=str(row.credits_line) if row.credits_line else None,
            basis=basis_in(row),
        )
        for row in order.quote.lines.select_related("edition").order_by("number")
    )


def _kept_sentence(answer: ReturnAnswer) -> str:
    kept = answer.asked - answer.taken
    seats = "1 seat" if kept == 1 else f"{kept} seats"
    they = "it stays yours and paid for" if kept == 1 else "they stay yours and paid for"
    subscription = Subscription.objects.select_related("service").get(pk=answer.subscription_id)
    ends = term_end(rhythm_of(subscription.service), term_start=subscription.term_started_on)
    last = format_date(ends - timedelta(days=1), format="d MMMM y", locale="en")
    why = answer.given_up_because.rstrip(".") or "the deadline there has passed"
    return (
        f"Microsoft does not take back {seats} of {answer.edition_name} any more: {why}. "
        f"Nothing is credited for {'it' if kept == 1 else 'them'}; {they} until {last} and "
        f"{'ends' if kept == 1 else 'end'} then by {'itself' if kept == 1 else 'themselves'}."
    )
