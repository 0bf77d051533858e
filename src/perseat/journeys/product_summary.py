"""Product summary: every figure derived from documents, each with the numbers it comes from (rule 18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from perseat.capabilities.subscriptions.models import ServiceState
from perseat.domain.fulfillment import OrderState
from perseat.domain.quote import DocumentKind
from perseat.journeys.figures import RecurringFigure


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedAmount:
    """An amount in minor units with the numbers of the documents and payments that it is the sum of."""

    amount_minor: int
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcedDay:
    """A day with the numbers of the documents that say so; None when nothing was charged yet."""

    day: date | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigure:
    """A change that waits for the renewal. Undo it by typing `held` as the total of `edition` (see undo_wanted)."""

    edition: str
    edition_name: str
    held: int
    planned: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseFigure:
    """One row of Licenses. `document_numbers`: the documents that charge the running period's seats."""

    edition: str
    edition_name: str
    former_names: str
    directory_sku_id: str
    held: int
    planned: int | None
    unit_price: Decimal
    renews_on: date | None
    document_numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFigure:
    """An issued document in a list; `open_minor` is what is unpaid of it (0 for credit notes)."""

    number: str
    kind: DocumentKind
    issued_on: date
    due_on: date
    currency: str
    total_minor: int
    open_minor: int
    is_paid: bool
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrderFigure:
    """The order that awaits payment or is under way."""

    order_id: int
    state: OrderState
    label: str
    document_number: str
    open_minor: int
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSummary:
    """What the product summary shows. `paid_to`: the last day (included) up to which everything charged is paid.

    `owed`: open invoices of this service. `balance`: what we hold for the customer. `next_charge`: the renewal document
    as known today, None when nothing will be charged. `undo_wanted`: totals that withdraw all plans.
    """

    service_id: int
    service_name: str
    domains: tuple[str, ...]
    state: ServiceState
    currency: str
    next_charge: RecurringFigure | None
    later_charges: tuple[RecurringFigure, ...]
    paid_to: SourcedDay
    owed: SourcedAmount
    balance: SourcedAmount
    plans: tuple[PlanFigure, ...]
    undo_wanted: dict[str, int]
    open_order: OpenOrderFigure | None
    documents: tuple[DocumentFigure, ...]
    licenses: tuple[LicenseFigure, ...]


def get_product_summary(*, customer_id: int, service_id: int, today: date) -> ProductSummary:
    """:raises DoesNotBelong: when the service is not the customer's. `today`: the customer's local day."""
    raise NotImplementedError
