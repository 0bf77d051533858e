"""Services: what a customer has, and the product summary with the documents that each figure comes from."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from ninja import Router

from perseat import wiring
from perseat.capabilities.subscriptions.queries import PAGE_SIZE, ServiceRow, list_services
from perseat.domain.fulfillment import OrderState
from perseat.entrypoints.api.answers import answers
from perseat.entrypoints.api.gate import ApiRequest, today_of
from perseat.entrypoints.api.shapes import Listed, Money, PageNumber, Shape, listed, money, reply, unit_price
from perseat.journeys.product_summary import LicenseFigure, OpenOrderFigure, ProductSummary, get_product_summary
from perseat.journeys.seat_counts import SeatCounts, available_of, get_seat_counts

router = Router(tags=["Services"])


class HeldSeats(Shape):
    """Seats of one edition; `planned`: the total from the renewal on, null without a plan."""

    edition: str
    edition_name: str
    held: int
    planned: int | None


class Service(Shape):
    """A service in the list."""

    id: int
    name: str
    domains: list[str]
    state: str
    seats: list[HeldSeats]
    next_charge_on: date | None


class SourcedMoney(Shape):
    """An amount, and the numbers of the documents and payments that it is the sum of."""

    amount: Money
    sources: list[str]


class SourcedDay(Shape):
    """A day (null when nothing was charged yet), and the numbers of the documents that say so."""

    day: date | None
    sources: list[str]


class NextCharge(Shape):
    """The renewal document as it is known today."""

    on: date
    net: Money
    tax: Money
    total: Money


class Plan(Shape):
    """A change that waits for the renewal. `changeable_until`: the moment until which it can be changed."""

    edition: str
    held: int
    planned: int
    on: date
    changeable_until: datetime


class License(Shape):
    """Seats of one edition. `purchased`: held here. `assigned` and `available` are null until Microsoft has told.

    `at_microsoft`: what the directory has, other sellers' seats included. `sources`: the documents that charge them.
    `returning`: of those purchased, seats that were given back and wait for Microsoft's answer.
    """

    edition: str
    edition_name: str
    purchased: int
    planned: int | None
    assigned: int | None
    available: int | None
    at_microsoft: int | None
    unit_price: Money
    renews_on: date | None
    returning: int
    sources: list[str]


class OpenOrder(Shape):
    """The order that awaits payment or is under way."""

    id: int
    state: OrderState
    document_number: str
    open: Money
    expires_on: date | None


class Summary(Shape):
    """The product summary. `counts_read_at`: when Microsoft told its numbers; `counts_are_current`: just now.

    `prices_include_tax`: unit prices have the tax in them.
    """

    id: int
    name: str
    domains: list[str]
    state: str
    prices_include_tax: bool
    next_charge: NextCharge | None
    paid_to: SourcedDay
    owed: SourcedMoney
    balance: SourcedMoney
    plans: list[Plan]
    open_order: OpenOrder | None
    licenses: list[License]
    counts_read_at: datetime | None
    counts_are_current: bool


@router.get("/services", response=answers(Listed[Service]), operation_id="list_services")
def services(request: ApiRequest, page: PageNumber = 1) -> HttpResponse:
    """The customer's services, in the order in which they were opened."""
    rows = [_service(each) for each in list_services(request.auth.member.customer_id, page=page)]
    return reply(listed(rows, page=page, page_size=PAGE_SIZE))


@router.get("/services/{int:service_id}", response=answers(Summary), operation_id="get_service")
def service(request: ApiRequest, service_id: int) -> HttpResponse:
    """One service with its licenses; Microsoft is asked for its numbers, and silence leaves the last known ones."""
    member = request.auth.member
    counts = get_seat_counts(wiring.get_outside(), customer_id=member.customer_id, service_id=service_id)
    found = get_product_summary(customer_id=member.customer_id, service_id=service_id, today=today_of(request))
    return reply(_summary(found, counts=counts))


def _service(row: ServiceRow) -> Service:
    return Service(
        id=row.service_id,
        name=row.name,
        domains=list(row.domains),
        state=row.state,
        seats=[
            HeldSeats(edition=each.edition, edition_name=each.edition_name, held=each.held, planned=each.planned)
            for each in row.seats
        ],
        next_charge_on=row.next_charge_on,
    )


def _summary(found: ProductSummary, *, counts: SeatCounts) -> Summary:
    currency = found.currency
    charge = found.next_charge
    return Summary(
        id=found.service_id,
        name=found.service_name,
        domains=list(found.domains),
        state=found.state,
        prices_include_tax=found.prices_include_tax,
        next_charge=None
        if charge is None
        else NextCharge(
            on=charge.on,
            net=money(charge.net_minor, currency),
            tax=money(charge.tax_minor, currency),
            total=money(charge.total_minor, currency),
        ),
        paid_to=SourcedDay(day=found.paid_to.day, sources=list(found.paid_to.sources)),
        owed=SourcedMoney(amount=money(found.owed.amount_minor, currency), sources=list(found.owed.sources)),
        balance=SourcedMoney(amount=money(found.balance.amount_minor, currency), sources=list(found.balance.sources)),
        plans=[
            Plan(
                edition=each.edition,
                held=each.held,
                planned=each.planned,
                on=each.on,
                changeable_until=each.changeable_until,
            )
            for each in found.plans
        ],
        open_order=_open_order(found.open_order, currency=currency) if found.open_order else None,
        licenses=[_license(each, counts=counts, currency=currency) for each in found.licenses],
        counts_read_at=counts.read_at,
        counts_are_current=counts.is_current,
    )


def _open_order(order: OpenOrderFigure, *, currency: str) -> OpenOrder:
    return OpenOrder(
        id=order.order_id,
        state=order.state,
        document_number=order.document_number,
        open=money(order.open_minor, currency),
        expires_on=order.expires_on,
    )


def _license(figure: LicenseFigure, *, counts: SeatCounts, currency: str) -> License:
    count = counts.of(figure.directory_sku_id) if counts.read_at else None
    return License(
        edition=figure.edition,
        edition_name=figure.edition_name,
        purchased=figure.held,
        planned=figure.planned,
        assigned=count.assigned if count else None,
        available=available_of(figure.held - figure.returning, purchased=count.purchased, assigned=count.assigned)
        if count
        else None,
        at_microsoft=count.purchased if count else None,
        unit_price=unit_price(figure.unit_price, currency),
        renews_on=figure.renews_on,
        returning=figure.returning,
        sources=list(figure.document_numbers),
    )
