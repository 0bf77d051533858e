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
    """May raise Refused or Unanswered. Starting twice with one `payment_id` gives the same gateway payment, and
    repaying twice with one `repayment_id` sends the money once.
    """

    def start_payment(
        self, payment_id: str, *, amount_minor: int, currency: str, description: str, return_address: str
    ) -> PaymentPage:
        """Prepare a payment; nothing is taken until the payer approves on the gateway's page."""
        ...

    def get_outcome(self, gateway_reference: str) -> GatewayOutcome:
        """Ask what became of a payment, when no notice came."""
        ...

    def repay(self, repayment_id: str, *, gateway_reference: str, amount_minor: int, currency: str) -> None:
        """Send a part of a payment back to the payer (what gateways call a refund).

        :raises Refused: finally; nothing was sent. :raises Unanswered: nobody knows, see is_repaid.
        """
        ...

    def is_repaid(self, repayment_id: str, *, gateway_reference: str) -> bool:
        """Ask whether this was sent, when the answer to repay was lost."""
        ...

    def read_notice(self, body: bytes, *, headers: Mapping[str, str], now_epoch_seconds: int) -> PaymentNotice:
        """Check the signature and read the notice. :raises ForgedNotice:."""
        ...
