"""One change, told everywhere: the same lines, taxes and totals on pages, by the API, by e-mail, on paper, as XML."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from lxml import etree
from pypdf import PdfReader
from pytest_django import Settings
from tests.entrypoints.api.calling import Program, program_of
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World, make_world
from tests.makers import make_user, pay

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.invoicing.wording import write_day
from perseat.domain.rights import StaffRole
from perseat.integrations.factur_x.writer import FacturXWriter
from perseat.integrations.typst.renderer import TypstRenderer
from perseat.journeys.telling import tell_document_issued, tell_order_ready

# A change with credits and charges, one with only a credit, and one that takes a part of it back on the same day.
CHANGES = ({"basic": 1, "standard": 4, "premium": 2}, {"standard": 1}, {"standard": 2})


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    made = make_world(seats={"basic": 3})
    made.outside = replace(made.outside, renderer=TypstRenderer(), invoices=FacturXWriter())
    settings.OUTSIDE = made.outside
    settings.PERSEAT = settings.PERSEAT.model_copy(
        update={"provider_country": "AU", "provider_tax_number": "51 824 753 556"}
    )
    return made


def plain(text: str) -> str:
    return " ".join(re.sub(r"[\u00a0\u202f]", " ", text).split())


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def facts_of(quote: dict[str, Any]) -> list[str]:
    """What every door must say: each line, its arithmetic and amount, each tax, and the total."""
    said = []
    for line in quote["lines"]:
        said += [line["text"], line["arithmetic"], shown(line["amount"]["amount"])]
    for tax in quote["taxes"]:
        said += [f"{tax['label']} {tax['rate']} %", shown(tax["net"]["amount"]), shown(tax["tax"]["amount"])]
    return [plain(each) for each in (*said, shown(quote["due_today"]["amount"]))]


def shown(amount: str) -> str:
    return f"−A$ {amount[1:]}" if amount.startswith("-") else f"A$ {amount}"


def assert_said(said: list[str], text: str, *, door: str) -> None:
    """In this order, with nothing skipped."""
    rest = plain(text)
    for each in said:
        assert each in rest, f"{door} does not say (in its place): {each}\n{plain(text)}"
        rest = rest[rest.index(each) + len(each) :]


@pytest.mark.parametrize("change", range(len(CHANGES)))
def test_every_door_shows_the_same_lines(world: World, change: int) -> None:
    program, page = program_of(world, world.owner), browser(world.owner)
    staff = browser(make_user(staff_role=StaffRole.CLERK))
    for wanted in CHANGES[:change]:
        carry_out(world, program, wanted)

    quote = program.post(f"/services/{world.service.pk}/quotes", {"wanted": CHANGES[change]}).json
    said = facts_of(quote)
    explained = [line["explanation"] for line in quote["lines"]]
    preview = page.post(
        f"/services/{world.service.pk}/options/preview/",
        {f"total-{code}": str(total) for code, total in CHANGES[change].items()},
    )
    checkout = words(page.get(f"/checkout/{quote['id']}/"))
    order = accept(world, program, quote)
    number = order["document_number"]
    world.deliver(order["id"])
    invoice = program.get(f"/invoices/{number}").json
    tell_order_ready(world.outside, order_id=order["id"])
    tell_document_issued(world.outside, document_number=number)
    ready, issued = world.letters.sent[-2:]

    doors = {
        "options": words(preview),
        "checkout": checkout,
        "order page": words(page.get(f"/orders/{order['id']}/")),
        "invoice page": words(page.get(f"/invoices/{number}/")),
        "staff's invoice page": words(staff.get(f"/backoffice/invoices/{number}/")),
        "order letter": ready.text,
        "invoice letter": issued.text,
    }
    amounts = [plain(shown(line["amount"]["amount"])) for line in quote["lines"]]
    for line, amount in zip(quote["lines"], amounts, strict=True):
        assert plain(line["arithmetic"]).endswith(amount)
    for door, text in doors.items():
        assert_said([each for each in said if "letter" not in door or each not in amounts], text, door=door)
    for door in ("options", "checkout", "order page", "invoice page", "staff's invoice page"):
        assert_said([plain(each) for each in explained], doors[door], door=door)
    assert quote["lines"] == order["lines"] == invoice["lines"]
    assert quote["taxes"] == invoice["taxes"]
    assert quote["due_today"] == order["total"] == invoice["total"]
    pdf = page.get(f"/invoices/{number}/pdf/").content
    paper = " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages)
    for each in said:
        assert each in plain(paper), f"the paper does not say: {each}"
    assert_xml_says_the_same(page.get(f"/invoices/{number}/xml/").content, quote)


def carry_out(world: World, program: Program, wanted: dict[str, int]) -> None:
    quote = program.post(f"/services/{world.service.pk}/quotes", {"wanted": wanted}).json
    world.deliver(accept(world, program, quote)["id"])


def accept(world: World, program: Program, quote: dict[str, Any]) -> dict[str, Any]:
    method = "bank_transfer" if quote["payment_methods"] else ""
    order: dict[str, Any] = program.post(f"/quotes/{quote['id']}/accept", {"payment_method": method}).json
    document = Document.objects.get(number=order["document_number"])
    if method:
        pay(document.number, amount_minor=int(Decimal(order["open"]["amount"]) * 100), now=world.now())
    return order


def assert_xml_says_the_same(content: bytes, quote: dict[str, Any]) -> None:
    """Names, words and amounts; a credit note's amounts are positive there."""
    tree = etree.fromstring(content)
    find: Callable[[str], list[str]] = lambda path: [  # noqa: E731
        node.text for node in tree.iterfind(f".//{{*}}{'/{*}'.join(path.split('/'))}")
    ]
    sign = -1 if Decimal(quote["due_today"]["amount"]) < 0 else 1
    line = "IncludedSupplyChainTradeLineItem"
    notes = [plain(each) for each in find(f"{line}/AssociatedDocumentLineDocument/IncludedNote/Content")]
    amounts = find(f"{line}/SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount")
    assert notes == [plain(f"{each['text']} · {each['arithmetic']}") for each in quote["lines"]]
    assert [Decimal(each) * sign for each in amounts] == [Decimal(each["amount"]["amount"]) for each in quote["lines"]]
    (total,) = find("SpecifiedTradeSettlementHeaderMonetarySummation/GrandTotalAmount")
    assert Decimal(total) * sign == Decimal(quote["due_today"]["amount"])


def test_a_german_customers_letter_is_german_to_the_last_figure(world: World) -> None:
    world.customer.language = "de"
    world.customer.save(update_fields=["language"])
    order_id = world.order(basic=4)
    invoice = Document.objects.get(order_id=order_id)

    tell_document_issued(world.outside, document_number=invoice.number)

    letter = plain(world.letters.sent[-1].text)
    assert world.letters.sent[-1].subject == f"Rechnung {invoice.number}"
    assert letter.startswith(f"Guten Tag, Rechnung {invoice.number} über 9,90 AU$")
    assert write_day(invoice.due_on, language="de") in letter
    assert "- Microsoft 365 Business Basic: 1 Platz hinzugefügt, 22. Nov. 2026 – 21. Dez. 2026 1 × 9,00 AU$" in letter
    assert "1 × 9,00 AU$ × 30 von 30 Tagen = 9,00 AU$" in letter
    assert "GST 10 % von 9,00 AU$: 0,90 AU$" in letter
