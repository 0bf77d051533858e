"""Events: facts that were recorded, named in the past tense; journeys/reactions.py says what follows each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced:
    """A quote was accepted; the order waits for its payment (or was started in the same transaction)."""

    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStarted:
    """The order is paid or needs no payment: the seats are held and the deliveries are recorded."""

    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPostponed:
    """A delivery of the order waits; it is tried again at `at`."""

    order_id: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAdvanced:
    """A delivery of the order is done, and another one can follow at once."""

    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsMayDiffer:
    """Somebody said, or something shows, that a tenant's seats at the supplier may be others than promised."""

    tenant_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoingDecided:
    """Staff want the supplier driven back to what was promised; a delivery without an order does it."""

    delivery_id: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionAsked:
    """Staff want a service's seats blocked at the supplier, or opened again."""

    suspension_id: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReady:
    """Everything of the order is done at the supplier; the seats can be assigned."""

    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNeedsAttention:
    """The order cannot go on by itself; its sentence says why."""

    order_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentIssued:
    """An invoice or a credit note was issued."""

    document_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSucceeded:
    """Money was received; `order_id` is the order that it was meant for, if one."""

    payment_id: int
    order_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentAsked:
    """Money of the balance goes back through a gateway, which has to be asked."""

    repayment_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentEnded:
    """Money was sent back to a customer, or the gateway has finally refused to."""

    repayment_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseChangeAsked:
    """Somebody pressed Save changes for more people than are carried out at once."""

    change_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked:
    """A member asked the billing team, or wrote again in a thread."""

    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered:
    """The billing team answered in a thread."""

    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberInvited:
    """An invitation was recorded; its link is derived when the e-mail is written, and is stored nowhere."""

    invitation_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLinkAsked:
    """Somebody shall be sent a link with which they choose a password."""

    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantAsked:
    """Microsoft is to make a tenant, or a customer to accept us; the worker looks for it."""

    beginning_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantLinked:
    """A tenant became the customer's, or is to be looked at anew: how it stands at Microsoft has to be read."""

    tenant_row_id: int


Fact = (
    OrderPlaced
    | OrderStarted
    | DeliveryPostponed
    | DeliveryAdvanced
    | SeatsMayDiffer
    | UndoingDecided
    | SuspensionAsked
    | OrderReady
    | OrderNeedsAttention
    | DocumentIssued
    | PaymentSucceeded
    | RepaymentAsked
    | RepaymentEnded
    | LicenseChangeAsked
    | QuestionAsked
    | QuestionAnswered
    | MemberInvited
    | PasswordLinkAsked
    | TenantAsked
    | TenantLinked
)
