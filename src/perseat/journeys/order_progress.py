"""Order progress: where an order stands, in the customer's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from perseat.domain.fulfillment import DeliveryState, OrderState
from perseat.journeys.figures import LineFigure


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

    `expires_on`: the last day it can be paid, None when it needs no payment. `may_be_withdrawn`: still unpaid.
    `attention`: the sentence for an order that needs attention.
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
    deliveries: tuple[DeliveryView, ...]
    accepted_at: datetime
    accepted_by: str
    effective_on: date | None
    currency: str
    document_number: str
    total_minor: int
    open_minor: int
    payment_method: str
    payment_reference: str
    bank_account: str
    expires_on: date | None
    attention: str
    may_be_paid_online: bool
    may_be_withdrawn: bool
    replaced_by_id: int | None


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
    raise NotImplementedError


def list_orders(customer_id: int, *, page: int = 1) -> tuple[OrderRow, ...]:
    """The customer's orders, newest first, 50 a page."""
    raise NotImplementedError


def list_orders_for_staff(*, state: OrderState | None = None, search: str = "", page: int = 1) -> tuple[OrderRow, ...]:
    """All orders, newest first, 50 a page. `search`: a customer's number or the beginning of its name."""
    raise NotImplementedError
