"""Checkout: accepting a quote makes the order, its document and its ledger entries in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from perseat.journeys.figures import QuoteFigures


class MovedBecause(StrEnum):
    """Why a quote can no longer be accepted."""

    EXPIRED = "expired"  # its time or its day is over
    SEATS = "seats"  # the service changed meanwhile
    PRICES = "prices"  # prices, rates or documents that it rests on changed
    BALANCE = "balance"  # the balance it would use changed


class QuoteHasMoved(Exception):
    """What the quote rests on has changed; nothing was written but the fresh quote.

    `fresh_quote_id` is None when nothing would change any more. `sentence` tells the customer why.
    """

    def __init__(self, *, reason: MovedBecause, sentence: str, fresh_quote_id: UUID | None) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.fresh_quote_id = fresh_quote_id


class OpenOrderExists(Exception):
    """The service has an order that awaits payment; it can be replaced."""

    def __init__(self, *, order_id: int) -> None:
        super().__init__("There is an order that still awaits payment. You can replace it with this one.")
        self.order_id = order_id


class PaymentMethodNotOffered(ValueError):
    """The way to pay is none of those that the checkout offers."""

    def __init__(self, *, payment_method: str) -> None:
        super().__init__("Please choose one of the ways to pay that are offered.")
        self.payment_method = payment_method


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """A way to pay: `code` is what accept_quote takes. `is_gateway`: the payer is sent to a gateway's page."""

    code: str
    label: str
    hint: str
    is_gateway: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutView:
    """A frozen quote as the checkout shows it. `order_id` when it was accepted already.

    `payment_methods` is empty when nothing is to pay. `open_order_id`: another order of the service awaits payment.
    """

    quote_id: UUID
    service_id: int
    service_name: str
    domains: tuple[str, ...]
    figures: QuoteFigures
    people_count: int
    made_at: datetime
    expires_at: datetime
    is_expired: bool
    due_on: date
    payment_methods: tuple[PaymentMethod, ...]
    open_order_id: int | None
    order_id: int | None


def get_checkout(*, customer_id: int, quote_id: UUID, now: datetime) -> CheckoutView:
    """The stored quote. :raises DoesNotBelong: when it is not the customer's or does not exist."""
    raise NotImplementedError


def accept_quote(*, customer_id: int, user_id: int, quote_id: UUID, payment_method: str, now: datetime) -> int:
    """Make the order; returns its id. Accepting again returns the same order.

    `payment_method`: a code of the checkout, "" when nothing is to pay.

    :raises DoesNotBelong: when the quote is not the customer's.
    :raises QuoteHasMoved: when what it rests on has changed.
    :raises OpenOrderExists: when another order of the service awaits payment.
    :raises PaymentMethodNotOffered: for another code.
    :raises ServiceIsParked: (journeys.seat_change) while the customer's books are being checked.
    """
    raise NotImplementedError


def accept_quote_replacing_open_order(
    *, customer_id: int, user_id: int, quote_id: UUID, payment_method: str, now: datetime
) -> int:
    """As accept_quote; the open order is cancelled by a credit note in the same transaction."""
    raise NotImplementedError
