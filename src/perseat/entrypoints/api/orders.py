"""Orders: where each stands, and taking back one that is not paid."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from ninja import Router

from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.entrypoints.api.answers import KEY_PARAMETER, TO_POST, answers
from perseat.entrypoints.api.decreases import QuotedDecrease, decrease_shape
from perseat.entrypoints.api.gate import ApiRequest
from perseat.entrypoints.api.lines import Line, line_shapes
from perseat.entrypoints.api.shapes import Listed, Money, PageNumber, Shape, listed, money, reply
from perseat.journeys.order_progress import PAGE_SIZE, OrderRow, OrderView, get_order, list_orders
from perseat.journeys.withdrawal import withdraw_order

router = Router(tags=["Orders"])


class OrderInList(Shape):
    """An order in the list."""

    id: int
    service_id: int
    service_name: str
    state: OrderState
    label: str
    accepted_at: datetime
    document_number: str
    total: Money


class OrderEvent(Shape):
    """What happened, and when."""

    state: OrderState
    label: str
    at: datetime
    note: str


class OrderedSeats(Shape):
    """What the order does to one edition."""

    edition: str
    edition_name: str
    seats_before: int
    seats_now: int
    planned_seats: int | None
    planned_on: date | None


class OrderDelivery(Shape):
    """What is being done at Microsoft."""

    sentence: str
    state: DeliveryState


class Order(Shape):
    """One order. `open`: what is left to pay; `payment_reference`: what a transfer to `bank_account` must name.

    `page`: its address in the Client Area, where it can be paid online when `may_be_paid_online`.
    `credit_to_come`: what comes back, with tax, while seats that were given back wait for Microsoft's answer, else 0.
    """

    id: int
    quote_id: UUID
    service_id: int
    service_name: str
    state: OrderState
    label: str
    attention: str
    accepted_at: datetime
    accepted_by: str
    effective_on: date | None
    document_number: str
    total: Money
    open: Money
    payment_method: str
    payment_reference: str
    bank_account: str
    expires_on: date | None
    may_be_paid_online: bool
    may_be_withdrawn: bool
    replaced_by_id: int | None
    seats: list[OrderedSeats]
    decreases: list[QuotedDecrease]
    credit_to_come: Money
    lines: list[Line]
    events: list[OrderEvent]
    deliveries: list[OrderDelivery]
    page: str


class Nothing(Shape):
    """An empty object; the body may be left out."""


@router.get("/orders", response=answers(Listed[OrderInList]), operation_id="list_orders")
def orders(request: ApiRequest, page: PageNumber = 1) -> HttpResponse:
    """The customer's orders, the newest first."""
    rows = [_row(each) for each in list_orders(request.auth.member.customer_id, page=page)]
    return reply(listed(rows, page=page, page_size=PAGE_SIZE))


@router.get("/orders/{int:order_id}", response=answers(Order), operation_id="get_order")
def order(request: ApiRequest, order_id: int) -> HttpResponse:
    """Where one order stands."""
    return reply(order_shape(get_order(customer_id=request.auth.member.customer_id, order_id=order_id)))


@router.post(
    "/orders/{int:order_id}/withdraw",
    response=answers(Order, but=TO_POST),
    operation_id="withdraw_order",
    openapi_extra=KEY_PARAMETER,
)
def withdraw(
    request: ApiRequest,
    order_id: int,
    body: Nothing | None = None,  # noqa: ARG001 - so that nothing unknown is in it
) -> HttpResponse:
    """Cancel an order that awaits payment, by a credit note. Repeating changes nothing."""
    member = request.auth.member
    withdraw_order(customer_id=member.customer_id, user_id=member.user_id, order_id=order_id, now=request.now)
    return reply(order_shape(get_order(customer_id=member.customer_id, order_id=order_id)))


def order_shape(view: OrderView) -> Order:
    """The order as its page shows it."""
    return Order(
        id=view.order_id,
        quote_id=view.quote_id,
        service_id=view.service_id,
        service_name=view.service_name,
        state=view.state,
        label=view.label,
        attention=view.attention,
        accepted_at=view.accepted_at,
        accepted_by=view.accepted_by,
        effective_on=view.effective_on,
        document_number=view.document_number,
        total=money(view.total_minor, view.currency),
        open=money(view.open_minor, view.currency),
        payment_method=view.payment_method,
        payment_reference=view.payment_reference,
        bank_account=view.bank_account,
        expires_on=view.expires_on,
        may_be_paid_online=view.may_be_paid_online,
        may_be_withdrawn=view.may_be_withdrawn,
        replaced_by_id=view.replaced_by_id,
        seats=[
            OrderedSeats(
                edition=each.edition,
                edition_name=each.edition_name,
                seats_before=each.seats_before,
                seats_now=each.seats_now,
                planned_seats=each.planned_seats,
                planned_on=each.planned_on,
            )
            for each in view.seats
        ],
        decreases=[decrease_shape(each, currency=view.currency) for each in view.decreases],
        credit_to_come=money(view.credit_to_come_minor, view.currency),
        lines=line_shapes(view.lines, currency=view.currency),
        events=[OrderEvent(state=each.state, label=each.label, at=each.at, note=each.note) for each in view.events],
        deliveries=[OrderDelivery(sentence=each.sentence, state=each.state) for each in view.deliveries],
        page=f"{settings.PERSEAT.base_url}/orders/{view.order_id}/",
    )


def _row(row: OrderRow) -> OrderInList:
    return OrderInList(
        id=row.order_id,
        service_id=row.service_id,
        service_name=row.service_name,
        state=row.state,
        label=row.label,
        accepted_at=row.accepted_at,
        document_number=row.document_number,
        total=money(row.total_minor, row.currency),
    )
