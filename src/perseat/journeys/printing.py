"""Printing: an issued document as a PDF, from what was written down when it was issued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel import Locale
from django.utils.translation import gettext_noop

from perseat.capabilities.customers.tax_numbers import EU_COUNTRIES, vat_prefix
from perseat.capabilities.invoicing.languages import words_in
from perseat.capabilities.invoicing.queries import DocumentLineView, DocumentView, get_document
from perseat.capabilities.invoicing.wording import write_day, write_money, write_rate, write_unit_price
from perseat.domain.quote import DocumentKind
from perseat.journeys.electronic_invoicing import electronic_invoice, exemption_reasons, payment_terms
from perseat.ports.document_renderer import PrintedDocument, PrintedLine
from perseat.ports.electronic_invoice import InvoiceFile, InvoiceNotExpressible
from perseat.ports.outside import Outside

_TITLES = {DocumentKind.INVOICE: gettext_noop("Invoice"), DocumentKind.CREDIT_NOTE: gettext_noop("Credit note")}
_POSTAL_CODE_LAST = frozenset({"AU", "CA", "GB", "IE", "NZ", "US"})
_ACCENT = "#1f2937"
_TAX_NUMBER = gettext_noop("Tax number {number}")
_VAT_NUMBER = gettext_noop("VAT number {number}")
_ABN = gettext_noop("ABN {number}")


def print_document(outside: Outside, *, customer_id: int | None, number: str, today: date) -> bytes:
    """The document as a PDF, the same bytes each time, with its electronic invoice where there is one.

    `customer_id` None for staff.

    :raises DoesNotBelong: when it is not the customer's.
    """
    document = get_document(customer_id, number, today=today)
    return outside.renderer.render(printed(document), attached=_attached(outside, document))


def printed(document: DocumentView) -> PrintedDocument:
    """All that the paper shows. What was paid later is not on it: the paper stays as it was issued."""
    words = words_in(document.language)
    return PrintedDocument(
        title=words.gettext(_TITLES[document.kind]),
        number=document.number,
        language=document.language,
        issued_on=document.issued_on,
        seller=party_lines(document.seller, language=document.language),
        buyer=party_lines(document.buyer, language=document.language),
        rows=_rows(document),
        headings=_headings(document),
        lines=tuple(_line(each, document=document) for each in document.lines),
        sums=_sums(document),
        notes=_notes(document),
        accent_color=_ACCENT,
    )


def _headings(document: DocumentView) -> tuple[str, str, str, str]:
    words = words_in(document.language)
    prices = (words.gettext("Unit price"), words.gettext("Amount"))
    if document.prices_include_tax:
        prices = (words.gettext("Unit price incl. tax"), words.gettext("Amount incl. tax"))
    return (words.gettext("Description"), words.gettext("Seats"), *prices)


def party_lines(party: Mapping[str, str], *, language: str = "en") -> tuple[str, ...]:
    """A seller or buyer line by line; parts that are empty are left out."""
    town = _town(party)
    parts = (
        party.get("name"),
        party.get("street"),
        party.get("address"),
        town,
        _country_name(party, language=language),
        _tax_number(party, language=language),
    )
    return tuple(part for part in parts if part)


def _tax_number(party: Mapping[str, str], *, language: str) -> str:
    """With the name that the number has in its country."""
    number, country = party.get("tax_number", ""), party.get("country", "")
    if not number:
        return ""
    pattern = _TAX_NUMBER
    if country == "AU":
        pattern = _ABN
    elif country in EU_COUNTRIES and number.startswith(vat_prefix(country)):
        pattern = _VAT_NUMBER
    return words_in(language).gettext(pattern).format(number=number)


def _town(party: Mapping[str, str]) -> str:
    city, code = " ".join(filter(None, (party.get("city"), party.get("region")))), party.get("postal_code", "")
    parts = (city, code) if party.get("country") in _POSTAL_CODE_LAST else (code, city)
    return " ".join(filter(None, parts))


def _attached(outside: Outside, document: DocumentView) -> InvoiceFile | None:
    try:
        return outside.invoices.write(electronic_invoice(document))
    except InvoiceNotExpressible:
        return None


def _country_name(party: Mapping[str, str], *, language: str) -> str:
    """In words, as an address has it; nothing when the address says it already."""
    code, address = party.get("country") or "", party.get("address") or ""
    names = [Locale.parse(each, sep="-").territories.get(code, code) for each in (language, "en")]
    return "" if any(name in address for name in names) else names[0]


def _rows(document: DocumentView) -> tuple[tuple[str, str], ...]:
    words = words_in(document.language)
    rows = [(words.gettext("Date"), write_day(document.issued_on, language=document.language))]
    if document.kind is DocumentKind.INVOICE:
        rows.append((words.gettext("Due"), write_day(document.due_on, language=document.language)))
    rows.append((words.gettext("Customer"), document.customer_number))
    if document.buyer.get("order_reference"):
        rows.append((words.gettext("Your reference"), document.buyer["order_reference"]))
    if document.corrects_number:
        rows.append((words.gettext("Corrects"), document.corrects_number))
    return tuple(rows)


def _line(line: DocumentLineView, *, document: DocumentView) -> PrintedLine:
    words = words_in(document.language)
    credited = words.gettext("credits {number}").format(number=line.credits_number)
    return PrintedLine(
        text=line.text,
        detail=f"{line.arithmetic} ({credited})" if line.credits_number else line.arithmetic,
        seats=str(line.seats),
        unit_price=write_unit_price(line.unit_price, currency=document.currency, language=document.language),
        amount=_money(line.amount_minor, document=document),
    )


def _sums(document: DocumentView) -> tuple[tuple[str, str], ...]:
    words = words_in(document.language)
    taxes = [
        (
            words.gettext("{tax} {rate} of {net}").format(
                tax=words.gettext(each.label) if each.label else "",
                rate=write_rate(each.rate, language=document.language),
                net=_money(each.net_minor, document=document),
            ),
            each.tax_minor,
        )
        for each in document.taxes
    ]
    figures = [
        (words.gettext("Before tax"), document.net_minor),
        *taxes,
        (words.gettext("Total incl. tax"), document.total_minor),
    ]
    return tuple((label, _money(amount, document=document)) for label, amount in figures)


def _notes(document: DocumentView) -> tuple[str, ...]:
    words = words_in(document.language)
    includes_tax = words.gettext("The amounts of the lines include tax.") if document.prices_include_tax else ""
    notes = (document.reason, *exemption_reasons(document), includes_tax, payment_terms(document))
    return tuple(note for note in notes if note)


def _money(amount_minor: int, *, document: DocumentView) -> str:
    return write_money(amount_minor, currency=document.currency, language=document.language)
