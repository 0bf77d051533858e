"""Payment gateway: where a customer pays by card or the like; we only ever see references and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class GatewayOutcome(StrEnum):
    """What became of a payment at the gateway."""

    OPEN = "open"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPage:
    """Where to send the payer, and the gateway's own reference of this payment."""

    address: str
    gateway_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice:
    """A notice whose signature was checked. `notice_id` is unique at the gateway; amounts in minor units."""

    notice_id: str
    gateway_reference: str
    outcome: GatewayOutcome
    amount_minor: int
    currency: str


class ForgedNotice(ValueError):
    """The notice is not signed by the gateway, or too old."""


class PaymentGateway(Protocol):
    """May raise Refused or Unanswered. Starting twice with one `payment_id` gives the same gateway payment."""

    def start_payment(
        self, payment_id: str, *, amount_minor: int, currency: str, description: str, return_address: str
    ) -> PaymentPage:
        """Prepare a payment; nothing is taken until the payer approves on the gateway's page."""
        ...

    def get_outcome(self, gateway_reference: str) -> GatewayOutcome:
        """Ask what became of a payment, when no notice came."""
        ...

    def read_notice(self, body: bytes, *, headers: Mapping[str, str], now_epoch_seconds: int) -> PaymentNotice:
        """Check the signature and read the notice. :raises ForgedNotice:."""
        ...
