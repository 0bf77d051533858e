"""Reads of issued documents. Amounts in minor units with the document's sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from perseat.domain.quote import DocumentKind, LineKind, LineReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLineView:
    """A line as issued. `last_day` is included. `credits_number`: the document whose line it credits or restores."""

    number: int
    kind: LineKind
    reason: LineReason
    edition: str
    edition_name: str
    partner_name: str
    text: str
    arithmetic: str
    seats: int
    start: date
    end: date
    last_day: date
    days: int
    period_days: int
    unit_price: Decimal
    amount_minor: int
    tax_category: str
    tax_rate: Decimal
    credits_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTaxView:
    """Tax of one (category, rate)."""

    label: str
    category: str
    rate: Decimal
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationView:
    """What settled a document: a payment or a credit note. Negative when taken back. `source`: words to show."""

    source: str
    credit_note_number: str
    amount_minor: int
    allocated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """An issued document. paid + credited + open = total (for a total above zero)."""

    number: str
    kind: DocumentKind
    customer_id: int
    customer_number: str
    service_id: int | None
    order_id: int | None
    issued_on: date
    issued_at: datetime
    due_on: date
    currency: str
    net_minor: int
    tax_minor: int
    total_minor: int
    paid_minor: int
    credited_minor: int
    open_minor: int
    is_overdue: bool
    prices_include_tax: bool
    seller: dict[str, str]
    buyer: dict[str, str]
    payment_reference: str
    reason: str
    language: str
    corrects_number: str
    corrected_by: tuple[str, ...]
    lines: tuple[DocumentLineView, ...]
    taxes: tuple[DocumentTaxView, ...]
    allocations: tuple[AllocationView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A document in a list."""

    number: str
    kind: DocumentKind
    customer_id: int
    customer_number: str
    customer_name: str
    issued_on: date
    due_on: date
    currency: str
    total_minor: int
    open_minor: int
    is_overdue: bool
    order_id: int | None


def get_document(customer_id: int | None, number: str, *, today: date) -> DocumentView:
    """One document; `customer_id` None for staff. :raises DoesNotBelong: when it is not the customer's."""
    raise NotImplementedError


def list_documents(customer_id: int, *, today: date, page: int = 1) -> tuple[DocumentRow, ...]:
    """The customer's documents, newest first, 50 a page."""
    raise NotImplementedError


def list_documents_for_staff(
    *, today: date, search: str = "", kind: DocumentKind | None = None, page: int = 1
) -> tuple[DocumentRow, ...]:
    """All documents, newest first, 50 a page. `search`: the beginning of a number or of a customer's name."""
    raise NotImplementedError
