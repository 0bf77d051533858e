"""Reads of returns: seats that are on their way back, and those that the supplier did not take."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, QuerySet

from perseat.capabilities.ordering.models import OrderLine
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.queries import LOWERING_ACTS, OPEN_STATES
from perseat.domain.fulfillment import DeliveryState

# What a delivery says when the supplier took only some of the seats back, and gave no code of its own.
SEATS_KEPT = "seats_kept"
GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturningSeats:
    """Seats of one edition that were given back, while the supplier has not answered yet. They are held until then.

    `total_after`: the total that follows, at the term's end at the latest.
    """

    order_id: int
    edition: str
    edition_name: str
    seats: int
    total_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAnswer:
    """What became of the seats that an order gives back of one subscription; `taken` are no longer at the supplier.

    `given_up_because`: what the staff wrote when they ended it.
    """

    subscription_id: int
    edition: str
    edition_name: str
    asked: int
    taken: int
    is_open: bool
    given_up_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReturn:
    """Seats that a customer gave back in time and the supplier kept: nothing was credited. `until`: their last day.

    `promised_minor`: what the order promised for all its seats of the edition, with tax.
    """

    order_id: int
    customer_number: str
    customer_name: str
    edition_name: str
    seats: int
    promised_minor: int
    currency: str
    reason: str
    finished_at: datetime | None
    until: date | None


def list_returning(service_id: int) -> tuple[ReturningSeats, ...]:
    """All seats of a service that are on their way back, oldest order first."""
    return list_returning_of([service_id]).get(service_id, ())


def list_returning_of(service_ids: Collection[int]) -> dict[int, tuple[ReturningSeats, ...]]:
    """The same of many services, by their ids, with one query."""
    rows = _returns().filter(order__service_id__in=service_ids, state__in=OPEN_STATES)
    found: dict[int, tuple[ReturningSeats, ...]] = {}
    for row in rows.order_by("pk"):
        seats = ReturningSeats(
            order_id=row.order_id or 0,
            edition=row.subscription.offer.edition.code,
            edition_name=row.subscription.offer.edition.name,
            seats=row.seats_before - row.seats,
            total_after=row.seats if row.subscription.planned_seats is None else row.subscription.planned_seats,
        )
        service_id = row.subscription.service_id
        found[service_id] = (*found.get(service_id, ()), seats)
    return found


def list_return_answers(order_id: int) -> tuple[ReturnAnswer, ...]:
    """What the supplier said to each part of a return, in catalog order."""
    wanted = dict(OrderLine.objects.filter(order_id=order_id).values_list("offer_id", "seats_now"))
    rows = _returns().filter(order_id=order_id).order_by("subscription__offer__edition__position", "pk")
    return tuple(
        ReturnAnswer(
            subscription_id=row.subscription_id,
            edition=row.subscription.offer.edition.code,
            edition_name=row.subscription.offer.edition.name,
            asked=row.seats_before - wanted[row.subscription.offer_id],
            taken=_taken(row),
            is_open=row.state in OPEN_STATES,
            given_up_because=row.error_sentence if row.error_code == GIVEN_UP else "",
        )
        for row in rows
    )


def list_kept_returns() -> tuple[KeptReturn, ...]:
    """Returns that the supplier refused, as long as the seats are held because of it: until they renew."""
    refused = Q(state=DeliveryState.REFUSED) | (Q(state=DeliveryState.DONE) & ~Q(error_code=""))
    rows = (
        _returns()
        .filter(refused, subscription__ended_on=None, subscription__planned_seats__isnull=False)
        .filter(subscription__term_started_on__lte=F("order__quote__day"))
        .select_related("order__quote", "subscription__service__customer")
        .prefetch_related("order__lines")
        .order_by("-pk")[:200]
    )
    return tuple(_kept(row) for row in rows)


def _kept(row: Delivery) -> KeptReturn:
    assert row.order is not None  # noqa: S101 - returns have one
    line = next(each for each in row.order.lines.all() if each.offer_id == row.subscription.offer_id)
    customer = row.subscription.service.customer
    return KeptReturn(
        order_id=row.order.pk,
        customer_number=customer.number,
        customer_name=customer.legal_name,
        edition_name=row.subscription.offer.edition.name,
        seats=row.seats_before - line.seats_now - _taken(row),
        promised_minor=_promised(row),
        currency=customer.currency,
        reason=row.error_sentence,
        finished_at=row.finished_at,
        until=row.subscription.supplier_term_ends_on,
    )


def _promised(row: Delivery) -> int:
    assert row.order is not None  # noqa: S101 - returns have one
    edition = row.subscription.offer.edition.code
    return sum(part["refund_total_minor"] for part in row.order.quote.decreases if part["edition"] == edition)


def _taken(row: Delivery) -> int:
    """A delivery that was done in part was set to the total that was reached."""
    return row.seats_before - row.seats if row.state == DeliveryState.DONE else 0


def _returns() -> QuerySet[Delivery]:
    return Delivery.objects.select_related("order", "subscription__offer__edition").filter(
        order__is_return=True, act__in=LOWERING_ACTS
    )
