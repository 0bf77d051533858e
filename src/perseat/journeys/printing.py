"""Printing: an issued document as a PDF, from what was written down when it was issued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel import Locale
from babel.dates import format_date

from perseat.capabilities.invoicing.queries import DocumentLineView, DocumentView, get_document
from perseat.capabilities.invoicing.wording import write_money, write_unit_price
from perseat.domain.quote import DocumentKind
from perseat.ports.document_renderer import PrintedDocument, PrintedLine
from perseat.ports.outside import Outside

_TITLES = {DocumentKind.INVOICE: "Invoice", DocumentKind.CREDIT_NOTE: "Credit note"}
_ACCENT = "#1f2937"


def print_document(outside: Outside, *, customer_id: int | None, number: str, today: date) -> bytes:
    """The document as a PDF, the same bytes each time. `customer_id` None for staff.

    :raises DoesNotBelong: when it is not the customer's.
    """
    return outside.renderer.render(printed(get_document(customer_id, number, today=today)))


def printed(document: DocumentView) -> PrintedDocument:
    """All that the paper shows. What was paid later is not on it: the paper stays as it was issued."""
    return PrintedDocument(
        title=_TITLES[document.kind],
        number=document.number,
        language=document.language,
        seller=party_lines(document.seller),
        buyer=party_lines(document.buyer),
        rows=_rows(document),
        lines=tuple(_line(each, document=document) for each in document.lines),
        sums=_sums(document),
        notes=_notes(document),
        accent_color=_ACCENT,
    )


def party_lines(party: Mapping[str, str]) -> tuple[str, ...]:
    """A seller or buyer line by line; parts that are empty are left out."""
    town = " ".join(part for part in (party.get("city"), party.get("region"), party.get("postal_code")) if part)
    tax_number = party.get("tax_number")
    parts = (
        party.get("name"),
        party.get("street"),
        party.get("address"),
        town,
        _country_name(party),
        f"Tax number {tax_number}" if tax_number else "",
    )
    return tuple(part for part in parts if part)


def _country_name(party: Mapping[str, str]) -> str:
    """In words, as an address has it; nothing when the address says it already."""
    code = party.get("country") or ""
    name = Locale("en").territories.get(code, code)
    return "" if name in (party.get("address") or "") else name


def _rows(document: DocumentView) -> tuple[tuple[str, str], ...]:
    rows = [("Date", _day(document.issued_on, document=document))]
    if document.kind is DocumentKind.INVOICE:
        rows.append(("Due", _day(document.due_on, document=document)))
    rows.append(("Customer", document.customer_number))
    if document.buyer.get("order_reference"):
        rows.append(("Your reference", document.buyer["order_reference"]))
    if document.corrects_number:
        rows.append(("Corrects", document.corrects_number))
    return tuple(rows)


def _line(line: DocumentLineView, *, document: DocumentView) -> PrintedLine:
    return PrintedLine(
        text=line.text,
        detail=line.arithmetic + (f" (credits {line.credits_number})" if line.credits_number else ""),
        seats=str(line.seats),
        unit_price=write_unit_price(line.unit_price, currency=document.currency, language=document.language),
        amount=_money(line.amount_minor, document=document),
    )


def _sums(document: DocumentView) -> tuple[tuple[str, str], ...]:
    taxes = [
        (f"{each.label} {each.rate.normalize():f} % of {_money(each.net_minor, document=document)}", each.tax_minor)
        for each in document.taxes
    ]
    figures = [("Before tax", document.net_minor), *taxes, ("Total incl. tax", document.total_minor)]
    return tuple((label, _money(amount, document=document)) for label, amount in figures)


def _notes(document: DocumentView) -> tuple[str, ...]:
    notes = [document.reason] if document.reason else []
    if document.prices_include_tax:
        notes.append("The amounts of the lines include tax.")
    if document.total_minor > 0:
        notes.append(
            f"By bank transfer to {document.seller.get('bank_account', '')}, please name {document.payment_reference}."
        )
    return tuple(notes)


def _money(amount_minor: int, *, document: DocumentView) -> str:
    return write_money(amount_minor, currency=document.currency, language=document.language)


def _day(day: date, *, document: DocumentView) -> str:
    return format_date(day, format="d MMMM y", locale=document.language)
