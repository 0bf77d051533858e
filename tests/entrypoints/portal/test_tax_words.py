"""What the pages of a customer say of tax: which figures have it in them, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import Settings
from tests.entrypoints.api.calling import Program, program_of
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World, make_world
from tests.makers import KNOWN, pay, renew

from perseat.capabilities.catalog.actions import set_tax_rate
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.domain.parties import TaxTreatment

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A customer with one seat of Basic at 9.00 with the tax in it, its owner's browser and program."""

    world: World
    owner: Client
    program: Program

    @property
    def service(self) -> str:
        return f"/services/{self.world.service.pk}/"


@pytest.fixture
def shop(settings: Settings) -> Shop:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    world = make_world(seats={"basic": 1}, people={"Ada": "basic"}, prices_include_tax=True)
    settings.OUTSIDE = world.outside
    renew(world.customer, now=world.now())
    pay(Document.objects.get().number, amount_minor=900, now=world.now())
    owner = Client()
    owner.force_login(world.owner)
    return Shop(world=world, owner=owner, program=program_of(world, world.owner))


def test_options_and_summary_say_that_a_price_includes_tax(shop: Shop) -> None:
    options = words(shop.owner.get(f"{shop.service}options/"))
    summary = words(shop.owner.get(shop.service))

    assert "A$ 9.00 each a month, includes tax" in options
    assert "A$ 9.00 includes tax" in summary
    assert "of which tax A$ 0.82" in summary
    assert "plus tax" not in options + summary
    assert "before tax" not in (options + summary).lower()


def test_from_the_checkout_to_the_invoice_the_tax_is_a_part_of_the_total(shop: Shop) -> None:
    to_checkout = shop.owner.post(
        f"{shop.service}options/", {"total-basic": "4", "was-basic": "1", "act": "continue"}
    ).headers["Location"]
    checkout = words(shop.owner.get(to_checkout))
    order = shop.owner.post(to_checkout, {"payment_method": "bank_transfer"}).headers["Location"]
    invoice = Document.objects.latest("pk")

    assert "of which GST 10 % of A$ 24.55 A$ 2.45" in checkout
    assert "Due today incl. tax A$ 27.00" in checkout
    assert "New recurring total incl. tax, each period A$ 36.00" in checkout
    assert "Before tax" not in checkout
    assert "of which GST 10 % of A$ 24.55 A$ 2.45 Total incl. tax" in words(shop.owner.get(order))
    page = words(shop.owner.get(f"/invoices/{invoice.number}/"))
    assert "amounts include tax" in page
    assert "of which GST 10 % of A$ 24.55 A$ 2.45 Total incl. tax A$ 27.00" in page


def test_what_comes_back_is_said_with_the_tax_in_it(shop: Shop) -> None:
    page = shop.owner.post(f"{shop.service}options/preview/", {"total-basic": "0", "was-basic": "1"})

    assert "1 refunded now: A$ 9.00 incl. tax" in words(page)


def test_the_api_says_that_prices_include_tax(shop: Shop) -> None:
    service = shop.program.get(f"/services/{shop.world.service.pk}").json
    quote = shop.program.post(f"/services/{shop.world.service.pk}/quotes", {"wanted": {"basic": 4}}).json
    order = shop.program.post(f"/quotes/{quote['id']}/accept", {"payment_method": "bank_transfer"}).json
    invoice = shop.program.get(f"/invoices/{order['document_number']}").json

    assert service["prices_include_tax"] is quote["prices_include_tax"] is invoice["prices_include_tax"] is True
    assert (quote["net"]["amount"], quote["tax"]["amount"], quote["due_today"]["amount"]) == ("24.55", "2.45", "27.00")
    assert quote["lines"] == invoice["lines"]


def test_who_pays_no_tax_is_not_told_that_some_is_added(shop: Shop) -> None:
    Customer.objects.update(tax_treatment=TaxTreatment.EXEMPT, exemption_reason="Exempt as a school")

    options = words(shop.owner.get(f"{shop.service}options/"))
    made = shop.program.post(f"/services/{shop.world.service.pk}/quotes", {"wanted": {"basic": 4}}).json
    order = shop.program.post(f"/quotes/{made['id']}/accept", {"payment_method": "bank_transfer"}).json
    invoice = words(shop.owner.get(f"/invoices/{order['document_number']}/"))

    assert "A$ 9.00 each a month, no tax is added" in options
    assert "Exempt as a school" in invoice
    assert "Exempt 0 % of A$ 27.00 A$ 0.00" in invoice


def test_a_rate_is_shown_with_all_its_decimals(shop: Shop) -> None:
    set_tax_rate("AU", category="S", label="GST", rate=Decimal("7.1250"), starts_on=date(2000, 7, 1), now=KNOWN)

    page = shop.owner.post(f"{shop.service}options/preview/", {"total-basic": "4", "was-basic": "1"})

    assert "GST 7.125 % of" in words(page)


def test_an_owner_under_reverse_charge_is_told_why_the_tax_number_must_stay(shop: Shop) -> None:
    Customer.objects.update(
        tax_treatment=TaxTreatment.REVERSE_CHARGE, country="NZ", tax_number="49-091-850"
    )  # fmt: skip
    typed = {
        "legal_name": "Acme Ltd", "street": "2 Sample Road", "city": "Auckland", "country": "NZ", "tax_number": "",
        "language": "en",
    }  # fmt: skip

    page = shop.owner.post("/billing-details/", typed)

    assert page.status_code == 422
    assert "must name the customer" in page.context["form"].errors["tax_number"][0]
    assert Customer.objects.get(pk=shop.world.customer.pk).tax_number == "49-091-850"
