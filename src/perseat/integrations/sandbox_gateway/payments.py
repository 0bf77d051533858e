"""What the gateway's page, its notices and its questions carry. The door under /sandbox-gateway/ works by these."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from perseat.integrations.sandbox_gateway.signing import is_signed_by, notice_signature, seal, unseal
from perseat.ports.payment_gateway import ForgedNotice, GatewayOutcome, PaymentNotice

PAGE_PATH = "/sandbox-gateway/pay/"
REFUND_PATH = "/sandbox-gateway/payments/{reference}/refunds/{refund_id}/"
OUTCOME_PATH = "/sandbox-gateway/payments/"
# Notices may be days late; one that comes twice is known by its id, so that a long tolerance costs nothing.
NOTICE_TOLERANCE_SECONDS = 3 * 24 * 3600

_PAGE = "page"
_QUESTION = "question"
_REFUND = "refund"
_TYPE_OF = {GatewayOutcome.SUCCEEDED: "payment.succeeded", GatewayOutcome.DECLINED: "payment.declined"}


class ForgedPage(ValueError):
    """The page's address was not made by us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxPayment:
    """A payment as its page shows it; the amount is in minor units."""

    payment_id: str
    gateway_reference: str
    amount_minor: int
    currency: str
    description: str
    return_address: str


def reference_of(payment_id: str) -> str:
    """The gateway's reference of a payment: the same each time, so that starting twice is one payment."""
    return "sandbox_" + hashlib.sha256(payment_id.encode()).hexdigest()[:24]


def make_page_token(payment: SandboxPayment, *, secret: str) -> str:
    """All that the page needs, sealed."""
    return seal(json.dumps(asdict(payment), sort_keys=True).encode(), purpose=_PAGE, secret=secret)


def read_page_token(token: str, *, secret: str) -> SandboxPayment:
    """The payment of a page's address. :raises ForgedPage:."""
    content = unseal(token, purpose=_PAGE, secret=secret)
    if content is None:
        raise ForgedPage("This payment page does not exist.")
    return SandboxPayment(**json.loads(content))


def make_notice_body(payment: SandboxPayment, *, outcome: GatewayOutcome) -> bytes:
    """The body of the notice that tells of a decision; the same bytes each time. :raises KeyError: while open."""
    data = {
        "reference": payment.gateway_reference,
        "outcome": outcome.value,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
    }
    return json.dumps({"type": _TYPE_OF[outcome], "data": data}, sort_keys=True).encode()


def sign_notice(body: bytes, *, secret: str, epoch_seconds: int, notice_id: str = "") -> dict[str, str]:
    """The headers of a notice. Without an id it gets one made from its body, so that a repetition is known as one."""
    notice_id = notice_id or "notice_" + hashlib.sha256(body).hexdigest()[:24]
    return {
        "webhook-id": notice_id,
        "webhook-timestamp": str(epoch_seconds),
        "webhook-signature": notice_signature(body, notice_id=notice_id, epoch_seconds=epoch_seconds, secret=secret),
    }


def read_notice(body: bytes, *, headers: Mapping[str, str], secret: str, now_epoch_seconds: int) -> PaymentNotice:
    """A notice whose signature and age were checked. :raises ForgedNotice: with the reason."""
    given = {name.casefold(): value for name, value in headers.items()}
    notice_id, moment = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not notice_id or not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        raise ForgedNotice("The notice has no id or no moment.")
    expected = notice_signature(body, notice_id=notice_id, epoch_seconds=int(moment), secret=secret)
    if not is_signed_by(given.get("webhook-signature", ""), expected=expected):
        raise ForgedNotice("The notice is not signed by the gateway.")
    if abs(now_epoch_seconds - int(moment)) > NOTICE_TOLERANCE_SECONDS:
        raise ForgedNotice("The notice is more than three days away from now.")
    return _read_body(body, notice_id=notice_id)


def question_bearer(gateway_reference: str, *, secret: str) -> str:
    """The value of the header Authorization with which the outcome of a payment is asked for."""
    return "Bearer " + seal(gateway_reference.encode(), purpose=_QUESTION, secret=secret)


def refund_bearer(gateway_reference: str, *, refund_id: str, secret: str) -> str:
    """The value of the header Authorization with which a refund is asked for, or asked about."""
    return "Bearer " + seal(f"{gateway_reference} {refund_id}".encode(), purpose=_REFUND, secret=secret)


def may_refund(authorization: str, *, gateway_reference: str, refund_id: str, secret: str) -> bool:
    """Whether the header allows this refund of this payment."""
    scheme, _, token = authorization.partition(" ")
    return scheme == "Bearer" and unseal(token, purpose=_REFUND, secret=secret) == (
        f"{gateway_reference} {refund_id}".encode()
    )


def may_ask(authorization: str, *, gateway_reference: str, secret: str) -> bool:
    """Whether the header allows to ask about this payment."""
    scheme, _, token = authorization.partition(" ")
    asked_about = unseal(token, purpose=_QUESTION, secret=secret)
    return scheme == "Bearer" and asked_about == gateway_reference.encode()


def _read_body(body: bytes, *, notice_id: str) -> PaymentNotice:
    try:
        data = json.loads(body)["data"]
        notice = PaymentNotice(
            notice_id=notice_id,
            gateway_reference=str(data["reference"]),
            outcome=GatewayOutcome(data["outcome"]),
            amount_minor=data["amount_minor"],
            currency=str(data["currency"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ForgedNotice("The notice cannot be read.") from error
    if type(notice.amount_minor) is not int:
        raise ForgedNotice("The notice's amount is no whole number.")
    return notice
