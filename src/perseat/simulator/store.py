"""Everything the simulated Microsoft remembers, as plain values; `persistence` writes them to a file."""

from __future__ import annotations

import dataclasses
import datetime

from perseat.simulator.budgets import Budgets
from perseat.simulator.holders import Holders
from perseat.simulator.messages import JsonObject
from perseat.simulator.relationships import AdminRelationship

# A field that is made anew after a start, and never written down.
NOT_KEPT = "not kept"


@dataclasses.dataclass(kw_only=True)
class Batch:
    """Seats added together; they may be taken back until (not including) the deadline."""

    quantity: int
    allowed_until: datetime.datetime


@dataclasses.dataclass(kw_only=True)
class SeatStep:
    """A number of seats that shows in the customer's directory from a moment on."""

    visible_at: datetime.datetime
    quantity: int


@dataclasses.dataclass(kw_only=True)
class NextTerm:
    """What the next term is to be instead of a repetition of this one."""

    product_id: str
    sku_id: str
    availability_id: str
    billing_cycle: str
    term_duration: str
    quantity: int
    custom_term_end_date: datetime.date | None = None


@dataclasses.dataclass(kw_only=True)
class PendingUpdate:
    """A change accepted with 202: the subscription becomes this at the moment."""

    apply_at: datetime.datetime
    result: Subscription


@dataclasses.dataclass(kw_only=True)
class Subscription:
    """One subscription. `end_date` is the last day of the term, inclusive, in UTC."""

    id: str
    order_id: str
    offer_id: str
    friendly_name: str
    quantity: int
    status: str
    created_at: datetime.datetime
    visible_at: datetime.datetime
    term_start: datetime.datetime
    end_date: datetime.date
    term_duration: str
    billing_cycle: str
    auto_renew: bool = True
    cancellable_until: datetime.datetime | None = None
    batches: list[Batch] = dataclasses.field(default_factory=list)
    next_term: NextTerm | None = None
    status_changed_at: datetime.datetime | None = None
    directory_quantity: int = 0
    directory_steps: list[SeatStep] = dataclasses.field(default_factory=list)
    version: int = 1
    pending: PendingUpdate | None = None

    @property
    def sku_key(self) -> str:
        """Product and SKU, joined as the catalog joins them."""
        return self.offer_id.rpartition(":")[0]

    def show_seats_at(self, moment: datetime.datetime, *, quantity: int) -> None:
        """Let the directory show this many seats from the moment on."""
        self.directory_steps.append(SeatStep(visible_at=moment, quantity=quantity))


@dataclasses.dataclass(kw_only=True)
class CartLine:
    """One line of a cart as it was asked for; `problem` is the line's error, if any."""

    number: int
    catalog_item_id: str
    quantity: int
    term_duration: str
    billing_cycle: str
    friendly_name: str
    custom_term_end_date: datetime.date | None = None
    problem: JsonObject | None = None


@dataclasses.dataclass(kw_only=True)
class Cart:
    """A cart and, once it was checked out, the answer that was given."""

    id: str
    created_at: datetime.datetime
    changed_at: datetime.datetime
    expires_at: datetime.datetime
    lines: list[CartLine]
    checkout_answer: JsonObject | None = None


@dataclasses.dataclass(kw_only=True)
class OrderLine:
    """One line of an order and the subscription it made."""

    number: int
    offer_id: str
    quantity: int
    term_duration: str
    billing_cycle: str
    friendly_name: str
    subscription_id: str


@dataclasses.dataclass(kw_only=True)
class Order:
    """An order; it can be read, and its subscriptions exist, from `visible_at` on."""

    id: str
    created_at: datetime.datetime
    visible_at: datetime.datetime
    lines: list[OrderLine]


@dataclasses.dataclass(kw_only=True)
class Transition:
    """An upgrade of some seats of a subscription: it happens, or fails, at `completed_at`.

    `error_code`: of what fails then; `fails_licenses_only`: the seats go, people's licenses do not.
    """

    operation_id: str
    from_offer_id: str
    from_subscription_id: str
    to_offer_id: str
    to_subscription_id: str
    quantity: int
    term_duration: str
    billing_cycle: str
    transition_type: str
    started_at: datetime.datetime
    completed_at: datetime.datetime
    is_over: bool = False
    error_code: int | None = None
    fails_licenses_only: bool = False


@dataclasses.dataclass(kw_only=True)
class UpgradeTrouble:
    """An upgrade error of the service's table, when upgrades are asked about (or, if not, while they are done)."""

    code: int
    is_told_before: bool = True
    fails_licenses_only: bool = False


@dataclasses.dataclass(kw_only=True)
class AssignedLicense:
    """A license of a user; `assigned_by_group` is empty when it was given directly."""

    sku_id: str
    disabled_plans: list[str]
    assigned_at: datetime.datetime
    assigned_by_group: str | None = None


@dataclasses.dataclass(kw_only=True)
class User:
    """A person of a tenant's directory. `attributes` holds what only travels through (jobTitle and the like)."""

    id: str
    user_principal_name: str
    display_name: str
    mail_nickname: str
    account_enabled: bool
    created_at: datetime.datetime
    usage_location: str | None = None
    attributes: JsonObject = dataclasses.field(default_factory=dict)
    licenses: list[AssignedLicense] = dataclasses.field(default_factory=list)
    sessions_valid_from: datetime.datetime | None = None
    deleted_at: datetime.datetime | None = None
    change_number: int = 0


@dataclasses.dataclass(kw_only=True)
class Agreement:
    """A confirmation that the customer accepted the Microsoft Customer Agreement."""

    user_id: str
    template_id: str
    date_agreed: str
    type: str
    primary_contact: JsonObject


@dataclasses.dataclass(kw_only=True)
class Domain:
    """A domain name of a tenant."""

    name: str
    is_default: bool
    is_initial: bool
    is_verified: bool = True


@dataclasses.dataclass(kw_only=True)
class Uncovered:
    """More people held a SKU than there were seats of it, from this moment on."""

    sku_id: str
    people: int
    seats: int
    since: datetime.datetime


@dataclasses.dataclass(kw_only=True)
class Tenant:
    """An organization: its directory and what the partner sold it.

    `is_customer`: it has accepted the partner as its reseller; nothing of the others is seen before.
    `needs_relationship`: the partner's user gets into its directory by delegated administration only; the others have
    consented to the application once and for all.
    `fell_to_none`: users who lost their last license, once for each time. `uncovered`: more people than seats.
    """

    id: str
    company: str
    country: str
    created_at: datetime.datetime
    domains: list[Domain]
    billing_profile: JsonObject
    validation_status: str = "Allowed"
    is_customer: bool = True
    needs_relationship: bool = False
    has_consent: bool = True
    demands_mfa: bool = False
    is_signed_directly: bool = False
    missing_permissions: list[str] = dataclasses.field(default_factory=list)
    agreements: list[Agreement] = dataclasses.field(default_factory=list)
    users: dict[str, User] = dataclasses.field(default_factory=dict)
    carts: dict[str, Cart] = dataclasses.field(default_factory=dict)
    orders: dict[str, Order] = dataclasses.field(default_factory=dict)
    subscriptions: dict[str, Subscription] = dataclasses.field(default_factory=dict)
    transitions: list[Transition] = dataclasses.field(default_factory=list)
    upgrade_trouble: UpgradeTrouble | None = None
    last_change: int = 0
    fell_to_none: list[str] = dataclasses.field(default_factory=list)
    uncovered: list[Uncovered] = dataclasses.field(default_factory=list)
    _holders: Holders | None = dataclasses.field(
        default=None, init=False, repr=False, compare=False, metadata={NOT_KEPT: True}
    )

    @property
    def holders(self) -> Holders:
        """Who holds what."""
        if self._holders is None:
            self._holders = Holders(self.users.values())
        return self._holders

    @property
    def default_domain(self) -> str:
        """The name of the default domain."""
        return next(domain.name for domain in self.domains if domain.is_default)

    def touch(self, user: User) -> None:
        """Number a change of a user, so that a delta query finds it, and watch who is left without a license."""
        self.last_change += 1
        user.change_number = self.last_change
        if self.holders.note(user):
            self.fell_to_none.append(user.id)


@dataclasses.dataclass(kw_only=True)
class Remembered:
    """The answer once given to a request id, to be given again."""

    status: int
    body: JsonObject | None
    headers: dict[str, str]


@dataclasses.dataclass(kw_only=True)
class RefreshGrant:
    """A refresh token that was handed out; it dies ninety days after its last use."""

    last_used_at: datetime.datetime


@dataclasses.dataclass(kw_only=True)
class ClockPosition:
    """Where the clock stood when the state was saved."""

    frozen_at: datetime.datetime | None = None
    offset_seconds: float = 0


@dataclasses.dataclass(kw_only=True)
class Dialect:
    """How Partner Center writes its answers: lists in pages of so many (0: whole), other letters, a mark in front."""

    page_size: int = 0
    has_capitals: bool = False
    has_byte_order_mark: bool = False


@dataclasses.dataclass(kw_only=True)
class Store:
    """The whole state."""

    tenants: dict[str, Tenant] = dataclasses.field(default_factory=dict)
    remembered: dict[str, Remembered] = dataclasses.field(default_factory=dict)
    refresh_grants: dict[str, RefreshGrant] = dataclasses.field(default_factory=dict)
    relationships: dict[str, AdminRelationship] = dataclasses.field(default_factory=dict)
    is_consent_revoked: bool = False
    demands_mfa: bool = False
    certificates: list[str] = dataclasses.field(default_factory=list)
    clock: ClockPosition = dataclasses.field(default_factory=ClockPosition)
    provisioning_delay_seconds: int = 0
    catalog_generation: int = 0
    notice_address: str = ""
    notice_events: list[str] = dataclasses.field(default_factory=list)
    noted_versions: dict[str, int] = dataclasses.field(default_factory=dict)
    waiting_notices: list[str] = dataclasses.field(default_factory=list)
    dialect: Dialect = dataclasses.field(default_factory=Dialect)
    budgets: Budgets = dataclasses.field(
        default_factory=Budgets, init=False, repr=False, compare=False, metadata={NOT_KEPT: True}
    )

    @property
    def provisioning_delay(self) -> datetime.timedelta:
        """How long after a purchase the order and its seats show."""
        return datetime.timedelta(seconds=self.provisioning_delay_seconds)
