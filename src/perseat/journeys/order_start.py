"""Order start: what happens when an order is paid, or needs no payment: the seats are held and delivered."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import DocumentLine
from perseat.capabilities.ordering.actions import move_order
from perseat.capabilities.ordering.models import Order, OrderLine
from perseat.capabilities.provisioning.actions import record_deliveries
from perseat.capabilities.subscriptions.actions import NewTotals, set_totals, touch_service
from perseat.capabilities.subscriptions.models import Service, ServiceState, Subscription
from perseat.domain.calendar import local_day
from perseat.domain.events import OrderStarted
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import BilledLine, LineReason
from perseat.domain.reversal import charge_late_exchange, credit_late_start
from perseat.domain.tax import document_totals
from perseat.journeys.billed_lines import load_billed_lines
from perseat.journeys.issuing import issue, lock_customer
from perseat.journeys.reactions import react
from perseat.journeys.returns import planned_while_returning


class SeatsHaveMoved(Exception):
    """The service no longer holds what the order started from; the order cannot be started."""


def start_order(order_id: int, *, now: datetime, actor: str) -> None:
    """Start an order that awaits payment; one that was started already is left alone.

    :raises SeatsHaveMoved: when the seats it changes are not those it was made for.
    """
    with transaction.atomic():
        customer = lock_customer(Order.objects.values_list("customer_id", flat=True).get(pk=order_id))
        order = Order.objects.select_for_update(no_key=True).get(pk=order_id)
        if order.state == OrderState.AWAITING_PAYMENT:
            start_locked_order(order, customer=customer, now=now, actor=actor)


def start_locked_order(order: Order, *, customer: Customer, now: datetime, actor: str) -> None:
    """The same, for a caller that holds the customer's lock already."""
    service = Service.objects.select_for_update(no_key=True).select_related("customer").get(pk=order.service_id)
    lines = list(order.lines.select_related("offer__edition").order_by("pk"))
    _check_seats(service, lines)
    day = local_day(now, customer.time_zone)
    restored = _restored_seats(order)
    for line in lines:
        set_totals(
            service,
            totals=NewTotals(
                offer_id=line.offer_id,
                seats=line.seats_before if _waits(order, line) else line.seats_now,
                planned_seats=planned_while_returning(line) if _waits(order, line) else line.planned_seats,
                unit_price=line.unit_price,
                upgraded=line.upgraded_seats,
                restored=restored.get(line.offer.edition.code, 0),
                departed=_departed_seats(order, line),
            ),
            day=day,
            cause=f"order {order.pk}",
            now=now,
        )
    _touch(service, order=order)
    order.effective_on = day
    order.save(update_fields=["effective_on"])
    move_order(order, new=OrderState.PAID, at=now)
    if day > order.quote.day:
        _credit_days_before(order, customer=customer, service=service, now=now, actor=actor)
    deliveries = record_deliveries(order.pk, now=now)
    if all(line.seats_now == line.seats_before for line in lines):
        move_order(order, new=OrderState.SCHEDULED, at=now)
    if deliveries:
        react(OrderStarted(order_id=order.pk))


def _check_seats(service: Service, lines: list[OrderLine]) -> None:
    held = dict(service.subscriptions.filter(ended_on=None).values_list("offer_id", "held_seats"))
    for line in lines:
        if held.get(line.offer_id, 0) != line.seats_before:
            raise SeatsHaveMoved


def _waits(order: Order, line: OrderLine) -> bool:
    """Seats of a return are held until the supplier has taken them."""
    return order.is_return and line.seats_now < line.seats_before


def _restored_seats(order: Order) -> dict[str, int]:
    """Seats by edition whose credit of the same day the order undoes."""
    found: dict[str, int] = {}
    for line in order.quote.lines.filter(reason=LineReason.RESTORED).select_related("edition"):
        found[line.edition.code] = found.get(line.edition.code, 0) + line.seats
    return found


def _departed_seats(order: Order, line: OrderLine) -> int:
    code = line.offer.edition.code
    return sum(each["seats"] for each in order.quote.upgrades if each["source"] == code)


def _touch(service: Service, *, order: Order) -> None:
    holds = Subscription.objects.filter(service=service, ended_on=None).exists()
    state = ServiceState.ACTIVE if holds else ServiceState.ENDED
    # A service that begins (again) has its first charge on the order's own document, up to the period's end.
    begins = service.state != ServiceState.ACTIVE
    through = order.quote.period_end if begins else None
    touch_service(service.pk, state=state, billed_through=through)


def _credit_days_before(order: Order, *, customer: Customer, service: Service, now: datetime, actor: str) -> None:
    """Seats that start later than the quote's day: the days between are credited, and those of the old ones charged."""
    day = local_day(now, customer.time_zone)
    own_lines = set(DocumentLine.objects.filter(document__order=order).values_list("pk", flat=True))
    billed = load_billed_lines(service.pk, ends_after=order.quote.day, is_listed=lambda credit: credit.pk in own_lines)
    everything = [line for lines in billed.values() for line in lines]
    begun_late = [line for line in everything if int(line.reference) in own_lines]
    lines = (*credit_late_start(begun_late, day=day), *charge_late_exchange(_with_credits(everything), day=day))
    if not lines:
        return
    issue(
        customer,
        lines=lines,
        totals=document_totals(lines, billed=everything, prices_include_tax=customer.prices_include_tax),
        subscriptions={
            each.offer.edition.code: each.pk
            for each in service.subscriptions.filter(ended_on=None).select_related("offer__edition")
        },
        service_id=service.pk,
        order_id=order.pk,
        day=day,
        now=now,
        actor=actor,
        corrects=order.documents.order_by("pk").first(),
        reason="The seats started later than they were ordered.",
    )


def _with_credits(lines: list[BilledLine]) -> list[BilledLine]:
    return [line for line in lines if line.credits_of_the_day]
