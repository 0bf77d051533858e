"""Papers: what every document of a customer says on its PDF and in its electronic invoice, held against its rows."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

from lxml import etree
from pypdf import PdfReader
from tests.en16931 import broken_rules

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.invoicing.queries import DocumentView, get_document
from perseat.domain.money import from_minor, get_currency
from perseat.journeys.electronic_invoicing import why_not_electronic, write_electronic_invoice
from perseat.journeys.printing import print_document, printed
from perseat.wiring import get_outside

_TODAY = date(2027, 6, 1)
_CII = {"ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"}


def views_of(customer: Customer) -> list[DocumentView]:
    """The customer's documents, oldest first."""
    numbers = Document.objects.filter(customer=customer).order_by("pk").values_list("number", flat=True)
    return [get_document(None, number, today=_TODAY) for number in numbers]


def pdf_of(view: DocumentView) -> str:
    """What can be read on the PDF, with single spaces."""
    content = print_document(get_outside(), customer_id=None, number=view.number, today=_TODAY)
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def xml_of(view: DocumentView) -> etree._Element:
    """The electronic invoice, which the official rules accept."""
    content = write_electronic_invoice(get_outside(), customer_id=None, number=view.number, today=_TODAY).content
    assert broken_rules(content) == [], view.number
    return etree.fromstring(content)


def texts(xml: etree._Element, path: str) -> list[str]:
    """The texts of all elements at the path, `ram:` understood."""
    return [each.text or "" for each in xml.iterfind(f".//{'/'.join(f'ram:{part}' for part in path.split('/'))}", _CII)]


def assert_papers_hold(customer: Customer) -> None:
    """Every document says on paper and in the file what it must; the file's figures are the document's."""
    views = views_of(customer)
    assert views
    for view in views:
        _assert_paper_holds(view)
        if not why_not_electronic(view):
            _assert_file_holds(view)


def _assert_paper_holds(view: DocumentView) -> None:
    text, paper = pdf_of(view), printed(view)
    told = [view.number, *paper.seller, *paper.buyer, *paper.notes, *(value for _, value in (*paper.rows, *paper.sums))]
    told += [part for line in view.lines for part in (line.text, line.arithmetic, line.credits_number)]
    if view.total_minor > 0:
        told += [view.payment_reference, view.seller["bank_account"]]
    missing = [part for part in told if " ".join(part.split()) not in text]
    assert missing == [], view.number


def _assert_file_holds(view: DocumentView) -> None:
    xml = xml_of(view)
    sign = -1 if view.number.startswith("CN") else 1
    currency = get_currency(view.currency)
    for name, minor in (
        ("TaxBasisTotalAmount", view.net_minor),
        ("TaxTotalAmount", view.tax_minor),
        ("GrandTotalAmount", view.total_minor),
    ):
        assert [Decimal(text) for text in texts(xml, name)] == [sign * from_minor(minor, currency)], view.number
    nets = [Decimal(text) for text in texts(xml, "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount")]
    assert sum(nets) == sign * from_minor(view.net_minor, currency)
    assert texts(xml, "SellerTradeParty/Name") == [view.seller["name"]]
    assert texts(xml, "BuyerTradeParty/Name") == [view.buyer["name"]]
    assert set(texts(xml, "InvoiceReferencedDocument/IssuerAssignedID")) == {
        *(line.credits_number for line in view.lines if line.credits_number),
        *([view.corrects_number] if view.corrects_number else []),
    }
    assert texts(xml, "PaymentReference") == ([view.payment_reference] if view.total_minor > 0 else [])
    days = [*texts_of_days(xml, "StartDateTime"), *texts_of_days(xml, "EndDateTime")]
    assert days == [f"{line.start:%Y%m%d}" for line in view.lines] + [f"{line.last_day:%Y%m%d}" for line in view.lines]


def texts_of_days(xml: etree._Element, name: str) -> list[str]:
    """The days in elements of that name, as YYYYMMDD."""
    return ["".join(each.itertext()).strip() for each in xml.iterfind(f".//ram:{name}", _CII)]
