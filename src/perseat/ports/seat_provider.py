"""Seat provider: who sells us the seats (Microsoft's Partner Center), in our words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierOffer:
    """What can be bought: `product_id:sku_id` names an edition; `directory_sku_id` names it at the directory.

    `term` P1M, P1Y, P3Y; `cycle` P1M, P1Y, P3Y. Seats from `minimum_seats` to `maximum_seats`, both included.
    """

    product_id: str
    sku_id: str
    availability_id: str
    title: str
    directory_sku_id: str
    term: str
    cycle: str
    minimum_seats: int
    maximum_seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierTenant:
    """A customer as the supplier knows it."""

    tenant_id: str
    company: str
    domain: str
    country: str
    has_agreement: bool


class SupplierStatus(StrEnum):
    """The state of a subscription at the supplier."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnableSeats:
    """Seats that can still be given back to the supplier, until a moment."""

    seats: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTermPlan:
    """What the supplier was told of the next term. `seats`: None for as many as now; `ends_on`: None by its length.

    What is not named stays as it is: `product_id:sku_id` "", `term` "", `cycle` "".
    """

    product_id: str
    sku_id: str
    term: str
    cycle: str
    seats: int | None
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierSubscription:
    """A subscription as the supplier holds it. `started_at`: when its term began; `term_ends_on`: included.

    `cancellable_until`: it may be cancelled as a whole before this moment, None when it may not. `parent_id`: of an
    add-on, the subscription that it belongs to. `end_actions`: what is chosen for the term's end, in its own words.
    """

    subscription_id: str
    product_id: str
    sku_id: str
    title: str
    seats: int
    status: SupplierStatus
    term: str
    cycle: str
    created_at: datetime
    started_at: datetime
    term_ends_on: date | None
    renews_itself: bool
    renewal_seats: int | None
    returnable: tuple[ReturnableSeats, ...]
    order_id: str
    cancellable_until: datetime | None = None
    is_trial: bool = False
    parent_id: str = ""
    next_term: NextTermPlan | None = None
    end_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPurchase:
    """A basket at the supplier: nothing is bought yet. Completing it twice buys once."""

    basket_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An order at the supplier. `subscription_id` is empty while the supplier is still provisioning."""

    order_id: str
    subscription_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradePath:
    """A way up from a subscription that the supplier names. `item_id`: what to ask for, as it is called today.

    `moves_licenses`: people's licenses go along. `is_open`: it may be taken now, else `codes` says why not (the
    supplier's own table of upgrade errors).
    """

    product_id: str
    sku_id: str
    item_id: str
    moves_licenses: bool
    is_open: bool
    codes: tuple[str, ...]


class UpgradeStage(StrEnum):
    """How far one part of an upgrade has come."""

    NOT_ASKED = "not_asked"
    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierUpgrade:
    """An upgrade as the supplier tells of it; ids that it has not told (yet) are empty.

    `seats_stage` of its seats, `licenses_stage` of people's licenses. `codes`: its own reasons for a failure.
    """

    operation_id: str
    product_id: str
    sku_id: str
    target_subscription_id: str
    seats: int
    started_at: datetime | None
    seats_stage: UpgradeStage
    licenses_stage: UpgradeStage
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementContact:
    """Who accepted the Microsoft Customer Agreement for the customer."""

    first_name: str
    last_name: str
    email: str
    agreed_on: date


class SeatProvider(Protocol):
    """Every call may raise Refused, Unanswered or CredentialsRefused; writes may raise WritesAreOff.

    Reads may be repeated at will. A write repeated with the same `request_id` has one effect.
    """

    def list_offers(self, country: str) -> tuple[SupplierOffer, ...]:
        """All license offers on sale in a country (ISO 3166 alpha-2)."""
        ...

    def get_tenant(self, tenant_id: str) -> SupplierTenant:
        """The customer with this tenant id. :raises NotFound: no relationship with us."""
        ...

    def accept_agreement(self, tenant_id: str, *, contact: AgreementContact, request_id: UUID) -> None:
        """Record that the customer accepted the Microsoft Customer Agreement; accepted before is success."""
        ...

    def list_subscriptions(self, tenant_id: str) -> tuple[SupplierSubscription, ...]:
        """All license subscriptions of a tenant, ended ones included."""
        ...

    def get_subscription(self, tenant_id: str, *, subscription_id: str) -> SupplierSubscription:
        """One subscription. :raises NotFound: unknown, or not visible yet."""
        ...

    def prepare_purchase(
        self,
        tenant_id: str,
        *,
        product_id: str,
        sku_id: str,
        term: str,
        cycle: str,
        seats: int,
        country: str,
        request_id: UUID,
    ) -> PreparedPurchase:
        """Fetch the availability and fill a basket. Buys nothing. :raises Refused: also for a refusal of the line."""
        ...

    def complete_purchase(self, tenant_id: str, *, basket_id: str, request_id: UUID) -> Purchase:
        """Buy the basket. Completing a basket that is already bought returns the same purchase."""
        ...

    def get_purchase(self, tenant_id: str, *, order_id: str) -> Purchase:
        """Read an order back, to learn its subscription. :raises NotFound: not visible yet."""
        ...

    def set_seats(self, tenant_id: str, *, subscription_id: str, seats: int, request_id: UUID) -> SupplierSubscription:
        """Set the absolute number of seats, up or (inside the window) down; equal is success without a write."""
        ...

    def set_renewal_seats(
        self, tenant_id: str, *, subscription_id: str, seats: int | None, request_id: UUID
    ) -> SupplierSubscription:
        """Plan the number of seats from the next term on; None withdraws the plan; 0 ends it at the term's end."""
        ...

    def list_upgrade_paths(self, tenant_id: str, *, subscription_id: str) -> tuple[UpgradePath, ...]:
        """What a subscription may be upgraded to at once; empty where there is no way up."""
        ...

    def list_upgrades(self, tenant_id: str, *, subscription_id: str) -> tuple[SupplierUpgrade, ...]:
        """The upgrades of a subscription so far, oldest first."""
        ...

    def start_upgrade(
        self,
        tenant_id: str,
        *,
        subscription_id: str,
        path: UpgradePath,
        seats: int,
        into_subscription_id: str,
        request_id: UUID,
    ) -> SupplierUpgrade:
        """Upgrade `seats` of a subscription; it cannot be taken back. `into_subscription_id`: "" for no other one."""
        ...

    def set_suspended(
        self, tenant_id: str, *, subscription_id: str, suspended: bool, request_id: UUID
    ) -> SupplierSubscription:
        """Block or unblock people's use. Blocking drops the plan and the renewal; unblocking renews as it is."""
        ...

    def end_subscription(self, tenant_id: str, *, subscription_id: str, request_id: UUID) -> SupplierSubscription:
        """Cancel at once, inside the supplier's window; ended before is success. :raises Refused: outside it."""
        ...
