"""The printed document: it shows what it was given, all of it, and is the same each time."""

from __future__ import annotations

import dataclasses
import io
from datetime import date
from typing import Any

import pytest
from lxml import etree
from pypdf import PdfReader

from perseat.integrations.typst.invoice_metadata import MetadataNotFound, add_invoice_metadata
from perseat.integrations.typst.renderer import TypstRenderer
from perseat.ports.document_renderer import PrintedDocument, PrintedLine
from perseat.ports.electronic_invoice import InvoiceFile

LINE = PrintedLine(
    text="Microsoft 365 Business Basic",
    detail="15 Jan 2026 to 14 Feb 2026 · 3 seats at 7.00 for 14 of 31 days",
    seats="3",
    unit_price="7.00",
    amount="9.48",
)
INVOICE = PrintedDocument(
    title="Tax invoice",
    number="INV-2026-0007",
    language="en",
    issued_on=date(2026, 11, 22),
    seller=("Example Hosting Pty Ltd", "1 Example Street, Sydney NSW 2000", "ABN 51 824 753 556"),
    buyer=("Acme Pty Ltd", "2 Sample Road", "Melbourne VIC 3000"),
    rows=(("Date", "22 Nov 2026"), ("Due", "6 Dec 2026")),
    headings=("Description", "Seats", "Unit price", "Amount"),
    lines=(LINE,),
    sums=(("Net", "9.48"), ("GST 10 %", "0.95"), ("Total AUD", "10.43")),
    notes=("Please pay to BSB 000-000, account 12345678, with the reference INV-2026-0007.",),
    accent_color="#066fd1",
)
ELECTRONIC = InvoiceFile(name="factur-x.xml", content="<invoice>für Söhne & Co</invoice>".encode(), profile="EN 16931")
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def catalog_of(pdf: bytes) -> Any:
    return read(pdf).trailer["/Root"].get_object()


def metadata_of(pdf: bytes) -> etree._Element:
    return etree.fromstring(catalog_of(pdf)["/Metadata"].get_object().get_data())


def text_of(document: PrintedDocument) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(TypstRenderer().render(document)).pages).split())


def test_everything_that_was_given_is_shown() -> None:
    text = text_of(INVOICE)

    for part in (*INVOICE.seller, *INVOICE.buyer, INVOICE.title, INVOICE.number, *INVOICE.notes):
        assert part in text
    for label, value in (*INVOICE.rows, *INVOICE.sums):
        assert label in text
        assert value in text
    assert "Description Seats Unit price Amount" in text
    assert LINE.detail in text


def test_the_same_document_is_the_same_file() -> None:
    assert TypstRenderer().render(INVOICE) == TypstRenderer().render(INVOICE)


def test_one_renderer_does_not_carry_over_the_document_before() -> None:
    renderer = TypstRenderer()
    first = renderer.render(INVOICE)
    renderer.render(dataclasses.replace(INVOICE, number="INV-2026-0008"))

    assert renderer.render(INVOICE) == first


def test_names_that_look_like_code_are_printed_as_they_are() -> None:
    name = '#panic("x") *Acme* $y$ \\ "quoted" <label> @ref'

    assert name in text_of(dataclasses.replace(INVOICE, buyer=(name,)))


def test_a_long_document_repeats_its_headings_and_counts_its_pages() -> None:
    pages = read(TypstRenderer().render(dataclasses.replace(INVOICE, lines=(LINE,) * 60))).pages

    assert len(pages) > 1
    assert all("Unit price" in page.extract_text() for page in pages[:-1])
    assert f"1 / {len(pages)}" in pages[0].extract_text()


def test_a_document_with_nothing_in_it_still_prints() -> None:
    empty = dataclasses.replace(INVOICE, seller=(), buyer=(), rows=(), lines=(), sums=(), notes=())

    assert "INV-2026-0007" in text_of(empty)


def test_it_is_a_pdf_for_the_archive() -> None:
    pdf = TypstRenderer().render(INVOICE)
    metadata, catalog = metadata_of(pdf), catalog_of(pdf)

    assert [metadata.findtext(f".//{PDFA}{name}") for name in ("part", "conformance")] == ["3", "B"]
    assert [each.get_object()["/S"] for each in catalog["/OutputIntents"]] == ["/GTS_PDFA1"]
    assert catalog["/MarkInfo"]["/Marked"]
    fonts = [font.get_object() for page in read(pdf).pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all(
        "/FontFile3" in each.get_object()["/FontDescriptor"].get_object()
        or "/FontFile2" in each.get_object()["/FontDescriptor"].get_object()
        for font in fonts
        for each in font["/DescendantFonts"]
    )


def test_the_electronic_invoice_is_inside_byte_by_byte() -> None:
    pdf = TypstRenderer().render(INVOICE, attached=ELECTRONIC)
    (described,) = [each.get_object() for each in catalog_of(pdf)["/AF"]]

    assert read(pdf).attachments == {"factur-x.xml": [ELECTRONIC.content]}
    assert described["/AFRelationship"] == "/Alternative"
    assert described["/UF"] == "factur-x.xml"
    assert described["/EF"]["/F"].get_object()["/Subtype"] == "/text/xml"


def test_the_metadata_says_which_electronic_invoice_it_is() -> None:
    metadata = metadata_of(TypstRenderer().render(INVOICE, attached=ELECTRONIC))

    names = ("DocumentType", "DocumentFileName", "Version", "ConformanceLevel")
    assert [metadata.findtext(f".//{FX}{name}") for name in names] == ["INVOICE", "factur-x.xml", "1.0", "EN 16931"]
    described = [each.text for each in metadata.iter(f"{SCHEMA}namespaceURI")]
    assert FX.strip("{}") in described
    assert [metadata.findtext(f".//{PDFA}{name}") for name in ("part", "conformance")] == ["3", "B"]


def test_only_the_metadata_changes_for_it(caplog: pytest.LogCaptureFixture) -> None:
    """A strict reader finds each object where the tables say; the pages are those that typst wrote."""
    pdf = TypstRenderer().render(INVOICE, attached=ELECTRONIC)
    as_typst_wrote_it = pdf[: pdf.index(b"%%EOF") + len(b"%%EOF")]

    strict = PdfReader(io.BytesIO(pdf), strict=True)
    assert strict.pages[0].extract_text() == PdfReader(io.BytesIO(as_typst_wrote_it)).pages[0].extract_text()
    assert strict.xmp_metadata is not None
    assert caplog.text == ""
    place = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    assert pdf[place : place + 4] == b"xref"


def test_a_document_without_an_electronic_invoice_claims_none() -> None:
    pdf = TypstRenderer().render(INVOICE)

    assert not read(pdf).attachments
    assert metadata_of(pdf).find(f".//{FX}ConformanceLevel") is None


def test_letters_that_no_font_has_are_no_reason_to_print_nothing() -> None:
    nobody_draws = "Acme \u0378"
    pdf = TypstRenderer().render(dataclasses.replace(INVOICE, buyer=(nobody_draws,)), attached=ELECTRONIC)

    assert read(pdf).attachments == {"factur-x.xml": [ELECTRONIC.content]}
    assert metadata_of(pdf).find(f".//{PDFA}part") is None


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7 nothing", b"trailer <<>> startxref 0 %%EOF"])
def test_a_strange_pdf_is_not_extended(pdf: bytes) -> None:
    with pytest.raises(MetadataNotFound):
        add_invoice_metadata(pdf, invoice=ELECTRONIC)
