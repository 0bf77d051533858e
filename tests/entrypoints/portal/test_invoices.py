"""Invoices: they stand as issued, say what settled them, and lead to the billing team."""

from __future__ import annotations

import io

from django.test import Client
from pypdf import PdfReader
from tests.en16931 import broken_rules
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World
from tests.makers import buy

from perseat.capabilities.invoicing.models import Document


def last(world: World) -> Document:
    buy(world.customer, service_id=world.service.pk, wanted={"basic": 4}, user_id=world.owner.pk, now=world.now())
    return Document.objects.latest("pk")


def test_the_list_tells_what_is_left_to_pay(world: World, owner: Client) -> None:
    document = last(world)

    text = words(owner.get("/invoices/"))

    assert f"{document.number} Invoice 22 Nov 2026 To pay due 6 Dec 2026 A$ 29.70 A$ 29.70" in text
    assert "INV-000001 Invoice 22 Nov 2026 Paid A$ 9.90 A$ 0.00" in text


def test_an_invoice_shows_lines_tax_and_how_to_pay(world: World, owner: Client) -> None:
    document = last(world)

    page = owner.get(f"/invoices/{document.number}/")

    text = words(page)
    assert "From Example Hosting Pty Ltd" in text
    assert "To Acme Pty Ltd 2 Sample Road Sydney NSW 2000" in text
    assert "3 × A$ 9.00 × 30 of 30 days = A$ 27.00" in text
    assert "GST 10 % of A$ 27.00 A$ 2.70 Total incl. tax A$ 29.70" in text
    assert document.payment_reference in text
    assert "Ask billing" in text
    assert f'href="/invoices/{document.number}/pdf/">Download PDF</a>' in page.content.decode()


def test_a_paid_invoice_names_what_settled_it(world: World, owner: Client) -> None:
    text = words(owner.get("/invoices/INV-000001/"))

    assert "−A$ 9.90" in text
    assert "Left to pay A$ 0.00" in text
    assert "By bank transfer" not in text


def test_a_viewer_reads_but_does_not_ask(world: World, visitors: Visitors) -> None:
    text = words(visitors.viewer.get("/invoices/INV-000001/"))

    assert "Download PDF" in text
    assert "Ask billing" not in text


def test_nobody_keeps_a_page_or_file_for_whoever_comes_next(world: World, owner: Client) -> None:
    document = last(world)
    for path in ("", f"{document.number}/", f"{document.number}/pdf/", "statement.csv"):
        assert owner.get(f"/invoices/{path}").headers["Cache-Control"] == "private, no-cache"


def test_the_pdf_has_the_same_figures(world: World, owner: Client) -> None:
    document = last(world)

    first, second = (owner.get(f"/invoices/{document.number}/pdf/") for _ in range(2))

    printed = " ".join(PdfReader(io.BytesIO(first.content)).pages[0].extract_text().split())
    assert first.headers["Content-Type"] == "application/pdf"
    assert first.headers["Content-Disposition"] == f'attachment; filename="{document.number}.pdf"'
    assert "A$ 27.00" in printed
    assert "A$ 2.70" in printed
    assert "A$ 29.70" in printed
    assert document.payment_reference in printed
    assert first.content == second.content


def test_the_electronic_invoice_is_the_one_in_the_pdf(world: World, visitors: Visitors, owner: Client) -> None:
    number = last(world).number

    page = owner.get(f"/invoices/{number}/").content.decode()
    file = owner.get(f"/invoices/{number}/xml/")

    assert f'href="/invoices/{number}/xml/">Download XML</a>' in page
    assert file.headers["Content-Type"] == "application/xml"
    assert file.headers["Content-Disposition"] == f'attachment; filename="{number}.xml"'
    assert broken_rules(file.content) == []
    pdf = PdfReader(io.BytesIO(owner.get(f"/invoices/{number}/pdf/").content))
    assert pdf.attachments == {"factur-x.xml": [file.content]}
    assert visitors.stranger.get(f"/invoices/{number}/xml/").status_code == 404


def test_a_number_that_does_not_exist_is_not_found(world: World, owner: Client) -> None:
    assert owner.get("/invoices/INV-999999/").status_code == 404
    assert owner.get("/invoices/../pdf/").status_code == 404
