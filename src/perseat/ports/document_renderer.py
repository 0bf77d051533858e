"""Document renderer: turns an issued document into a PDF. Same input, same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from perseat.ports.electronic_invoice import InvoiceFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLine:
    """A line as it is printed; amounts are already written with the currency's digits and the language's signs."""

    text: str
    detail: str
    seats: str
    unit_price: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedDocument:
    """All that a PDF shows, as text. `rows`: label and value pairs of the head; `sums`: label and value pairs below.

    `headings`: those of text, seats, unit price and amount. `issued_on` is the date in the file's properties.
    """

    title: str
    number: str
    language: str
    issued_on: date
    seller: tuple[str, ...]
    buyer: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    headings: tuple[str, str, str, str]
    lines: tuple[PrintedLine, ...]
    sums: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    accent_color: str


class DocumentRenderer(Protocol):
    """Pure: no network, no clock."""

    def render(self, document: PrintedDocument, *, attached: InvoiceFile | None = None) -> bytes:
        """The document as a PDF for the archive (PDF/A-3b), with the electronic invoice in it when one is given."""
        ...
