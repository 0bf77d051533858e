"""Printed documents: the issued lines, in the customer's language, with the electronic invoice inside."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import facturx
import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from pypdf import PdfReader
from tests.documents import charge, credit, document
from tests.en16931 import broken_rules
from tests.journeys.books import assert_books_hold
from tests.makers import buy_and_pay, make_customer, make_member, make_service, moment

from perseat.capabilities.invoicing.languages import CATALOGS, words_in
from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.invoicing.queries import DocumentView, get_document
from perseat.domain.parties import DocumentLanguage
from perseat.domain.quote import DocumentKind
from perseat.integrations.factur_x.writer import FacturXWriter
from perseat.integrations.typst.renderer import TypstRenderer
from perseat.journeys.electronic_invoicing import electronic_invoice
from perseat.journeys.printing import print_document, printed
from perseat.wiring import get_outside

DAY = date(2026, 11, 22)
SOURCE = Path(__file__).parents[2] / "src" / "perseat"
# Whatever else comes to speak on documents has to be named here, or its words are looked for in vain.
SPEAKING = (
    "capabilities/invoicing/explaining.py", "capabilities/invoicing/wording.py", "journeys/electronic_invoicing.py",
    "journeys/letters.py", "journeys/printing.py", "journeys/taxation.py",
)  # fmt: skip


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def paper(view: DocumentView) -> str:
    return text_of(TypstRenderer().render(printed(view)))


def make_story(language: DocumentLanguage) -> list[Document]:
    """Two Basic seats, one of them changed to Premium, then all but that one given back on a credit note."""
    customer = make_customer(language=language)
    service = make_service(customer, seats={"basic": 2}, started_on="2026-11-15")
    owner = make_member(customer)
    for day, wanted in (("2026-11-20", {"basic": 1, "premium": 1}), ("2026-11-22", {"basic": 0, "premium": 1})):
        buy_and_pay(customer, service_id=service.pk, wanted=wanted, user_id=owner.pk, now=moment(day))
    assert_books_hold(customer, now=moment("2026-11-22"))
    return list(Document.objects.filter(customer=customer).order_by("pk"))


@pytest.mark.django_db
@pytest.mark.parametrize("language", DocumentLanguage)
def test_each_document_of_a_customer_prints_its_lines_and_carries_a_valid_invoice(language: DocumentLanguage) -> None:
    documents = make_story(language)

    assert [each.kind for each in documents] == [DocumentKind.INVOICE, DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE]
    for each in documents:
        pdf = print_document(get_outside(), customer_id=None, number=each.number, today=DAY)
        view = get_document(None, each.number, today=DAY)
        text = text_of(pdf)
        for line in view.lines:
            assert line.text in text
            assert line.arithmetic in text
        for _label, value in printed(view).sums:
            assert value in text
        (attached,) = PdfReader(io.BytesIO(pdf)).attachments["factur-x.xml"]
        assert broken_rules(attached) == []
        assert attached == FacturXWriter().write(electronic_invoice(view)).content


@pytest.mark.django_db
def test_the_credit_note_names_the_invoices_that_it_credits() -> None:
    first, second, note = make_story(DocumentLanguage.ENGLISH)

    credited = electronic_invoice(get_document(None, note.number, today=DAY)).credits

    assert set(credited) <= {first.number, second.number}
    assert credited


def test_an_english_document_is_written_as_before() -> None:
    text = paper(document(charge(days=23)))

    assert "Invoice INV-000012" in text
    assert "Microsoft 365 Business Basic: 3 seats added, 23 Mar 2026 – 14 Apr 2026" in text
    assert "3 × € 7.00 × 23 of 31 days = € 15.58" in text
    assert "VAT 19 % of € 15.58 € 2.96" in text
    assert "Due 29 March 2026" in text


def test_a_german_document_speaks_and_counts_german() -> None:
    text = paper(document(charge(days=23), credit(amount_minor=123_456, rate="5.5"), language="de"))

    assert "Rechnungskorrektur CN-000003" in text
    assert "Microsoft 365 Business Basic: 3 Plätze hinzugefügt, 23. März 2026 – 14. Apr. 2026" in text
    assert "1 Platz zurückgegeben, Erstattung für die restlichen Tage, 22. März 2026 – 14. Apr. 2026" in text
    assert "3 × 7,00 € × 23 von 31 Tagen = 15,58 €" in text
    assert "−1.234,56 €" in text
    assert "VAT 5,5 % von" in text
    assert "Erstattung zu INV-000007" in text
    assert "Datum 15. März 2026" in text
    assert "USt-IdNr. ATU13585627" in text
    assert "Beschreibung Plätze Einzelpreis Betrag" in text
    assert "Musterstraße 2 1010 Wien Österreich" in text


def test_another_reader_of_factur_x_finds_the_invoice() -> None:
    view = document(charge())
    invoice = FacturXWriter().write(electronic_invoice(view))

    found = facturx.get_xml_from_pdf(TypstRenderer().render(printed(view), attached=invoice), check_xsd=True)

    assert found == ("factur-x.xml", invoice.content)


@pytest.mark.parametrize(
    ("language", "reason"),
    [("en", "Reverse charge"), ("de", "Steuerschuldnerschaft des Leistungsempfängers")],
)
def test_the_paper_says_why_there_is_no_tax(language: str, reason: str) -> None:
    assert reason in printed(document(charge(category="AE", rate="0"), language=language)).notes


def test_a_language_without_a_catalog_is_written_in_english() -> None:
    assert "Invoice INV-000012" in paper(document(charge(), language="fr"))


@pytest.mark.parametrize("language", [each for each in DocumentLanguage if each is not DocumentLanguage.ENGLISH])
def test_every_word_of_documents_is_translated(language: DocumentLanguage) -> None:
    with (CATALOGS / language / "LC_MESSAGES" / "documents.po").open("rb") as file:
        catalog = read_po(file)
    keywords = {"gettext": None, "ngettext": (1, 2), "gettext_noop": None}
    spoken = {
        words[0] if isinstance(words, tuple) else words
        for name in SPEAKING
        for _, words, _, _ in extract_from_file("python", SOURCE / name, keywords=keywords)
    } - {""}

    assert len(spoken) > 30
    known = {each.id[0] if isinstance(each.id, tuple) else each.id: each for each in catalog if each.id}
    assert spoken == set(known), "missing in the catalog, or not spoken any more"
    assert [each.id for each in known.values() if each.fuzzy or not all(_strings(each.string))] == []
    assert [each.id for each in known.values() if list(each.check())] == []


def _strings(string: str | tuple[str, ...] | list[str]) -> list[str]:
    return [string] if isinstance(string, str) else list(string)


def test_only_what_is_listed_speaks_on_documents() -> None:
    speaking = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "words_in" in path.read_text(encoding="utf-8") and path.name != "languages.py"
    }

    assert speaking <= set(SPEAKING)
    assert words_in("de").gettext("Invoice") == "Rechnung"
