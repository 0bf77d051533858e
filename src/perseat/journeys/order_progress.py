"""Order progress: where an order stands, in the customer's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet

from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.invoicing.queries import document_of_order
from perseat.capabilities.ordering.models import Order, Quote
from perseat.capabilities.payments.queries import get_open_minor
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.returns import list_return_answers
from perseat.domain.fulfillment import ORDER_LABELS, DeliveryAct, DeliveryState, OrderState, PaymentState
from perseat.journeys.figure_making import DECREASES, figures_of_quote
from perseat.journeys.figures import DecreaseFigure, LineFigure, TaxFigure
from perseat.journeys.payment_methods import list_gateways

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStep:
    """One step of the order page: reached at `at`, or still ahead (None)."""

    state: OrderState
    label: str
    at: datetime | None
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEventView:
    """What happened, when, and what the customer was told."""

    state: OrderState
    label: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedSeats:
    """What the order does to one edition."""

    edition: str
    edition_name: str
    seats_before: int
    seats_now: int
    planned_seats: int | None
    planned_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """What is being done at the supplier, in the customer's words."""

    sentence: str
    state: DeliveryState
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order. Amounts in minor units. `open_minor`: what is left to pay; `payment_reference`: what a transfer names.

    `expires_on`: the last day it can be paid, None when it needs no payment. `is_declined`: the last try to pay it
    online was. `may_be_withdrawn`: still unpaid. `attention`: the sentence for an order that needs attention.
    `fresh_quote_id`: of a cancelled order whose money came after all, a new quote of the same totals.
    `decreases`: the quote's. `is_return`: it only gives seats back. `credit_to_come_minor`: with tax, positive, while
    they wait for Microsoft's answer.
    """

    order_id: int
    quote_id: UUID
    service_id: int
    service_name: str
    state: OrderState
    label: str
    steps: tuple[OrderStep, ...]
    events: tuple[OrderEventView, ...]
    seats: tuple[OrderedSeats, ...]
    lines: tuple[LineFigure, ...]
    taxes: tuple[TaxFigure, ...]
    total_arithmetic: str
    deliveries: tuple[DeliveryView, ...]
    accepted_at: datetime
    accepted_by: str
    effective_on: date | None
    currency: str
    document_number: str
    prices_include_tax: bool
    tax_minor: int
    total_minor: int
    open_minor: int
    decreases: tuple[DecreaseFigure, ...]
    is_return: bool
    credit_to_come_minor: int
    payment_method: str
    payment_reference: str
    bank_account: str
    expires_on: date | None
    attention: str
    is_declined: bool
    may_be_paid_online: bool
    may_be_withdrawn: bool
    replaced_by_id: int | None
    fresh_quote_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order in a list."""

    order_id: int
    service_id: int
    service_name: str
    customer_id: int
    customer_number: str
    customer_name: str
    state: OrderState
    label: str
    accepted_at: datetime
    document_number: str
    currency: str
    total_minor: int
    attention: str


def get_order(*, customer_id: int, order_id: int) -> OrderView:
    """:raises DoesNotBelong: when the order is not the customer's."""
    order = (
        Order.objects.select_related("quote__customer", "service", "accepted_by")
        .filter(pk=order_id, customer_id=customer_id)
        .first()
    )
    if order is None:
        raise DoesNotBelong(order_id)
    state = OrderState(order.state)
    document = document_of_order(order)
    awaits_payment = state is OrderState.AWAITING_PAYMENT
    open_minor = get_open_minor(document) if document else 0
    events = _events(order)
    quoted = figures_of_quote(order.quote)
    return OrderView(
        order_id=order.pk,
        quote_id=order.quote.public_id,
        service_id=order.service_id,
        service_name=order.service.name,
        state=state,
        label=ORDER_LABELS[state],
        steps=_steps(order, events),
        events=events,
        seats=_seats(order),
        lines=quoted.lines,
        taxes=quoted.taxes,
        total_arithmetic=quoted.due_arithmetic,
        deliveries=_deliveries(order),
        accepted_at=order.accepted_at,
        accepted_by=order.accepted_by.email,
        effective_on=order.effective_on,
        currency=order.quote.currency,
        document_number=document.number if document else "",
        prices_include_tax=(document or order.quote.customer).prices_include_tax,
        tax_minor=document.tax_minor if document else 0,
        total_minor=document.total_minor if document else 0,
        open_minor=open_minor,
        decreases=DECREASES.validate_python(order.quote.decreases),
        is_return=order.is_return,
        credit_to_come_minor=_credit_to_come(order),
        payment_method=order.payment_method,
        payment_reference=document.payment_reference if document and open_minor else "",
        bank_account=settings.PERSEAT.provider_bank_account if open_minor else "",
        expires_on=order.expires_on if awaits_payment else None,
        attention=order.attention,
        is_declined=awaits_payment and document is not None and _is_declined(document),
        may_be_paid_online=awaits_payment and open_minor > 0 and bool(list_gateways()),
        may_be_withdrawn=awaits_payment,
        replaced_by_id=Order.objects.filter(replaces=order).values_list("pk", flat=True).first(),
        fresh_quote_id=_fresh_quote_id(order) if state is OrderState.CANCELLED else None,
    )


def list_orders(customer_id: int, *, page: int = 1) -> tuple[OrderRow, ...]:
    """The customer's orders, newest first, 50 a page."""
    return _rows(Order.objects.filter(customer_id=customer_id), page=page)


def list_orders_for_staff(*, state: OrderState | None = None, search: str = "", page: int = 1) -> tuple[OrderRow, ...]:
    """All orders, newest first, 50 a page. `search`: a customer's number or the beginning of its name."""
    orders = Order.objects.all()
    if state is not None:
        orders = orders.filter(state=state)
    if search:
        orders = orders.filter(Q(customer__legal_name__istartswith=search) | Q(customer__number__istartswith=search))
    return _rows(orders, page=page)


def _credit_to_come(order: Order) -> int:
    """What was promised, as long as an answer is open."""
    is_open = order.is_return and any(each.is_open for each in list_return_answers(order.pk))
    return -order.quote.due_today_minor if is_open else 0


def _is_declined(document: Document) -> bool:
    last = document.payments.order_by("-pk").values_list("state", flat=True).first()
    return last == PaymentState.DECLINED


def _fresh_quote_id(order: Order) -> UUID | None:
    cancelled = order.events.filter(state=OrderState.CANCELLED).order_by("pk").first()
    if cancelled is None:
        return None
    quotes = Quote.objects.filter(service_id=order.service_id, wanted=order.quote.wanted, order=None)
    return quotes.filter(made_at__gte=cancelled.at).order_by("-pk").values_list("public_id", flat=True).first()


def _rows(orders: QuerySet[Order], *, page: int) -> tuple[OrderRow, ...]:
    oldest_first = Prefetch("documents", queryset=Document.objects.order_by("pk"))
    found = orders.select_related("customer", "service", "quote").prefetch_related(oldest_first).order_by("-pk")
    return tuple(_row(order) for order in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])


def _last_issued(documents: Iterable[Document]) -> Document | None:
    """Of an order's documents, oldest first, its own one, or what that was issued again as."""
    found: Document | None = None
    for each in documents:
        if found is None or each.reissues_id == found.pk:
            found = each
    return found


def _row(order: Order) -> OrderRow:
    document = _last_issued(order.documents.all())
    state = OrderState(order.state)
    return OrderRow(
        order_id=order.pk,
        service_id=order.service_id,
        service_name=order.service.name,
        customer_id=order.customer_id,
        customer_number=order.customer.number,
        customer_name=order.customer.legal_name,
        state=state,
        label=ORDER_LABELS[state],
        accepted_at=order.accepted_at,
        document_number=document.number if document else "",
        currency=order.quote.currency,
        total_minor=document.total_minor if document else 0,
        attention=order.attention,
    )


_WALK = (OrderState.PAID, OrderState.ORDERING, OrderState.AT_MICROSOFT, OrderState.READY)


def _steps(order: Order, events: tuple[OrderEventView, ...]) -> tuple[OrderStep, ...]:
    """The way of an order; one that leaves it (scheduled, cancelled, needs attention) shows where it went."""
    first_reached: dict[OrderState, datetime] = {}
    for event in events:
        first_reached.setdefault(event.state, event.at)
    state = OrderState(order.state)
    walk: tuple[OrderState, ...] = _WALK
    if OrderState.AWAITING_PAYMENT in first_reached and (
        order.quote.to_pay_minor or state is OrderState.AWAITING_PAYMENT
    ):
        walk = (OrderState.AWAITING_PAYMENT, *walk)
    if state not in walk:
        walk = (*(each for each in walk if each in first_reached), state)
    return tuple(
        OrderStep(state=each, label=ORDER_LABELS[each], at=first_reached.get(each), is_current=each is state)
        for each in walk
    )


def _events(order: Order) -> tuple[OrderEventView, ...]:
    return tuple(
        OrderEventView(
            state=OrderState(event.state), label=ORDER_LABELS[OrderState(event.state)], at=event.at, note=event.note
        )
        for event in order.events.order_by("at", "pk")
    )


def _seats(order: Order) -> tuple[OrderedSeats, ...]:
    return tuple(
        OrderedSeats(
            edition=line.offer.edition.code,
            edition_name=line.offer.edition.name,
            seats_before=line.seats_before,
            seats_now=line.seats_now,
            planned_seats=line.planned_seats,
            planned_on=line.planned_on,
        )
        for line in order.lines.select_related("offer__edition").order_by("offer__edition__position")
    )


def _deliveries(order: Order) -> tuple[DeliveryView, ...]:
    rows = order.deliveries.select_related("subscription__offer__edition").order_by("step", "pk")
    return tuple(
        DeliveryView(
            sentence=_sentence(row),
            state=DeliveryState(row.state),
            is_done=row.state == DeliveryState.DONE,
        )
        for row in rows
        if not _is_without_effect(row)
    )


def _is_without_effect(row: Delivery) -> bool:
    """An upgrade that was over without upgrading anything: the seats were bought, which has a row of its own."""
    return row.act == DeliveryAct.UPGRADE and row.state == DeliveryState.CANCELLED


def _sentence(row: Delivery) -> str:
    name = row.subscription.offer.edition.name
    seats = "1 seat" if row.seats == 1 else f"{row.seats} seats"
    match DeliveryAct(row.act):
        case DeliveryAct.UPGRADE:
            moved = row.seats - row.seats_before
            return f"{'1 seat' if moved == 1 else f'{moved} seats'} upgraded to {name}"
        case DeliveryAct.BUY | DeliveryAct.SET_SEATS:
            return f"{name}: {seats} at Microsoft"
        case DeliveryAct.MOVE_PEOPLE:
            return "People get their new license and give back the old one"
        case DeliveryAct.PLAN_RENEWAL:
            return f"{name}: {seats} from the renewal on"
        case DeliveryAct.END:
            return f"{name}: ended at Microsoft"
