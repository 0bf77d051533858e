"""The printed document: it shows what it was given, all of it, and is the same each time."""

from __future__ import annotations

import dataclasses
import io

from pypdf import PdfReader

from perseat.integrations.typst.renderer import TypstRenderer
from perseat.ports.document_renderer import PrintedDocument, PrintedLine

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
    seller=("Example Hosting Pty Ltd", "1 Example Street, Sydney NSW 2000", "ABN 51 824 753 556"),
    buyer=("Acme Pty Ltd", "2 Sample Road", "Melbourne VIC 3000"),
    rows=(("Date", "22 Nov 2026"), ("Due", "6 Dec 2026")),
    lines=(LINE,),
    sums=(("Net", "9.48"), ("GST 10 %", "0.95"), ("Total AUD", "10.43")),
    notes=("Please pay to BSB 000-000, account 12345678, with the reference INV-2026-0007.",),
    accent_color="#066fd1",
)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


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


def test_a_german_document_has_german_headings() -> None:
    assert "Beschreibung Plätze Einzelpreis Betrag" in text_of(dataclasses.replace(INVOICE, language="de-DE"))


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
