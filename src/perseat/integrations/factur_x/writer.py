"""The ElectronicInvoiceWriter port: Cross Industry Invoices in Factur-X's profile EN 16931.

The order of elements is the schema's. BT and BG numbers in comments are those of EN 16931-1.
"""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree as ET

from perseat.integrations.factur_x.elements import RSM, add_day, add_group, add_number, add_text
from perseat.ports.electronic_invoice import ElectronicInvoice, InvoiceFile, InvoiceLine, InvoiceParty, InvoiceTax

FILE_NAME = "factur-x.xml"
PROFILE = "EN 16931"
_GUIDELINE = "urn:cen.eu:en16931:2017"
_INVOICE, _CREDIT_NOTE = "380", "381"
_ONE = "C62"  # UN/ECE recommendation 20: a seat is counted, not measured
_CREDIT_TRANSFER = "30"


class FacturXWriter:
    """Writes documents as Cross Industry Invoices."""

    def write(self, invoice: ElectronicInvoice) -> InvoiceFile:
        """The invoice as XML in UTF-8, in one line. Same input, same bytes."""
        root = ET.Element(f"{{{RSM}}}CrossIndustryInvoice")
        context = add_group(root, "ExchangedDocumentContext", name_space=RSM)
        add_text(add_group(context, "GuidelineSpecifiedDocumentContextParameter"), "ID", _GUIDELINE)
        _add_head(root, invoice)
        transaction = add_group(root, "SupplyChainTradeTransaction", name_space=RSM)
        for line in invoice.lines:
            _add_line(transaction, line)
        _add_agreement(transaction, invoice)
        _add_delivery(transaction, invoice.buyer)
        _add_settlement(transaction, invoice)
        content: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
        return InvoiceFile(name=FILE_NAME, content=content, profile=PROFILE)


def _add_head(root: ET.Element, invoice: ElectronicInvoice) -> None:
    head = add_group(root, "ExchangedDocument", name_space=RSM)
    add_text(head, "ID", invoice.number)
    add_text(head, "TypeCode", _CREDIT_NOTE if invoice.is_credit_note else _INVOICE)
    add_day(head, "IssueDateTime", invoice.issued_on)
    for note in invoice.notes:
        add_text(add_group(head, "IncludedNote"), "Content", note)


def _add_line(transaction: ET.Element, line: InvoiceLine) -> None:
    item = add_group(transaction, "IncludedSupplyChainTradeLineItem")
    about = add_group(item, "AssociatedDocumentLineDocument")
    add_number(about, "LineID", line.number)
    if line.note:
        add_text(add_group(about, "IncludedNote"), "Content", line.note)  # BT-127
    product = add_group(item, "SpecifiedTradeProduct")
    add_text(product, "Name", line.name)
    for name, value in line.facts:  # BG-32
        fact = add_group(product, "ApplicableProductCharacteristic")
        add_text(fact, "Description", name)
        add_text(fact, "Value", value)
    price = add_group(add_group(item, "SpecifiedLineTradeAgreement"), "NetPriceProductTradePrice")
    add_number(price, "ChargeAmount", line.price)  # BT-146
    if line.price_per != 1:
        add_number(price, "BasisQuantity", line.price_per, unitCode=_ONE)  # BT-149
    add_number(add_group(item, "SpecifiedLineTradeDelivery"), "BilledQuantity", line.quantity, unitCode=_ONE)
    settlement = add_group(item, "SpecifiedLineTradeSettlement")
    tax = add_group(settlement, "ApplicableTradeTax")
    add_text(tax, "TypeCode", "VAT")
    add_text(tax, "CategoryCode", line.category)
    if line.rate is not None:
        add_number(tax, "RateApplicablePercent", line.rate)
    period = add_group(settlement, "BillingSpecifiedPeriod")  # BG-26
    add_day(period, "StartDateTime", line.first_day)
    add_day(period, "EndDateTime", line.last_day)
    add_number(add_group(settlement, "SpecifiedTradeSettlementLineMonetarySummation"), "LineTotalAmount", line.net)


def _add_agreement(transaction: ET.Element, invoice: ElectronicInvoice) -> None:
    agreement = add_group(transaction, "ApplicableHeaderTradeAgreement")
    _add_party(agreement, "SellerTradeParty", invoice.seller)
    _add_party(agreement, "BuyerTradeParty", invoice.buyer)
    if invoice.order_reference:
        add_text(add_group(agreement, "BuyerOrderReferencedDocument"), "IssuerAssignedID", invoice.order_reference)


def _add_party(agreement: ET.Element, role: str, party: InvoiceParty) -> None:
    group = add_group(agreement, role)
    add_text(group, "ID", party.identifier)
    add_text(group, "Name", party.name)
    if party.legal_number:
        scheme = {"schemeID": party.legal_scheme} if party.legal_scheme else {}
        add_text(add_group(group, "SpecifiedLegalOrganization"), "ID", party.legal_number, **scheme)
    address = add_group(group, "PostalTradeAddress")
    add_text(address, "PostcodeCode", party.postal_code)
    add_text(address, "LineOne", party.street)
    add_text(address, "CityName", party.city)
    add_text(address, "CountryID", party.country)
    add_text(address, "CountrySubDivisionName", party.region)
    if party.email:
        add_text(add_group(group, "URIUniversalCommunication"), "URIID", party.email, schemeID="EM")
    for scheme_id, number in (("VA", party.vat_number), ("FC", party.tax_number)):
        if number:
            add_text(add_group(group, "SpecifiedTaxRegistration"), "ID", number, schemeID=scheme_id)


def _add_delivery(transaction: ET.Element, buyer: InvoiceParty) -> None:
    # The schema wants the element, the rules want none empty. When seats are delivered, each line's period says.
    place = add_group(add_group(transaction, "ApplicableHeaderTradeDelivery"), "ShipToTradeParty")
    add_text(add_group(place, "PostalTradeAddress"), "CountryID", buyer.country)  # BT-80


def _add_settlement(transaction: ET.Element, invoice: ElectronicInvoice) -> None:
    settlement = add_group(transaction, "ApplicableHeaderTradeSettlement")
    add_text(settlement, "PaymentReference", invoice.payment_reference)  # BT-83
    add_text(settlement, "InvoiceCurrencyCode", invoice.currency)
    _add_payment_means(settlement, invoice)
    for tax in invoice.taxes:
        _add_tax(settlement, tax)
    if invoice.terms or invoice.due_on:
        terms = add_group(settlement, "SpecifiedTradePaymentTerms")
        add_text(terms, "Description", invoice.terms)  # BT-20
        if invoice.due_on:
            add_day(terms, "DueDateDateTime", invoice.due_on)
    _add_sums(settlement, invoice)
    for number in invoice.credits:  # BG-3
        add_text(add_group(settlement, "InvoiceReferencedDocument"), "IssuerAssignedID", number)


def _add_payment_means(settlement: ET.Element, invoice: ElectronicInvoice) -> None:
    if not (invoice.iban or invoice.account):
        return
    means = add_group(settlement, "SpecifiedTradeSettlementPaymentMeans")
    add_text(means, "TypeCode", _CREDIT_TRANSFER)
    account = add_group(means, "PayeePartyCreditorFinancialAccount")  # BT-84
    add_text(account, "IBANID", invoice.iban)
    if not invoice.iban:
        add_text(account, "ProprietaryID", invoice.account)


def _add_tax(settlement: ET.Element, tax: InvoiceTax) -> None:
    group = add_group(settlement, "ApplicableTradeTax")  # BG-23
    add_number(group, "CalculatedAmount", tax.tax)
    add_text(group, "TypeCode", "VAT")
    add_text(group, "ExemptionReason", tax.reason)
    add_number(group, "BasisAmount", tax.net)
    add_text(group, "CategoryCode", tax.category)
    add_text(group, "ExemptionReasonCode", tax.reason_code)
    if tax.rate is not None:
        add_number(group, "RateApplicablePercent", tax.rate)


def _add_sums(settlement: ET.Element, invoice: ElectronicInvoice) -> None:
    sums = add_group(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation")
    add_number(sums, "LineTotalAmount", sum((line.net for line in invoice.lines), start=Decimal(0)))  # BT-106
    add_number(sums, "TaxBasisTotalAmount", invoice.net)
    add_number(sums, "TaxTotalAmount", invoice.tax, currencyID=invoice.currency)
    add_number(sums, "GrandTotalAmount", invoice.total)
    add_number(sums, "DuePayableAmount", invoice.total)  # BT-115: as issued; what was paid since is not on the paper
