"""Electronic invoices: valid by the schema and by the official rules of EN 16931, and saying what the document says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree
from tests.documents import BUYER, SELLER, by_hand, charge, credit, document
from tests.en16931 import broken_rules

from perseat.capabilities.invoicing.queries import DocumentView
from perseat.domain.money import from_minor, get_currency
from perseat.domain.quote import LineReason
from perseat.integrations.factur_x.writer import FacturXWriter
from perseat.journeys.electronic_invoicing import electronic_invoice, why_not_electronic
from perseat.ports.electronic_invoice import InvoiceNotExpressible

AUSTRALIAN_SELLER = {
    "name": "Example Hosting Pty Ltd",
    "address": "1 Example Street, Sydney NSW 2000",
    "country": "AU",
    "tax_number": "51 824 753 556",
    "bank_account": "BSB 000-000, account 12345678",
    "email": "billing@provider.example",
}
AUSTRALIAN_BUYER = BUYER | {"country": "AU", "tax_number": "53 004 085 616", "region": "NSW"}
WITHOUT_NUMBERS = {"name": "Small Hosting", "address": "1 Street", "country": "DE", "email": "a@b.example"}
GERMAN_TAXPAYER = SELLER | {"tax_number": "12/345/67890"}

KINDS: dict[str, DocumentView] = {
    "one rate": document(charge()),
    "part of a period": document(charge(days=23)),
    "seats whose price has eight decimals": document(charge(price="7.12345678"), charge(7, price="0.00000001")),
    "a price of whole tens": document(charge(10, price="30")),
    "several rates": document(charge(), charge(5, days=9, rate="5.5", edition="premium")),
    "three lines that round apart": document(*[charge(1, price="3.33")] * 3),
    "reverse charge": document(charge(category="AE", rate="0")),
    "exempt": document(charge(category="E", rate="0")),
    "zero-rated beside taxed": document(charge(category="Z", rate="0"), charge()),
    "not subject to tax": document(charge(category="O", rate="0")),
    "before the first day of the tax": document(charge(rate="0")),
    "a seller outside any tax": document(charge(rate="0"), seller=WITHOUT_NUMBERS),
    "credit beside a charge": document(credit(amount_minor=537), charge(1, price="30.00", days=24, edition="premium")),
    "credit note": document(credit(2, amount_minor=1084)),
    "credit note with a charge": document(credit(3, amount_minor=1626), charge(1, days=24)),
    "credit note of several rates": document(credit(amount_minor=537), credit(amount_minor=99, rate="5.5")),
    "credit note under reverse charge": document(credit(amount_minor=537, category="AE", rate="0")),
    "seats kept after all": document(charge(1, days=24, restores=True)),
    "total of zero": document(credit(amount_minor=700), charge(1)),
    "nothing charged at all": document(charge(price="0")),
    "yen": document(charge(7, price="1018.5", days=9, rate="10", currency="JPY"), currency="JPY"),
    "yen credited": document(credit(amount_minor=1017, rate="10"), currency="JPY"),
    "prices with tax": document(*[charge(1)] * 3, prices_include_tax=True),
    "prices with tax, several rates": document(charge(days=5), charge(rate="5.5"), prices_include_tax=True),
    "prices with tax, credited": document(credit(amount_minor=350), prices_include_tax=True),
    "prices with tax, changed": document(credit(amount_minor=537), charge(2, days=7), prices_include_tax=True),
    "Australia": document(
        charge(rate="10"), currency="AUD", seller=AUSTRALIAN_SELLER, buyer=AUSTRALIAN_BUYER, reason="Agreed by phone"
    ),
    "seller without a VAT number": document(charge(), seller=GERMAN_TAXPAYER),
    "buyer without a tax number": document(charge(), buyer=BUYER | {"tax_number": ""}),
    "charged by hand": document(by_hand(LineReason.MANUAL, amount_minor=9000, seats=3)),
    "goodwill": document(by_hand(LineReason.GOODWILL, amount_minor=1000)),
    "German": document(charge(), credit(amount_minor=100), language="de"),
    "names that look like markup": document(charge(), buyer=BUYER | {"name": "<A> & \x0b 'B' ]]>"}),
}
CII = {"ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"}


def written(view: DocumentView) -> bytes:
    return FacturXWriter().write(electronic_invoice(view)).content


def texts(xml: bytes, path: str) -> list[str]:
    return [each.text or "" for each in etree.fromstring(xml).iterfind(f".//{path}", CII)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_document_keeps_the_official_rules(kind: str) -> None:
    assert broken_rules(written(KINDS[kind])) == []


def test_a_sum_that_is_not_that_of_its_lines_is_found() -> None:
    good = written(KINDS["one rate"])
    amount = b"<ram:LineTotalAmount>%b</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>"
    bad = good.replace(amount % b"21.00", amount % b"21.01")

    assert bad != good
    assert any("BR-CO-10" in rule for rule in broken_rules(bad))


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_are_those_of_the_document(kind: str) -> None:
    view = KINDS[kind]
    xml = written(view)
    sign = -1 if view.number.startswith("CN") else 1
    currency = get_currency(view.currency)

    for name, minor in (
        ("TaxBasisTotalAmount", view.net_minor),
        ("TaxTotalAmount", view.tax_minor),
        ("GrandTotalAmount", view.total_minor),
        ("DuePayableAmount", view.total_minor),
    ):
        assert [Decimal(text) for text in texts(xml, f"ram:{name}")] == [sign * from_minor(minor, currency)]


@pytest.mark.parametrize("kind", KINDS)
def test_quantity_times_price_is_the_lines_amount_to_the_last_digit(kind: str) -> None:
    view = KINDS[kind]
    invoice = electronic_invoice(view)

    assert len(invoice.lines) == len(view.lines)
    for line, issued in zip(invoice.lines, view.lines, strict=True):
        assert line.quantity * line.price / line.price_per == line.net
        assert line.price >= 0
        assert abs(line.quantity) == issued.seats
        if not view.prices_include_tax:
            assert abs(line.net) == abs(from_minor(issued.amount_minor, get_currency(view.currency)))
    assert sum(line.net for line in invoice.lines) == invoice.net


def test_a_credit_note_gives_back_amounts_above_zero_and_names_what_it_credits() -> None:
    xml = written(KINDS["credit note with a charge"])

    assert texts(xml, "ram:TypeCode")[0] == "381"
    assert texts(xml, "ram:BilledQuantity") == ["3", "-1"]
    assert texts(xml, "ram:InvoiceReferencedDocument/ram:IssuerAssignedID") == ["INV-000007"]
    assert texts(xml, "ram:PaymentReference") == []


def test_an_invoice_says_how_and_by_when_to_pay() -> None:
    xml = written(KINDS["one rate"])

    assert texts(xml, "ram:TypeCode")[0] == "380"
    assert texts(xml, "ram:PaymentReference") == ["RF63INV000012"]
    assert texts(xml, "ram:IBANID") == ["DE89370400440532013000"]
    assert texts(xml, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID") == ["PO 4711"]
    assert etree.fromstring(xml).xpath("string(//ram:DueDateDateTime)", namespaces=CII) == "20260329"


def test_a_line_tells_its_period_with_both_days_included() -> None:
    root = etree.fromstring(written(KINDS["part of a period"]))

    assert root.xpath("string(//ram:StartDateTime)", namespaces=CII) == "20260323"
    assert root.xpath("string(//ram:EndDateTime)", namespaces=CII) == "20260414"


def test_prices_with_tax_are_told_without_it_and_still_add_up() -> None:
    invoice = electronic_invoice(KINDS["prices with tax"])

    assert [line.net for line in invoice.lines] == [Decimal("5.88"), Decimal("5.88"), Decimal("5.89")]
    assert (invoice.net, invoice.tax, invoice.total) == (Decimal("17.65"), Decimal("3.35"), Decimal("21.00"))


def test_an_australian_number_is_a_register_entry_and_no_vat_number() -> None:
    xml = written(KINDS["Australia"])

    assert texts(xml, "ram:SpecifiedLegalOrganization/ram:ID") == ["51824753556", "53004085616"]
    assert b'schemeID="VA"' not in xml


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (document(charge(currency="KWD"), currency="KWD"), "KWD has three or more"),
        (document(charge(category="AE", rate="0"), buyer=BUYER | {"tax_number": ""}), "buyer's tax number"),
        (document(charge(), seller=WITHOUT_NUMBERS), "no tax number"),
        (document(charge(category="G", rate="0")), "category G"),
        (document(charge(category="O", rate="0"), charge()), "not subject to tax"),
    ],
)
def test_what_the_standard_has_no_room_for_is_said_and_not_written(view: DocumentView, reason: str) -> None:
    assert reason in why_not_electronic(view)
    with pytest.raises(InvoiceNotExpressible):
        electronic_invoice(view)


def test_the_rules_do_refuse_three_decimals() -> None:
    invoice = electronic_invoice(KINDS["one rate"])
    lines = tuple(replace(line, net=Decimal("21.005"), price=Decimal("21.005"), price_per=3) for line in invoice.lines)
    three = replace(invoice, lines=lines, currency="KWD", net=Decimal("21.005"))

    assert any("BR-DEC" in rule for rule in broken_rules(FacturXWriter().write(three).content))


def test_the_same_document_is_the_same_file() -> None:
    assert written(KINDS["several rates"]) == written(KINDS["several rates"])
