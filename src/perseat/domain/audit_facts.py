"""Audit facts: what the tables say of one customer, as plain values, for the comparisons of the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from perseat.domain.calendar import Period, Rhythm
from perseat.domain.money import from_minor, get_currency
from perseat.domain.quote_values import DocumentKind, Line, ServiceState, TaxRate, TaxSum


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two figures that should be one. `subject` names a document, service, payment or account."""

    subject: str
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.what}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedLine:
    """An issued or quoted line. `line.credits` and `line.restores` are ids of issued lines as text.

    `original_id`: the issued line that it repeats (same kind) or takes back (other kind) at its exact figures.
    """

    line_id: int
    number: int
    line: Line
    tax_minor: int
    subscription_id: int | None = None
    original_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedQuote:
    """The stored quote that a document was copied from.

    `outcomes`: edition, total held from its day, and planned total. `state`: what it rested on, None where that was
    not kept; `is_same_state`: whether it still has the fingerprint that was taken of it.
    """

    lines: tuple[AuditedLine, ...]
    due_today_minor: int
    name: str
    day: date
    made_at: datetime
    net_minor: int
    tax_minor: int
    from_balance_minor: int
    to_pay_minor: int
    recurring_total_minor: int
    next_charge_on: date | None
    outcomes: tuple[tuple[str, int, int | None], ...]
    wanted: Mapping[str, int]
    state: ServiceState | None
    is_same_state: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedOrderLine:
    """What an order does to one edition."""

    edition: str
    seats_before: int
    seats_now: int
    planned: int | None
    unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedOrder:
    """An accepted quote. `events`: each state that it reached and when, oldest first.

    `upgrades`: (source, target, seats); `done_upgrades`: those that the supplier has carried out, which no refusal of
    the rest takes back. `document_ids`: what was issued for it, oldest first.
    """

    order_id: int
    service_id: int
    state: str
    is_return: bool
    accepted_at: datetime
    effective_on: date | None
    lines: tuple[AuditedOrderLine, ...]
    events: tuple[tuple[str, datetime], ...]
    upgrades: tuple[tuple[str, str, int], ...]
    done_upgrades: tuple[tuple[str, str, int], ...] = ()
    document_ids: tuple[int, ...]
    quote: AuditedQuote


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedDocument:
    """An issued document. `quote` stands with an order's own document only, the first one.

    `effects`: when its order began and ceased to be in effect; None for a document without an order, which always is.
    `order_effective_on`: the first day of that order's seats. `treated`: the tax category of all its charges by the
    buyer's treatment then, "" where each edition had its own. `settled_minor`, `used_minor`: sums of the allocations
    to it, and of those that it is the source of.
    """

    document_id: int
    number: str
    kind: DocumentKind
    service_id: int | None
    corrects_id: int | None
    issued_on: date
    issued_at: datetime
    due_on: date
    currency: str
    net_minor: int
    tax_minor: int
    total_minor: int
    prices_include_tax: bool
    lines: tuple[AuditedLine, ...]
    taxes: tuple[TaxSum, ...]
    expected_hash: str
    found_hash: str
    settled_minor: int
    used_minor: int
    quote: AuditedQuote | None = None
    effects: tuple[tuple[datetime, bool], ...] | None = None
    order_effective_on: date | None = None
    treated: str = ""

    def is_in_effect(self, at: datetime) -> bool:
        """Whether seats were held by it at that moment (included)."""
        if self.effects is None:
            return True
        states = [counts for since, counts in self.effects if since <= at]
        return bool(states) and states[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedPayment:
    """Money that was received, and perhaps taken back. `used_minor`: the sum of its allocations."""

    payment_id: int
    name: str
    reference: str
    account: str
    currency: str
    amount_minor: int
    is_received: bool
    is_reversed: bool
    used_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedAllocation:
    """What of a payment or credit note settled a document; negative when it was taken back. `source`: in words."""

    allocation_id: int
    source: str
    allocated_at: datetime
    document_number: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedRepayment:
    """Money that goes back. `account`: where it leaves. `drawn_minor`: the sum of what sources give for it."""

    repayment_id: int
    account: str
    currency: str
    amount_minor: int
    is_by_gateway: bool
    is_sent: bool
    is_refused: bool
    drawn_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedEntry:
    """A ledger entry by its key; amounts by (account, currency), debit positive."""

    key: str
    amounts: Mapping[tuple[str, str], int]
    reference: str
    occurred_on: date
    recorded_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedMovement:
    """A line of the history of accepted totals."""

    effective_on: date
    recorded_at: datetime
    seats: int
    planned: int | None
    cause: str

    @property
    def is_renewal(self) -> bool:
        """Whether a term began with it."""
        return self.cause == "renewal"

    @property
    def is_adoption(self) -> bool:
        """Whether the seats were taken over with it."""
        return self.cause.startswith("adopted")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedPrice:
    """An offer's unit price from a day on, known since a moment."""

    starts_on: date
    unit_price: Decimal
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedTaxRate:
    """A dated tax rate, known since a moment."""

    rate: TaxRate
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedSubscription:
    """A subscription with its whole history, oldest first, and its offer's dated prices, oldest first.

    `in_batches`: seats of its batches that were not given back. `at_supplier`: what the supplier was last read to hold,
    None before; `is_settled`: nothing waits to be told to the supplier, and it was read since the last change.
    """

    subscription_id: int
    edition: str
    position: int
    held: int
    planned: int | None
    started_on: date
    ended_on: date | None
    unit_price: Decimal
    term_started_on: date
    in_batches: int
    at_supplier: int | None
    is_settled: bool
    movements: tuple[AuditedMovement, ...]
    prices: tuple[AuditedPrice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedPeriod:
    """A period that the renewal round has charged (`document_id` None: nothing was held)."""

    period: Period
    document_id: int | None
    renewed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedService:
    """A service. `begun_through`: ends of the periods in which orders began it (again). `is_running`: it is active."""

    service_id: int
    name: str
    rhythm: Rhythm
    billing_starts_on: date
    billed_through: date | None
    is_running: bool
    subscriptions: tuple[AuditedSubscription, ...]
    periods: tuple[AuditedPeriod, ...]
    begun_through: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedLicense:
    """One row of Licenses on a product summary."""

    edition: str
    held: int
    planned: int | None
    unit_price: Decimal
    document_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedSummary:
    """What the product summary of a service shows. `documents`: number, total and open amount of those it lists."""

    service_id: int
    balance_minor: int
    owed_minor: int
    owed_by: tuple[str, ...]
    owed_elsewhere_minor: int
    owed_elsewhere_by: tuple[str, ...]
    paid_to: date | None
    documents: tuple[tuple[str, int, int], ...]
    licenses: tuple[AuditedLicense, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerBooks:
    """All that the audit compares for one customer, each list oldest first."""

    customer_id: int
    number: str
    currency: str
    today: date
    now: datetime
    documents: tuple[AuditedDocument, ...]
    payments: tuple[AuditedPayment, ...]
    allocations: tuple[AuditedAllocation, ...]
    repayments: tuple[AuditedRepayment, ...]
    entries: tuple[AuditedEntry, ...]
    services: tuple[AuditedService, ...]
    orders: tuple[AuditedOrder, ...]
    tax_rates: tuple[AuditedTaxRate, ...]


def prices_known(prices: Sequence[AuditedPrice], at: datetime) -> dict[date, Decimal]:
    """Unit prices by their first day, oldest first, as they were known at that moment (included)."""
    return {each.starts_on: each.unit_price for each in prices if each.recorded_at <= at}


def rates_known(rates: Sequence[AuditedTaxRate], at: datetime) -> tuple[TaxRate, ...]:
    """Tax rates as they were known at that moment (included)."""
    known = {(each.rate.category, each.rate.starts_on): each.rate for each in rates if each.recorded_at <= at}
    return tuple(known.values())


def show_amount(amount_minor: int, currency: str) -> str:
    """An amount in minor units as bookkeepers write it, exactly.

    >>> show_amount(-1250, "AUD")
    '-12.50 AUD'
    """
    known = get_currency(currency)
    return f"{from_minor(amount_minor, known):.{known.digits}f} {currency}"
