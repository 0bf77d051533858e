"""Audit facts: what the tables say of one customer, as plain values, for the comparisons of the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from perseat.domain.calendar import Period, Rhythm
from perseat.domain.money import from_minor, get_currency
from perseat.domain.quote_values import DocumentKind, Line, TaxSum


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
    """The stored quote that a document was copied from."""

    lines: tuple[AuditedLine, ...]
    due_today_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedDocument:
    """An issued document. `quote` stands with an order's own document only, the first one.

    `effects`: when its order began and ceased to be in effect; None for a document without an order, which always is.
    `settled_minor`, `used_minor`: sums of the allocations to it, and of those that it is the source of.
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
    account: str
    currency: str
    amount_minor: int
    is_received: bool
    is_reversed: bool
    used_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedAllocation:
    """What of a payment or credit note settled a document; negative when it was taken back."""

    allocation_id: int
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedMovement:
    """A line of the history of accepted totals."""

    effective_on: date
    recorded_at: datetime
    seats: int
    planned: int | None
    is_renewal: bool
    is_adoption: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedSubscription:
    """A subscription with its whole history, oldest first, and its offer's dated prices, oldest first."""

    subscription_id: int
    edition: str
    position: int
    held: int
    planned: int | None
    started_on: date
    term_started_on: date
    movements: tuple[AuditedMovement, ...]
    prices: tuple[tuple[date, Decimal], ...]


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


def show_amount(amount_minor: int, currency: str) -> str:
    """An amount in minor units as bookkeepers write it, exactly.

    >>> show_amount(-1250, "AUD")
    '-12.50 AUD'
    """
    known = get_currency(currency)
    return f"{from_minor(amount_minor, known):.{known.digits}f} {currency}"
