"""Reads of deliveries: the work at hand, what is due, and the staff's provisioning board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from perseat.capabilities.provisioning.models import Delivery, DeliveryAttempt
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.fulfillment import DeliveryAct, DeliveryState, OrderState
from perseat.domain.money import charge_minor, get_currency

PAGE_SIZE = 50
OPEN_STATES = (DeliveryState.WAITING, DeliveryState.ASKING, DeliveryState.AT_SUPPLIER, DeliveryState.PARKED)
LOWERING_ACTS = (DeliveryAct.SET_SEATS, DeliveryAct.END)
MOVING_STATES = (DeliveryState.WAITING, DeliveryState.ASKING, DeliveryState.AT_SUPPLIER)


class DeliveryUnknown(LookupError):
    """There is no such delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One delivery with all that the worker needs to carry it out, read once before anything is asked.

    `is_return`: the customer's money waits for what the supplier says to these fewer seats. `last_read_seats`: what the
    supplier held when it was read last, None before.
    """

    delivery_id: int
    order_id: int
    service_id: int
    subscription_id: int
    act: DeliveryAct
    state: DeliveryState
    step: int
    seats: int
    seats_before: int
    planned_seats: int | None
    request_id: UUID
    basket_id: str
    supplier_order_id: str
    operation_id: str
    upgraded_seats: int
    supplier_subscription_id: str
    attempts: int
    people: tuple[dict[str, Any], ...]
    exchanges: tuple[dict[str, Any], ...]
    directory_seats: int | None
    is_return: bool
    accepted_at: datetime | None
    created_at: datetime
    driven_since: datetime
    edition: str
    edition_name: str
    last_read_seats: int | None
    directory_sku_id: str
    supplier_product_id: str
    supplier_sku_id: str
    term: str
    cycle: str
    tenant_row_id: int
    tenant_id: str
    country: str

    @property
    def is_increase(self) -> bool:
        """Whether people wait for these seats."""
        return self.act in (DeliveryAct.BUY, DeliveryAct.SET_SEATS) and self.seats > self.seats_before


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """A question and its answer; the ids are what the supplier's support asks for."""

    at: datetime
    question: str
    request_id: UUID
    correlation_id: str
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery on the staff's board. The `may_be_…`: what a person may press."""

    delivery_id: int
    order_id: int
    customer_id: int
    customer_number: str
    customer_name: str
    domain: str
    edition_name: str
    act: DeliveryAct
    state: DeliveryState
    seats_before: int
    seats: int
    attempts: int
    next_attempt_at: datetime | None
    error_code: str
    error_sentence: str
    created_at: datetime
    finished_at: datetime | None
    may_be_retried: bool
    may_be_parked: bool
    may_be_refused: bool
    may_be_bought_instead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetail:
    """A delivery with every attempt, the newest first."""

    row: DeliveryRow
    request_id: UUID
    basket_id: str
    supplier_order_id: str
    supplier_subscription_id: str
    attempts: tuple[AttemptRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSeats:
    """Seats that the supplier still holds and nobody pays for. `until`: the last day, None when not known.

    `worth_minor`: what they would bring for a whole charge period, at the customer's price (with tax or without).
    """

    customer_id: int
    customer_number: str
    customer_name: str
    edition_name: str
    held: int
    at_supplier: int
    too_many: int
    worth_minor: int
    currency: str
    until: date | None
    read_at: datetime | None


def get_work(delivery_id: int) -> Work:
    """Everything about one delivery. :raises DeliveryUnknown:."""
    row = (
        Delivery.objects.select_related(
            "order", "subscription__offer__edition", "subscription__service__tenant", "subscription__service"
        )
        .filter(pk=delivery_id)
        .first()
    )
    if row is None:
        raise DeliveryUnknown(delivery_id)
    subscription = row.subscription
    edition, service, tenant = subscription.offer.edition, subscription.service, subscription.service.tenant
    return Work(
        delivery_id=row.pk,
        order_id=row.order_id or 0,
        service_id=service.pk,
        subscription_id=subscription.pk,
        act=DeliveryAct(row.act),
        state=DeliveryState(row.state),
        step=row.step,
        seats=row.seats,
        seats_before=row.seats_before,
        planned_seats=subscription.planned_seats,
        request_id=row.request_id,
        basket_id=row.basket_id,
        supplier_order_id=row.supplier_order_id,
        operation_id=row.operation_id,
        upgraded_seats=row.upgraded_seats,
        supplier_subscription_id=subscription.supplier_subscription_id,
        attempts=row.attempts,
        people=tuple(row.people),
        exchanges=tuple(row.exchanges),
        directory_seats=row.directory_seats,
        is_return=is_return(row),
        accepted_at=row.accepted_at,
        created_at=row.created_at,
        driven_since=row.driven_since,
        edition=edition.code,
        edition_name=edition.name,
        last_read_seats=subscription.supplier_seats,
        directory_sku_id=str(edition.directory_sku_id),
        supplier_product_id=edition.supplier_product_id,
        supplier_sku_id=edition.supplier_sku_id,
        term=subscription.offer.term,
        cycle=subscription.offer.cycle,
        tenant_row_id=tenant.pk,
        tenant_id=str(tenant.tenant_id),
        country=tenant.country,
    )


def is_return(delivery: Delivery) -> bool:
    """Whether it gives seats back that are credited once the supplier has taken them."""
    lowers = delivery.act in LOWERING_ACTS and delivery.seats < delivery.seats_before
    return lowers and delivery.order is not None and delivery.order.is_return


def list_due_orders(now: datetime, *, limit: int = 500) -> tuple[int, ...]:
    """Orders with a delivery whose time has come, the longest waiting first."""
    due = Delivery.objects.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now), state__in=MOVING_STATES)
    rows = due.exclude(order=None).order_by("order_id").values_list("order_id", flat=True).distinct()
    return tuple(rows[:limit])


def list_due_alone(now: datetime, *, limit: int = 100) -> tuple[int, ...]:
    """Deliveries without an order whose time has come, the longest waiting first."""
    due = Delivery.objects.filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now), state__in=MOVING_STATES)
    return tuple(due.filter(order=None).order_by("pk").values_list("pk", flat=True)[:limit])


def list_orders_of_service_with_work(service_id: int, *, after_order_id: int) -> tuple[int, ...]:
    """Later orders of a service that wait for an earlier one."""
    rows = Delivery.objects.filter(
        order__service_id=service_id, order_id__gt=after_order_id, state__in=MOVING_STATES
    ).order_by("order_id")
    return tuple(rows.values_list("order_id", flat=True).distinct())


def list_deliveries_for_staff(
    *, states: tuple[DeliveryState, ...] = (), search: str = "", page: int = 1
) -> tuple[DeliveryRow, ...]:
    """Deliveries, newest first, 50 a page. `search`: a customer's number or the beginning of its name."""
    rows = _rows()
    if states:
        rows = rows.filter(state__in=states)
    if search:
        rows = rows.filter(
            Q(subscription__service__customer__number__iexact=search)
            | Q(subscription__service__customer__legal_name__istartswith=search)
        )
    start = (max(page, 1) - 1) * PAGE_SIZE
    return tuple(_row(each) for each in rows.order_by("-pk")[start : start + PAGE_SIZE])


def list_deliveries_of_order(order_id: int) -> tuple[DeliveryRow, ...]:
    """An order's deliveries in the order in which they run."""
    return tuple(_row(each) for each in _rows().filter(order_id=order_id).order_by("step", "pk"))


def get_delivery(delivery_id: int) -> DeliveryDetail:
    """One delivery with its attempts. :raises DeliveryUnknown:."""
    row = _rows().filter(pk=delivery_id).first()
    if row is None:
        raise DeliveryUnknown(delivery_id)
    attempts = DeliveryAttempt.objects.filter(delivery_id=delivery_id).order_by("-pk")[:100]
    return DeliveryDetail(
        row=_row(row),
        request_id=row.request_id,
        basket_id=row.basket_id,
        supplier_order_id=row.supplier_order_id,
        supplier_subscription_id=row.subscription.supplier_subscription_id,
        attempts=tuple(
            AttemptRow(
                at=each.at,
                question=each.question,
                request_id=each.request_id,
                correlation_id=each.correlation_id,
                outcome=each.outcome,
                detail=each.detail,
            )
            for each in attempts
        ),
    )


def count_parked() -> int:
    """How many deliveries wait for a person of the staff."""
    return Delivery.objects.filter(state=DeliveryState.PARKED).count()


def list_kept_seats() -> tuple[KeptSeats, ...]:
    """What we pay the supplier for and nobody pays us: seats above the accepted total, where nothing is under way."""
    rows = (
        Subscription.objects.filter(supplier_seats__gt=F("held_seats"))
        .exclude(deliveries__state__in=MOVING_STATES)
        .exclude(supplier_subscription_id="")
        .select_related("service__customer", "offer__edition")
        .order_by("pk")[:200]
    )
    return tuple(
        KeptSeats(
            customer_id=each.service.customer_id,
            customer_number=each.service.customer.number,
            customer_name=each.service.customer.legal_name,
            edition_name=each.offer.edition.name,
            held=each.held_seats,
            at_supplier=each.supplier_seats or 0,
            too_many=(each.supplier_seats or 0) - each.held_seats,
            worth_minor=_worth(each),
            currency=each.service.customer.currency,
            until=each.supplier_term_ends_on,
            read_at=each.supplier_read_at,
        )
        for each in rows
    )


def _worth(subscription: Subscription) -> int:
    return charge_minor(
        seats=(subscription.supplier_seats or 0) - subscription.held_seats,
        unit_price=subscription.unit_price,
        days=1,
        period_days=1,
        currency=get_currency(subscription.service.customer.currency),
    )


def _rows() -> QuerySet[Delivery]:
    return Delivery.objects.select_related(
        "order", "subscription__offer__edition", "subscription__service__customer", "subscription__service__tenant"
    )


def _row(delivery: Delivery) -> DeliveryRow:
    subscription = delivery.subscription
    customer = subscription.service.customer
    state = DeliveryState(delivery.state)
    is_parked = state is DeliveryState.PARKED
    is_increase = delivery.act in (DeliveryAct.BUY, DeliveryAct.SET_SEATS) and delivery.seats > delivery.seats_before
    order_waits = delivery.order is not None and delivery.order.state == OrderState.NEEDS_ATTENTION
    return DeliveryRow(
        delivery_id=delivery.pk,
        order_id=delivery.order_id or 0,
        customer_id=customer.pk,
        customer_number=customer.number,
        customer_name=customer.legal_name,
        domain=subscription.service.tenant.domain,
        edition_name=subscription.offer.edition.name,
        act=DeliveryAct(delivery.act),
        state=state,
        seats_before=delivery.seats_before,
        seats=delivery.seats,
        attempts=delivery.attempts,
        next_attempt_at=delivery.next_attempt_at,
        error_code=delivery.error_code,
        error_sentence=delivery.error_sentence,
        created_at=delivery.created_at,
        finished_at=delivery.finished_at,
        may_be_retried=is_parked or state is DeliveryState.WAITING,
        may_be_parked=state in (DeliveryState.WAITING, DeliveryState.AT_SUPPLIER),
        may_be_refused=is_parked
        and (is_increase or is_return(delivery))
        and order_waits
        and not delivery.supplier_order_id,
        may_be_bought_instead=is_parked and may_be_bought_instead(delivery),
    )


def may_be_bought_instead(delivery: Delivery) -> bool:
    """Whether it is an upgrade that the supplier has not been asked for, or has refused."""
    return delivery.act == DeliveryAct.UPGRADE and not delivery.operation_id


def sum_upgraded(order_id: int, *, edition: str) -> dict[str, int]:
    """By the edition left: seats of an order that the supplier's own upgrade has made seats of this edition."""
    rows = Delivery.objects.filter(
        order_id=order_id, act=DeliveryAct.UPGRADE, subscription__offer__edition__code=edition, upgraded_seats__gt=0
    )
    return {row.exchanges[0]["source"]: row.upgraded_seats for row in rows}


def sum_upgraded_from(order_id: int, *, edition: str) -> int:
    """Seats of this edition that the supplier's own upgrades have made others, in one order."""
    rows = Delivery.objects.filter(order_id=order_id, act=DeliveryAct.UPGRADE, upgraded_seats__gt=0)
    return sum(row.upgraded_seats for row in rows if row.exchanges[0]["source"] == edition)


def list_operations_of_service(service_id: int, *, but: int) -> frozenset[str]:
    """The supplier's ids of the service's other upgrades."""
    rows = Delivery.objects.filter(subscription__service_id=service_id, act=DeliveryAct.UPGRADE).exclude(pk=but)
    return frozenset(each for each in rows.values_list("operation_id", flat=True) if each)
