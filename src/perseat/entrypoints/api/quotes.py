"""Quotes: totals in, a stored quote with all its arithmetic out, and the order that accepting it makes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from perseat import wiring
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.domain.quote import DocumentKind
from perseat.domain.rights import may_buy
from perseat.domain.seats import MOST_SEATS
from perseat.entrypoints.api.answers import KEY_PARAMETER, TO_MICROSOFT, TO_POST, answers
from perseat.entrypoints.api.decreases import QuotedDecrease, decrease_shape
from perseat.entrypoints.api.gate import ApiRequest
from perseat.entrypoints.api.lines import Line, Tax, line_shapes, tax_shapes
from perseat.entrypoints.api.orders import Order, order_shape
from perseat.entrypoints.api.problems import OpenOrderProblem, Problem, problem_reply
from perseat.entrypoints.api.shapes import Code, Money, PersonId, Shape, money, reply, unit_price
from perseat.journeys.checkout import (
    CheckoutView,
    MovedBecause,
    QuoteHasMoved,
    accept_quote,
    accept_quote_replacing_open_order,
    get_checkout,
)
from perseat.journeys.figures import EditionFigure
from perseat.journeys.order_progress import get_order
from perseat.journeys.people_choice import NamedPerson, choose_people
from perseat.journeys.seat_change import make_quote

router = Router(tags=["Quotes"])

Total = Annotated[int, Field(ge=0, le=MOST_SEATS)]


class PersonToChange(Shape):
    """Who loses the license `remove` when the seats are there, and gets `add` instead ("" for nothing).

    `id`: of a person of the tenant who holds `remove` other than by a group; the sign-in name does as well.
    """

    id: PersonId
    remove: Code
    add: Annotated[str, Field(max_length=60)] = ""


class QuoteAsked(Shape):
    """The total of each edition that shall change, by its code; an edition that is not named stays as it is.

    `people`: who moves to another edition or loses a license, where fewer seats would be left than people hold. Left
    out or null, nobody is named, which is refused where there is a choice.
    """

    wanted: Annotated[dict[Code, Total], Field(min_length=1, max_length=50)]
    people: Annotated[list[PersonToChange], Field(max_length=300)] | None = None


class Acceptance(Shape):
    """How it will be paid: a code of the quote's `payment_methods`, "" when nothing is to pay.

    `replace_open_order`: cancel the order of this service that still awaits payment.
    """

    payment_method: Annotated[str, Field(max_length=40)] = ""
    replace_open_order: bool = False


class ReturnableSeats(Shape):
    """Seats that are refunded when they are given back by `until`, a day (included)."""

    seats: int
    until: date


class QuotedEdition(Shape):
    """`now`: held from today. `planned_after`: the total from `planned_on` on, null without a plan.

    `returnable`: of the seats held, those that could be given back for a refund when the quote was made.
    """

    edition: str
    edition_name: str
    held: int
    wanted: int
    now: int
    planned_after: int | None
    planned_on: date | None
    unit_price: Money
    returnable: list[ReturnableSeats]


class ChangingPerson(Shape):
    """A person whose license changes with the order; `add` is "" for who gets none."""

    id: str
    name: str
    remove: str
    add: str


class PaymentChoice(Shape):
    """A way to pay. `is_online`: on the order's page in the Client Area."""

    code: str
    label: str
    is_online: bool


class Quote(Shape):
    """A stored quote; nothing of it changes any more. `due_today` = `net` + `tax`; `to_pay` is what the balance leaves.

    `document_kind` is null when nothing is due and nothing credited. `order_id`: the order that it became.
    `credit_waits_for_microsoft`: the credit note is issued when Microsoft has taken the seats back.
    `prices_include_tax`: unit prices and the amounts of lines have the tax in them.
    """

    id: UUID
    service_id: int
    made_at: datetime
    expires_at: datetime
    is_expired: bool
    document_kind: DocumentKind | None
    period_start: date
    period_last_day: date
    editions: list[QuotedEdition]
    decreases: list[QuotedDecrease]
    people: list[ChangingPerson]
    credit_waits_for_microsoft: bool
    lines: list[Line]
    taxes: list[Tax]
    prices_include_tax: bool
    net: Money
    tax: Money
    due_today: Money
    from_balance: Money
    to_pay: Money
    new_recurring_total: Money
    next_charge: date | None
    payment_methods: list[PaymentChoice]
    open_order_id: int | None
    order_id: int | None


class MovedProblem(Problem):
    """What the quote rests on has changed. `fresh_quote` is null when nothing would change any more."""

    reason: MovedBecause
    fresh_quote: Quote | None


@router.post(
    "/services/{int:service_id}/quotes",
    response=answers(Quote, status=201, but=TO_POST + TO_MICROSOFT),
    operation_id="make_quote",
    openapi_extra=KEY_PARAMETER,
)
def quote(request: ApiRequest, service_id: int, body: QuoteAsked) -> HttpResponse:
    """Compute and store what these totals mean."""
    member = request.auth.member
    _require_buyer(request)
    people = choose_people(
        wiring.get_outside(),
        customer_id=member.customer_id,
        service_id=service_id,
        wanted=body.wanted,
        named=_named(body),
        now=request.now,
    )
    quote_id = make_quote(
        customer_id=member.customer_id,
        service_id=service_id,
        wanted=body.wanted,
        user_id=member.user_id,
        people=people,
        now=request.now,
    )
    return reply(_quote(request, quote_id), status=201)


@router.get("/quotes/{uuid:quote_id}", response=answers(Quote, but=(403,)), operation_id="get_quote")
def stored_quote(request: ApiRequest, quote_id: UUID) -> HttpResponse:
    """A stored quote."""
    _require_buyer(request)
    return reply(_quote(request, quote_id))


@router.post(
    "/quotes/{uuid:quote_id}/accept",
    response=answers(Order, but=TO_POST, conflict=MovedProblem | OpenOrderProblem | Problem),
    operation_id="accept_quote",
    openapi_extra=KEY_PARAMETER,
)
def accept(request: ApiRequest, quote_id: UUID, body: Acceptance) -> HttpResponse:
    """Make the order. Accepting again gives the same order."""
    member = request.auth.member
    accept_it = accept_quote_replacing_open_order if body.replace_open_order else accept_quote
    try:
        order_id = accept_it(
            customer_id=member.customer_id,
            user_id=member.user_id,
            quote_id=quote_id,
            payment_method=body.payment_method,
            now=request.now,
        )
    except QuoteHasMoved as moved:
        return _moved(request, moved)
    return reply(order_shape(get_order(customer_id=member.customer_id, order_id=order_id)))


def _named(body: QuoteAsked) -> list[NamedPerson] | None:
    if body.people is None:
        return None
    return [NamedPerson(person=each.id, remove=each.remove, add=each.add) for each in body.people]


def _require_buyer(request: ApiRequest) -> None:
    """As on the pages: figures of what could be bought are for those who may buy."""
    if not may_buy(request.auth.member.role):
        raise NotAllowed("change the number of seats")


def _moved(request: ApiRequest, moved: QuoteHasMoved) -> HttpResponse:
    fresh = _quote(request, moved.fresh_quote_id) if moved.fresh_quote_id else None
    problem = MovedProblem(code="quote_has_moved", sentence=moved.sentence, reason=moved.reason, fresh_quote=fresh)
    return problem_reply(409, problem)


def _quote(request: ApiRequest, quote_id: UUID) -> Quote:
    found = get_checkout(customer_id=request.auth.member.customer_id, quote_id=quote_id, now=request.now)
    return quote_shape(found)


def quote_shape(found: CheckoutView) -> Quote:
    """The frozen quote with its arithmetic."""
    figures = found.figures
    currency = figures.currency
    return Quote(
        id=found.quote_id,
        service_id=found.service_id,
        made_at=found.made_at,
        expires_at=found.expires_at,
        is_expired=found.is_expired,
        document_kind=figures.kind,
        period_start=figures.period_start,
        period_last_day=date.fromordinal(figures.period_end.toordinal() - 1),
        editions=[_edition(each, currency=currency) for each in figures.editions],
        people=[
            ChangingPerson(id=each.person_id, name=each.name, remove=each.remove, add=each.add) for each in found.people
        ],
        decreases=[decrease_shape(each, currency=currency) for each in figures.decreases],
        credit_waits_for_microsoft=figures.credit_waits,
        lines=line_shapes(figures.lines, currency=currency),
        taxes=tax_shapes(figures.taxes, currency=currency),
        prices_include_tax=figures.prices_include_tax,
        net=money(figures.net_minor, currency),
        tax=money(figures.tax_minor, currency),
        due_today=money(figures.due_today_minor, currency),
        from_balance=money(figures.from_balance_minor, currency),
        to_pay=money(figures.to_pay_minor, currency),
        new_recurring_total=money(figures.recurring_total_minor, currency),
        next_charge=figures.next_charge_on,
        payment_methods=[
            PaymentChoice(code=each.code, label=each.label, is_online=each.is_gateway) for each in found.payment_methods
        ],
        open_order_id=found.open_order_id,
        order_id=found.order_id,
    )


def _edition(figure: EditionFigure, *, currency: str) -> QuotedEdition:
    return QuotedEdition(
        edition=figure.code,
        edition_name=figure.name,
        held=figure.held,
        wanted=figure.wanted,
        now=figure.now,
        planned_after=figure.planned_after,
        planned_on=figure.planned_on,
        unit_price=unit_price(figure.unit_price, currency),
        returnable=[ReturnableSeats(seats=each.seats, until=each.until) for each in figure.returnable],
    )
