"""Electronic invoicing: an issued document in the terms of EN 16931, for the file that goes with its PDF.

docs/reference/documents.md says which of our figures goes where.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_noop
from stdnum import iban

from perseat.capabilities.invoicing.languages import words_in
from perseat.capabilities.invoicing.queries import DocumentLineView, DocumentView, get_document
from perseat.capabilities.invoicing.wording import write_unit_price
from perseat.domain.money import from_minor, get_currency
from perseat.domain.quote import DocumentKind, LineKind
from perseat.ports.electronic_invoice import (
    ElectronicInvoice,
    InvoiceFile,
    InvoiceLine,
    InvoiceNotExpressible,
    InvoiceParty,
    InvoiceTax,
)
from perseat.ports.outside import Outside

# The standard allows two decimals in every amount (BR-DEC-01 and those after it).
_MOST_DIGITS = 2
_REGISTERS = {"AU": "0151"}  # ISO 6523: the Australian Business Number
_TAX_PREFIXES = {"GR": "EL"}
_REASONS: Mapping[str, tuple[str, str]] = {
    "AE": (gettext_noop("Reverse charge"), "VATEX-EU-AE"),
    "E": (gettext_noop("Exempt from tax"), ""),
    "O": (gettext_noop("Not subject to tax"), "VATEX-EU-O"),
}
_CATEGORIES = frozenset({"S", "Z", *_REASONS})


def write_electronic_invoice(outside: Outside, *, customer_id: int | None, number: str, today: date) -> InvoiceFile:
    """The document as an electronic invoice, the same bytes each time. `customer_id` None for staff.

    :raises DoesNotBelong: when it is not the customer's.
    :raises InvoiceNotExpressible: when the standard has no room for it.
    """
    return outside.invoices.write(electronic_invoice(get_document(customer_id, number, today=today)))


def why_not_electronic(document: DocumentView) -> str:
    """The sentence that says why there is no electronic invoice of the document; "" when there is one."""
    try:
        electronic_invoice(document)
    except InvoiceNotExpressible as reason:
        return str(reason)
    return ""


def electronic_invoice(document: DocumentView) -> ElectronicInvoice:
    """The document in the standard's terms; a credit note's amounts turn their sign.

    :raises InvoiceNotExpressible: see the reasons below.
    """
    taxes = _taxes(document)
    seller, buyer = _seller(document, taxes), _buyer(document, taxes)
    _must_be_expressible(document, taxes, seller=seller, buyer=buyer)
    is_to_pay = document.total_minor > 0
    account = document.seller.get("bank_account", "") if is_to_pay else ""
    return ElectronicInvoice(
        number=document.number,
        is_credit_note=_is_credit_note(document),
        issued_on=document.issued_on,
        due_on=document.due_on if is_to_pay else None,
        currency=document.currency,
        seller=seller,
        buyer=buyer,
        order_reference=document.buyer.get("order_reference", ""),
        payment_reference=document.payment_reference if is_to_pay else "",
        iban=iban.compact(account) if iban.is_valid(account) else "",
        account=account,
        terms=payment_terms(document),
        notes=(document.reason,) if document.reason else (),
        lines=tuple(_line(line, document=document) for line in document.lines),
        taxes=taxes,
        net=_amount(document.net_minor, document=document),
        tax=_amount(document.tax_minor, document=document),
        total=_amount(document.total_minor, document=document),
        credits=_credited(document),
    )


def payment_terms(document: DocumentView) -> str:
    """What is to be done with the document's total, in a sentence of its language; "" for a total of zero."""
    words = words_in(document.language)
    if document.total_minor < 0:
        return words.gettext("The amount pays what is open or is added to your balance.")
    if not document.total_minor:
        return ""
    return words.gettext("By bank transfer to {account}, please name {reference}.").format(
        account=document.seller.get("bank_account", ""), reference=document.payment_reference
    )


def exemption_reasons(document: DocumentView) -> tuple[str, ...]:
    """Why there is no tax, for each kind of it that stands on the document, in its language."""
    categories = dict.fromkeys(_category(tax.category, tax.rate, document=document) for tax in document.taxes)
    return tuple(_reason(each, document=document) for each in categories if each in _REASONS)


def _reason(category: str, *, document: DocumentView) -> str:
    """Why nothing is taxed in the category: by the buyer's own exemption, or in general; "" where tax is charged."""
    agreed = document.buyer.get("exemption_reason", "") if category == "E" else ""
    general = words_in(document.language).gettext(_REASONS[category][0]) if category in _REASONS else ""
    return agreed or general


def _must_be_expressible(
    document: DocumentView, taxes: tuple[InvoiceTax, ...], *, seller: InvoiceParty, buyer: InvoiceParty
) -> None:
    categories = {tax.category for tax in taxes}
    unknown = sorted(categories - _CATEGORIES)
    if get_currency(document.currency).digits > _MOST_DIGITS:
        raise InvoiceNotExpressible(
            f"Electronic invoices have two decimals at most; {document.currency} has three or more."
        )
    if unknown:
        raise InvoiceNotExpressible(f"Tax category {unknown[0]} is not for services; we write S, Z, E, AE and O.")
    if "O" in categories and len(categories) > 1:
        raise InvoiceNotExpressible("Lines that are not subject to tax cannot stand beside lines that are.")
    if categories - {"O"} and not (seller.vat_number or seller.tax_number):
        raise InvoiceNotExpressible("The seller has no tax number.")
    if "AE" in categories and not (buyer.vat_number or buyer.legal_number):
        raise InvoiceNotExpressible("Reverse charge needs the buyer's tax number.")


def _taxes(document: DocumentView) -> tuple[InvoiceTax, ...]:
    """One group for each category and rate of the standard."""
    sums: dict[tuple[str, Decimal], tuple[int, int]] = {}
    for tax in document.taxes:
        key = (_category(tax.category, tax.rate, document=document), tax.rate.normalize())
        net, amount = sums.get(key, (0, 0))
        sums[key] = (net + tax.net_minor, amount + tax.tax_minor)
    return tuple(
        InvoiceTax(
            category=category,
            rate=_rate(category, rate),
            net=_amount(net, document=document),
            tax=_amount(amount, document=document),
            reason=_reason(category, document=document),
            reason_code=_REASONS[category][1] if category in _REASONS else "",
        )
        for (category, rate), (net, amount) in sums.items()
    )


def _category(category: str, rate: Decimal, *, document: DocumentView) -> str:
    # The standard rate is never zero there. Ours is before a tax's first day, or where nobody has to charge any.
    if category == "S" and not rate:
        return "Z" if document.seller.get("tax_number") else "O"
    return category


def _rate(category: str, rate: Decimal) -> Decimal | None:
    return None if category == "O" else rate.normalize()


def _line(line: DocumentLineView, *, document: DocumentView) -> InvoiceLine:
    net_minor = line.amount_minor - (line.tax_minor if document.prices_include_tax else 0)
    net = _amount(net_minor, document=document)
    lowers = net < 0 if net else (line.kind is LineKind.CREDIT) is not _is_credit_note(document)
    # Seats times price gives the net amount exactly: the unit price where it does, else the net amount for all seats.
    is_plain = line.seats * line.unit_price == abs(net)
    category = _category(line.tax_category, line.tax_rate, document=document)
    return InvoiceLine(
        number=line.number,
        name=line.edition_name,
        note=_note(line, document=document),
        facts=_facts(line, document=document),
        quantity=-line.seats if lowers else line.seats,
        price=line.unit_price.normalize() if is_plain else abs(net),
        price_per=1 if is_plain else line.seats,
        net=net,
        category=category,
        rate=_rate(category, line.tax_rate),
        first_day=line.start,
        last_day=line.last_day,
    )


def _note(line: DocumentLineView, *, document: DocumentView) -> str:
    """Text and arithmetic. Where the arithmetic leads to an amount with tax, it says so: the line is told without."""
    parts = [line.arithmetic] if line.text == line.edition_name else [line.text, line.arithmetic]
    if document.prices_include_tax and line.tax_minor:
        parts.append(words_in(document.language).gettext("includes tax"))
    return " · ".join(parts)


def _facts(line: DocumentLineView, *, document: DocumentView) -> tuple[tuple[str, str], ...]:
    words = words_in(document.language)
    price = write_unit_price(line.unit_price, currency=document.currency, language=document.language)
    includes_tax = document.prices_include_tax
    facts = [
        (words.gettext("Unit price incl. tax") if includes_tax else words.gettext("Unit price"), price),
        (words.gettext("Days"), words.gettext("{days} of {period}").format(days=line.days, period=line.period_days)),
    ]
    if line.credits_number:
        facts.append((words.gettext("Credits"), line.credits_number))
    return tuple(facts)


def _seller(document: DocumentView, taxes: tuple[InvoiceTax, ...]) -> InvoiceParty:
    facts = document.seller
    vat_number, number = _tax_numbers(facts, is_taxed=_is_taxed(taxes))
    legal_scheme = _REGISTERS.get(facts.get("country", ""), "")
    legal_number = number.replace(" ", "") if legal_scheme else ""
    return InvoiceParty(
        name=facts.get("name", ""),
        country=facts.get("country", ""),
        # A seller is known by one of these three (BR-CO-26).
        identifier="" if vat_number or legal_number else number or facts.get("email", ""),
        legal_number=legal_number,
        legal_scheme=legal_scheme if legal_number else "",
        vat_number=vat_number,
        tax_number=number,
        street=facts.get("address", ""),
        email=facts.get("email", ""),
    )


def _buyer(document: DocumentView, taxes: tuple[InvoiceTax, ...]) -> InvoiceParty:
    facts = document.buyer
    vat_number, number = _tax_numbers(facts, is_taxed=_is_taxed(taxes))
    legal_scheme = _REGISTERS.get(facts.get("country", ""), "") if number else ""
    return InvoiceParty(
        name=facts.get("name", ""),
        country=facts.get("country", ""),
        identifier=document.customer_number,
        legal_number=number.replace(" ", "") if legal_scheme else number,
        legal_scheme=legal_scheme,
        vat_number=vat_number,
        street=facts.get("street", ""),
        city=facts.get("city", ""),
        region=facts.get("region", ""),
        postal_code=facts.get("postal_code", ""),
        email=facts.get("email", ""),
    )


def _is_taxed(taxes: tuple[InvoiceTax, ...]) -> bool:
    return any(tax.category != "O" for tax in taxes)


def _tax_numbers(facts: Mapping[str, str], *, is_taxed: bool) -> tuple[str, str]:
    """The number with its country's prefix, and one without: a party has one of them, or none.

    Beside what is not subject to tax, the standard allows no number for that tax (BR-O-02).
    """
    country, number = facts.get("country", ""), facts.get("tax_number", "")
    compact = number.replace(" ", "").upper()
    if country and compact.startswith(_TAX_PREFIXES.get(country, country)):
        return (compact, "") if is_taxed else ("", compact)
    return "", number


def _credited(document: DocumentView) -> tuple[str, ...]:
    numbers = [line.credits_number for line in document.lines] + [document.corrects_number]
    return tuple(dict.fromkeys(number for number in numbers if number and number != document.number))


def _is_credit_note(document: DocumentView) -> bool:
    return document.kind is DocumentKind.CREDIT_NOTE


def _amount(amount_minor: int, *, document: DocumentView) -> Decimal:
    sign = -1 if _is_credit_note(document) else 1
    return from_minor(sign * amount_minor, get_currency(document.currency))
