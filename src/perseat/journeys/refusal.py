"""Refusal: what the supplier finally refuses goes back, line by line, by a credit note (billing rule: Payment gates).

The refused edition's lines are credited whole, the credit of the seats that were to come from another edition is
taken back with them, and the held seats return to what they were. Lines that worked stand. Renewals that were charged
meanwhile are set right as well (journeys/refused_renewals.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db.models import F

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document, DocumentLine
from perseat.capabilities.ordering.models import Order, OrderLine
from perseat.capabilities.ordering.progress import say_on_order
from perseat.capabilities.provisioning.actions import (
    cancel_deliveries,
    finish_delivery,
    replace_people_work,
    replace_seats,
)
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import OPEN_STATES, Work, sum_upgraded
from perseat.capabilities.subscriptions.actions import NewTotals, set_totals, touch_service
from perseat.capabilities.subscriptions.models import Service, ServiceState, Subscription
from perseat.domain.calendar import local_day
from perseat.domain.fulfillment import DeliveryAct, DeliveryState
from perseat.domain.quote import BilledLine, LineKind, LineReason
from perseat.domain.reversal import credit_refused, undo_credits
from perseat.domain.tax import document_totals
from perseat.journeys.billed_lines import load_billed_lines
from perseat.journeys.issuing import issue, lock_customer
from perseat.journeys.refused_renewals import set_renewals_right

SYSTEM = "system"
_CHARGED = (LineReason.NEW, LineReason.ADDED, LineReason.UPGRADED)


def lock_customer_of_order(order_id: int) -> None:
    """Call it before the order's row is locked: a customer's money and seats move under this lock."""
    lock_customer(Order.objects.values_list("customer_id", flat=True).get(pk=order_id))


def reverse_refused(work: Work, *, code: str, sentence: str, now: datetime) -> None:
    """Take one refused increase back, in the caller's transaction, with the customer and the order locked.

    Seats that the supplier's own upgrade has brought stay, with their lines: only what came on top is refused.
    """
    order = Order.objects.select_related("quote", "customer", "service").get(pk=work.order_id)
    finish_delivery(work.delivery_id, state=DeliveryState.REFUSED, now=now, code=code, sentence=sentence)
    upgraded = sum_upgraded(order.pk, edition=work.edition)
    came_from = {
        each["source"]: each["seats"]
        for each in order.quote.upgrades
        if each["target"] == work.edition and each["source"] not in upgraded
    }
    stays = sum(upgraded.values())
    _give_seats_back(order, work=work, came_from=came_from, upgraded=stays, now=now)
    issued = [
        _credit(order, work=work, upgraded=upgraded, sentence=sentence, now=now),
        set_renewals_right(
            order,
            edition=work.edition,
            refused=work.seats - work.seats_before - stays,
            stays=came_from,
            day=_first_day(order),
            reason=_reason(sentence),
            now=now,
        ),
    ]
    _change_what_follows(order, edition=work.edition, came_from=came_from, now=now)
    numbers = " and ".join(document.number for document in issued if document)
    number = f" Credited by {numbers}." if numbers else ""
    seats = work.seats - work.seats_before - stays
    words = "1 seat" if seats == 1 else f"{seats} seats"
    said = f"Microsoft refused {words} of {work.edition_name}: {sentence}{number}"
    say_on_order(order.pk, attention=f"{order.attention} {said}".strip(), at=now)


def _credit(order: Order, *, work: Work, upgraded: Mapping[str, int], sentence: str, now: datetime) -> Document | None:
    """The credit note; None when the lines came to nothing."""
    customer: Customer = order.customer
    own = DocumentLine.objects.filter(document__order=order)
    charged = {
        str(pk)
        for pk in own.filter(
            edition__code=work.edition, kind=LineKind.CHARGE, reason__in=[each.value for each in _CHARGED]
        )
        .exclude(reason=LineReason.UPGRADED, partner__code__in=list(upgraded))
        .values_list("pk", flat=True)
    }
    exchanged = set(
        own.filter(kind=LineKind.CREDIT, reason=LineReason.EXCHANGED, partner__code=work.edition)
        .exclude(edition__code__in=list(upgraded))
        .values_list("pk", flat=True)
    )
    billed = load_billed_lines(
        order.service_id, ends_after=_first_day(order), is_listed=lambda credit: credit.pk in exchanged
    )
    everything: list[BilledLine] = [line for lines in billed.values() for line in lines]
    refused = [line for line in everything if line.reference in charged]
    companions = [line for line in everything if line.credits_of_the_day]
    lines = (*credit_refused(refused), *undo_credits(companions))
    if not lines:
        return None
    return issue(
        customer,
        lines=lines,
        totals=document_totals(lines, billed=everything, prices_include_tax=customer.prices_include_tax),
        subscriptions=_subscription_ids(order),
        service_id=order.service_id,
        order_id=order.pk,
        day=local_day(now, customer.time_zone),
        now=now,
        actor=SYSTEM,
        corrects=order.documents.order_by("pk").first(),
        reason=_reason(sentence),
    )


def _reason(sentence: str) -> str:
    return f"Microsoft refused the seats. {sentence}"[:300]


def _first_day(order: Order) -> date:
    return order.effective_on or order.quote.day


def _subscription_ids(order: Order) -> dict[str, int]:
    rows = Subscription.objects.filter(service_id=order.service_id).order_by("pk")
    return dict(rows.values_list("offer__edition__code", "pk"))


def _give_seats_back(order: Order, *, work: Work, came_from: Mapping[str, int], upgraded: int, now: datetime) -> None:
    """The refused edition loses what it gained; each source gets back what had gone to it, from the same day.

    `upgraded`: seats that the supplier has brought by its own upgrade; they stay.
    """
    service = Service.objects.select_for_update(no_key=True).get(pk=order.service_id)
    for line in order.lines.select_related("offer__edition").order_by("pk"):
        code = line.offer.edition.code
        change = came_from.get(code, 0)
        if code == work.edition:
            change = line.seats_before - line.seats_now + upgraded
        if change:
            _hold(service, line, change=change, day=_first_day(order), cause=f"order {order.pk} refused", now=now)
    holds = Subscription.objects.filter(service=service, ended_on=None).exists()
    touch_service(service.pk, state=ServiceState.ACTIVE if holds else _state_without_seats(service))


def _state_without_seats(service: Service) -> ServiceState:
    """Ended, unless it never had a seat for a day: what was refused before anything began has not begun."""
    has_begun = Subscription.objects.filter(service=service, ended_on__gt=F("started_on")).exists()
    return ServiceState.ENDED if has_begun else ServiceState.PENDING


def _hold(service: Service, line: OrderLine, *, change: int, day: date, cause: str, now: datetime) -> None:
    running = service.subscriptions.filter(offer_id=line.offer_id, ended_on=None).first()
    held = running.held_seats if running else 0
    set_totals(
        service,
        totals=NewTotals(
            offer_id=line.offer_id,
            seats=max(held + change, 0),
            planned_seats=running.planned_seats if running else None,
            unit_price=line.unit_price,
            restored=max(change, 0),
        ),
        day=day,
        cause=cause,
        now=now,
    )


def _change_what_follows(order: Order, *, edition: str, came_from: Mapping[str, int], now: datetime) -> None:
    """Nobody is moved to seats that do not exist, and the seats that they still use stay."""
    following = Delivery.objects.filter(order=order, state__in=OPEN_STATES).select_related(
        "subscription__offer__edition"
    )
    for row in following.order_by("step", "pk"):
        code = row.subscription.offer.edition.code
        if row.act == DeliveryAct.MOVE_PEOPLE:
            _keep_others(row, edition=edition, now=now)
        elif code in came_from and row.act in (DeliveryAct.SET_SEATS, DeliveryAct.END):
            _keep_seats(row, seats=row.seats + came_from[code], now=now)


def _keep_others(row: Delivery, *, edition: str, now: datetime) -> None:
    people = [each for each in row.people if each.get("add") != edition]
    exchanges = [each for each in row.exchanges if each["target"] != edition]
    if people or exchanges:
        replace_people_work(row.pk, people=people, exchanges=exchanges)
    else:
        _cancel([row.pk], now=now)


def _keep_seats(row: Delivery, *, seats: int, now: datetime) -> None:
    if seats >= row.seats_before:
        _cancel([row.pk], now=now)
    else:
        replace_seats(row.pk, act=DeliveryAct.SET_SEATS, seats=seats)


def _cancel(delivery_ids: Sequence[int], *, now: datetime) -> None:
    cancel_deliveries(delivery_ids, now=now, sentence="The new seats were refused, so the old ones stay.")
