"""Paying: money that came through a gateway or the bank, and what it settles."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from perseat.ports.outside import Outside


class OrderCannotBePaid(Exception):
    """The order does not await payment (paid already, cancelled, lapsed)."""

    def __init__(self, *, order_id: int) -> None:
        super().__init__("This order does not await payment any more.")
        self.order_id = order_id


class GatewayUnknown(LookupError):
    """No payment gateway of that name is set up."""


def start_gateway_payment(
    outside: Outside, *, customer_id: int, order_id: int, gateway: str, return_address: str, now: datetime
) -> str:
    """The address of the gateway's page where the order is paid. Safe to repeat: one attempt is one payment.

    :raises DoesNotBelong, OrderCannotBePaid, GatewayUnknown:
    :raises Refused, Unanswered: (ports.failures) when the gateway does not start it; nothing is lost, try again.
    """
    raise NotImplementedError


def take_notice(outside: Outside, *, gateway: str, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    """Record a gateway's signed notice; repeated or late ones change nothing. What does not fit is kept for the staff.

    :raises ForgedNotice: (ports.payment_gateway) when the signature is wrong: answer 400.
    :raises GatewayUnknown: answer 404.
    """
    raise NotImplementedError


def check_payment(outside: Outside, payment_id: int, *, now: datetime) -> None:
    """Ask the gateway what became of a started payment, when no notice came."""
    raise NotImplementedError


def record_bank_receipt(
    *, document_number: str, amount_minor: int, received_on: date, bank_reference: str, actor: str, now: datetime
) -> int:
    """Record money on the bank statement; returns the payment's id. What exceeds the document becomes balance."""
    raise NotImplementedError


def reverse_receipt(*, payment_id: int, reason: str, actor: str, now: datetime) -> None:
    """Take back a receipt that was wrong or bounced; what it settled is open again."""
    raise NotImplementedError
