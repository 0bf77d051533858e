"""The back office's pages of taxes: a customer's prices and treatment, rates, and input that cannot be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from tests.makers import KNOWN, make_catalog, make_customer, make_service, make_user

from perseat.capabilities.catalog.actions import set_price
from perseat.capabilities.catalog.models import Offer, TaxRate
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.invoicing.models import Document
from perseat.domain.parties import TaxTreatment
from perseat.domain.rights import StaffRole

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Client:
    return browser(StaffRole.ADMINISTRATOR)


@pytest.fixture
def clerk() -> Client:
    return browser(StaffRole.CLERK)


def browser(role: StaffRole) -> Client:
    client = Client()
    client.force_login(make_user(staff_role=role))
    return client


def new_customer(**typed: str) -> dict[str, str]:
    known = {
        "legal_name": "Globex", "country": "AU", "time_zone": "Australia/Perth", "payment_terms": "on_account",
        "credit_limit": "5000", "language": "en",
    }  # fmt: skip
    return known | typed


@pytest.mark.parametrize(
    ("chosen", "currency", "includes_tax", "credit_limit_minor"),
    [("AUD-False", "AUD", False, 500_000), ("EUR-True", "EUR", True, 500_000), ("JPY-False", "JPY", False, 5000)],
)
def test_a_new_customer_buys_at_one_kind_of_the_catalogs_prices(
    administrator: Client, chosen: str, currency: str, *, includes_tax: bool, credit_limit_minor: int
) -> None:
    make_catalog()
    offer = Offer.objects.first()
    assert offer
    set_price(offer.pk, currency="EUR", unit_price=Decimal(9), starts_on=date(2026, 1, 1), includes_tax=True, now=KNOWN)
    set_price(offer.pk, currency="JPY", unit_price=Decimal(900), starts_on=date(2026, 1, 1), now=KNOWN)

    page = administrator.get("/backoffice/customers/add/").content.decode()
    administrator.post("/backoffice/customers/add/", new_customer(prices=chosen))

    assert [page.index(words) for words in ("AUD, plus tax", "EUR, includes tax", "JPY, plus tax")]
    customer = Customer.objects.get(legal_name="Globex")
    assert (customer.currency, customer.prices_include_tax) == (currency, includes_tax)
    assert customer.credit_limit_minor == credit_limit_minor
    shown = administrator.get(f"/backoffice/customers/{customer.number}/").content.decode()
    assert f"{currency}, {'includes tax' if includes_tax else 'plus tax'}" in shown


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"prices": "GBP-False"}, "prices"),
        ({"prices": ""}, "prices"),
        ({"prices": "AUD-False", "credit_limit": "1.005"}, "credit_limit"),
    ],
)
def test_prices_that_the_catalog_lacks_make_no_customer(
    administrator: Client, typed: dict[str, str], field: str
) -> None:
    make_catalog()

    answer = administrator.post("/backoffice/customers/add/", new_customer(**typed))

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    assert not Customer.objects.exists()


def test_an_administrator_sets_how_a_customer_is_taxed(administrator: Client, clerk: Client) -> None:
    customer = make_customer(country="AT")
    address = f"/backoffice/customers/{customer.number}/tax/"

    said = administrator.post(address, {"tax_treatment": "reverse_charge", "tax_number": "U13585627"}, follow=True)

    customer.refresh_from_db()
    assert (customer.tax_treatment, customer.tax_number) == (TaxTreatment.REVERSE_CHARGE, "ATU13585627")
    assert "Reverse charge" in said.content.decode()
    assert clerk.get(address).status_code == 403


@pytest.mark.parametrize(
    ("country", "typed", "field", "sentence"),
    [
        ("AT", {"tax_treatment": "reverse_charge", "tax_number": ""}, "tax_number", "must name the customer"),
        ("AT", {"tax_treatment": "reverse_charge", "tax_number": "U1"}, "tax_number", "is not a VAT number"),
        ("AU", {"tax_treatment": "reverse_charge", "tax_number": "51824753556"}, "tax_treatment", "another country"),
        ("AU", {"tax_treatment": "exempt"}, "exemption_reason", "Say why"),
        ("AU", {"tax_treatment": "free"}, "tax_treatment", "free"),
    ],
)
def test_what_a_treatment_lacks_is_said_beside_its_field(
    administrator: Client, country: str, typed: dict[str, str], field: str, sentence: str
) -> None:
    customer = make_customer(country=country)

    answer = administrator.post(f"/backoffice/customers/{customer.number}/tax/", typed)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert sentence in answer.context["form"].errors[field][0]
    customer.refresh_from_db()
    assert customer.tax_treatment == TaxTreatment.DOMESTIC


def tomorrow() -> str:
    return str(timezone.now().date() + timedelta(days=2))


def test_a_rate_is_entered_for_a_later_day_and_everybody_of_the_staff_sees_it(
    administrator: Client, clerk: Client
) -> None:
    make_catalog()
    typed = {"category": "S", "label": "GST", "rate": "12.5", "starts_on": tomorrow()}

    refused = clerk.post("/backoffice/taxes/", typed)
    administrator.post("/backoffice/taxes/", typed)

    assert refused.status_code == 403
    assert TaxRate.objects.get(starts_on=tomorrow()).rate == Decimal("12.5")
    page = clerk.get("/backoffice/taxes/").content.decode()
    assert "12.5 %" in page
    assert "Enter the rate" not in page


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"rate": "-1"}, "rate"),
        ({"rate": "100.5"}, "rate"),
        ({"rate": "12.00001"}, "rate"),
        ({"rate": "ten"}, "rate"),
        ({"rate": "10", "category": "AE"}, "rate"),
        ({"category": "X"}, "category"),
        ({"label": ""}, "label"),
        ({"starts_on": "2020-01-01"}, "starts_on"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
    ],
)
def test_a_rate_that_cannot_be_is_said_beside_its_field(
    administrator: Client, typed: dict[str, str], field: str
) -> None:
    known = {"category": "S", "label": "GST", "rate": "12.5", "starts_on": tomorrow()}

    answer = administrator.post("/backoffice/taxes/", known | typed)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not TaxRate.objects.exists()


@pytest.mark.parametrize(
    ("price", "sentence"),
    [
        ("1.123456789", "at most 8 decimals"),
        ("-1", "zero or more"),
        ("9999999999", "too large"),
        ("ten", "in figures"),
        ("0.00000001", "comes to nothing"),
    ],
)
def test_a_price_by_hand_that_cannot_be_is_said_beside_its_field(clerk: Client, price: str, sentence: str) -> None:
    make_catalog()
    customer = make_customer(currency="KWD")

    answer = clerk.post(
        f"/backoffice/customers/{customer.number}/charge/",
        {"text": "Moving", "quantity": "1", "unit_price": price, "category": "S", "reason": "Agreed"},
    )

    assert answer.status_code == 422
    assert sentence in answer.context["form"].errors["unit_price"][0]
    assert not Document.objects.exists()


def test_forms_say_whether_the_amount_has_tax_in_it(clerk: Client) -> None:
    customer = make_customer(prices_include_tax=True)
    make_service(customer, seats={"basic": 2})
    invoice = Document.objects.get()

    charge = clerk.get(f"/backoffice/customers/{customer.number}/charge/").content.decode()
    goodwill = clerk.get(f"/backoffice/invoices/{invoice.number}/goodwill/").content.decode()
    shown = clerk.get(f"/backoffice/invoices/{invoice.number}/").content.decode()

    assert "Price each in AUD, with the tax in it" in charge
    assert "Amount in AUD, with the tax in it" in goodwill
    assert "Amount incl. tax" in shown


def test_a_charge_to_who_is_not_taxed_offers_no_other_tax(clerk: Client) -> None:
    make_catalog()
    customer = make_customer(tax_treatment=TaxTreatment.OUTSIDE_SCOPE)

    page = clerk.get(f"/backoffice/customers/{customer.number}/charge/").content.decode()

    assert "Not subject to tax (O)" in page
    assert "GST" not in page
