"""Labels: states in the customer's words and tones, so that templates compare nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from perseat.capabilities.invoicing.queries import DocumentRow, DocumentView
from perseat.capabilities.subscriptions.queries import ServiceRow
from perseat.domain.fulfillment import OrderState
from perseat.domain.parties import DocumentLanguage
from perseat.domain.quote import DocumentKind
from perseat.journeys.product_summary import DocumentFigure

ORDER_TONES: dict[OrderState, str] = {
    OrderState.AWAITING_PAYMENT: "wait",
    OrderState.PAID: "wait",
    OrderState.ORDERING: "wait",
    OrderState.AT_MICROSOFT: "wait",
    OrderState.READY: "good",
    OrderState.SCHEDULED: "good",
    OrderState.NEEDS_ATTENTION: "bad",
    OrderState.CANCELLED: "",
}
_SERVICE_LABELS = {"pending": ("Not started yet", ""), "active": ("Active", "good"), "ended": ("Ended", "")}
_PERIODS = {"P1M": "a month", "P3M": "each 3 months", "P6M": "each half year", "P1Y": "a year", "P3Y": "each 3 years"}
DOCUMENT_LANGUAGES = {DocumentLanguage.ENGLISH: "English", DocumentLanguage.GERMAN: "Deutsch"}
_KIND_LABELS = {DocumentKind.INVOICE: "Invoice", DocumentKind.CREDIT_NOTE: "Credit note"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLabel:
    """A document in a list. `open_minor`: what is left to pay. `label`: Paid, To pay, Overdue, Cancelled, Credited."""

    number: str
    kind_label: str
    issued_on: date
    due_on: date
    currency: str
    total_minor: int
    open_minor: int
    label: str
    tone: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLabel:
    """A service in a list."""

    service_id: int
    name: str
    domains: tuple[str, ...]
    label: str
    tone: str
    seats: tuple[tuple[int, str], ...]
    next_charge_on: date | None


def per_period(cycle: str) -> str:
    """ "a month", "a year": what a unit price is for."""
    return _PERIODS[cycle]


def kind_label(kind: DocumentKind) -> str:
    """Invoice or Credit note."""
    return _KIND_LABELS[kind]


def service_label(state: str) -> tuple[str, str]:
    """The word for a service's state, and its tone."""
    return _SERVICE_LABELS[state]


def document_label(document: DocumentRow | DocumentFigure | DocumentView) -> tuple[str, str]:
    """The word for what is left of a document, and its tone."""
    if document.kind is DocumentKind.CREDIT_NOTE:
        return "Credited", "good"
    if document.is_cancelled:
        return "Cancelled", ""
    if document.open_minor <= 0:
        return "Paid", "good"
    return ("Overdue", "bad") if document.is_overdue else ("To pay", "wait")


def document_rows(documents: Iterable[DocumentRow | DocumentFigure]) -> list[DocumentLabel]:
    """Documents as lists show them."""
    rows = []
    for each in documents:
        label, tone = document_label(each)
        rows.append(
            DocumentLabel(
                number=each.number,
                kind_label=kind_label(each.kind),
                issued_on=each.issued_on,
                due_on=each.due_on,
                currency=each.currency,
                total_minor=each.total_minor,
                open_minor=each.open_minor,
                label=label,
                tone=tone,
                is_open=each.open_minor > 0,
            )
        )
    return rows


def service_rows(services: Iterable[ServiceRow]) -> list[ServiceLabel]:
    """Services as lists show them; editions without seats are left out."""
    rows = []
    for each in services:
        label, tone = service_label(each.state)
        rows.append(
            ServiceLabel(
                service_id=each.service_id,
                name=each.name,
                domains=each.domains or (each.domain,),
                label=label,
                tone=tone,
                seats=tuple((seats.held, seats.edition_name) for seats in each.seats if seats.held),
                next_charge_on=each.next_charge_on,
            )
        )
    return rows
