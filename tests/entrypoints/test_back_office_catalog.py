"""The back office's catalog: from empty to selling by its pages, what it says of wrong input, and who may."""

from __future__ import annotations

from decimal import Decimal
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings
from tests.integrations.price_sheets import row, sheet
from tests.journeys.outside import START, make_world, outside_alone
from tests.makers import make_customer, make_service, make_tenant, make_user

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.catalog.models import Offer, SupplierCost, TaxRate
from perseat.capabilities.catalog.queries import list_offers
from perseat.capabilities.invoicing.models import Document
from perseat.domain.rights import StaffRole

pytestmark = pytest.mark.django_db
BASE = "/backoffice/catalog/"


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


def upload(client: Client, content: bytes, name: str = "Nov.csv") -> str:
    """Where the browser is sent."""
    answer = client.post(f"{BASE}sheets/add/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def big_sheet() -> bytes:
    """Fifteen hundred products besides those that are sold here, in two markets."""
    terms = (("P1M", "Monthly"), ("P1Y", "Monthly"), ("P1Y", "Annual"))
    others = [
        row(
            ProductId=f"CFQ7TTC{number:05d}", SkuTitle=f"Product {number}", TermDuration=term, BillingPlan=plan,
            Market=market, Currency={"AU": "AUD", "US": "USD"}[market],
        )
        for number in range(1500) for term, plan in terms for market in ("AU", "US")
    ]  # fmt: skip
    basic = [row(TermDuration=term, BillingPlan=plan) for term, plan in terms]
    return sheet(*others, *basic, row(SkuTitle="Broken", UnitPrice="-5"))


def shown_in(page: str) -> str:
    return page.partition('name="shown" value="')[2].partition('"')[0]


def test_a_new_installation_goes_from_empty_to_selling_by_these_pages(
    administrator: Client, settings: Settings
) -> None:
    settings.OUTSIDE = outside_alone()

    assert "Nothing to sell yet" in administrator.get(BASE).content.decode()
    address = upload(administrator, big_sheet())
    page = administrator.get(address).content.decode()
    assert "4500 for other markets" in page
    administrator.post(address, {"shown": shown_in(page)})
    assert SupplierCost.objects.count() == 4503

    rule = {
        "subject": "all", "prices": "AUD-plus", "kind": "percent", "value": "25", "step": "1", "ending": "0.95",
        "starts_on": str(START.date()),
    }  # fmt: skip
    page = administrator.post(f"{BASE}rules/add/", rule).content.decode()
    entered = administrator.post(f"{BASE}rules/add/", rule | {"shown": shown_in(page), "enter": "1"})
    assert entered.status_code == 302

    found = administrator.get(f"{BASE}editions/?search=business+basic").content.decode()
    assert f"{BASE}editions/CFQ7TTC0LH18/0001/" in found
    page = administrator.get(f"{BASE}editions/CFQ7TTC0LH18/0001/").content.decode()
    assert "3b555118-da6a-4418-894f-7df1e2096870" in page
    added = administrator.post(
        f"{BASE}editions/CFQ7TTC0LH18/0001/",
        {
            "name": "Microsoft 365 Business Basic", "code": "basic", "summary": "Mail and files",
            "directory_sku_id": "3b555118-da6a-4418-894f-7df1e2096870", "maximum_seats": "300", "tax_category": "S",
            "terms": ["P1M/P1M"], "policy": "anytime",
        },
    )  # fmt: skip
    assert added.status_code == 302, added.content.decode()
    offer = Offer.objects.get()
    assert not offer.is_on_sale
    administrator.post(f"{BASE}offers/{offer.pk}/sale/", {"to": "on"})
    administrator.post(
        "/backoffice/taxes/", {"category": "S", "label": "GST", "rate": "10", "starts_on": "2026-11-23"}
    )  # fmt: skip

    (sold,) = list_offers(term="P1M", cycle="P1M", policy="anytime", currency="AUD", prices_include_tax=False)
    assert (sold.is_on_sale, [price.unit_price for price in sold.prices]) == (True, [Decimal("9.95")])
    listed = administrator.get(BASE).content.decode()
    assert "27.6 %" in listed
    assert TaxRate.objects.exists()
    customer = make_customer()
    make_tenant(customer)
    assert "AUD, plus tax" in administrator.get("/backoffice/customers/add/").content.decode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"<html>", "This is a web page saved as a file"),
        (b"a,b\r\n1,2\r\n", "lacks 9 columns"),
        (sheet(row(Market="US", Currency="USD")), "This sheet is for US; you sell in AU"),
    ],
    ids=["empty", "page", "columns", "market"],
)
def test_a_file_that_is_no_sheet_of_ours_is_told_beside_its_field(
    administrator: Client, settings: Settings, content: bytes, sentence: str
) -> None:
    settings.OUTSIDE = outside_alone()

    answer = administrator.post(f"{BASE}sheets/add/", {"file": SimpleUploadedFile("x.csv", content)})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])
    assert sentence in answer.context["form"].errors["file"][0]


def test_a_clerk_sees_the_catalog_and_the_preview_but_changes_nothing(
    administrator: Client, clerk: Client, settings: Settings
) -> None:
    settings.OUTSIDE = outside_alone()
    address = upload(administrator, sheet(row()))

    page = clerk.get(address)

    assert page.status_code == 200
    assert "Apply" not in page.content.decode()
    assert clerk.post(address, {"shown": shown_in(administrator.get(address).content.decode())}).status_code == 403
    assert clerk.get(BASE).status_code == 200
    for closed in ("sheets/add/", "rules/add/", "rates/add/", "editions/"):
        assert clerk.get(f"{BASE}{closed}").status_code == 403
    assert not SupplierCost.objects.exists()


def test_below_cost_on_sale_wants_a_reason_beside_its_field(administrator: Client, settings: Settings) -> None:
    settings.OUTSIDE = make_world().outside
    address = upload(administrator, sheet(row(UnitPrice="12")))
    page = administrator.get(address).content.decode()

    refused = administrator.post(address, {"shown": shown_in(page)})

    assert refused.status_code == 422
    assert "Write why, or mend them" in refused.context["form"].errors["reason"][0]
    applied = administrator.post(address, {"shown": shown_in(page), "reason": "Promised"}, follow=True)
    assert "The sheet is applied" in applied.content.decode()
    again = administrator.post(address, {"shown": shown_in(page), "reason": "Promised"})
    assert again.status_code == 422
    assert "has applied this sheet already" in unescape(again.content.decode())


def test_a_price_by_hand_below_cost_and_of_today_is_told_beside_its_field(
    administrator: Client, settings: Settings
) -> None:
    settings.OUTSIDE = make_world().outside
    address = upload(administrator, sheet(row()))
    administrator.post(address, {"shown": shown_in(administrator.get(address).content.decode())})
    offer = Offer.objects.get(edition__code="basic")
    later = {"prices": "AUD-plus", "unit_price": "5", "starts_on": "2099-01-01"}

    below = administrator.post(f"{BASE}offers/{offer.pk}/", later)
    early = administrator.post(f"{BASE}offers/{offer.pk}/", later | {"starts_on": "2020-01-01"})
    fine = administrator.post(f"{BASE}offers/{offer.pk}/", later | {"unit_price": "9.5"})

    assert (below.status_code, list(below.context["form"].errors)) == (422, ["reason"])
    assert (early.status_code, list(early.context["form"].errors)) == (422, ["starts_on"])
    assert fine.status_code == 302
    assert AuditEntry.objects.get(verb="entered price").details["price"] == "9.5 AUD"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"value": "-100"}, "value"),
        ({"step": "0"}, "step"),
        ({"step": "0.001"}, "step"),
        ({"ending": "-1"}, "ending"),
        ({"value": "1.123456789"}, "value"),
        ({"starts_on": "2020-01-01"}, "starts_on"),
        ({"subject": "edition:none"}, "subject"),
        ({"prices": "XXX-plus"}, "prices"),
    ],
)
def test_a_rule_that_cannot_be_is_told_beside_its_field(
    administrator: Client, settings: Settings, typed: dict[str, str], field: str
) -> None:
    known = {
        "subject": "all", "prices": "AUD-plus", "kind": "percent", "value": "25", "step": "1", "ending": "0.95",
        "starts_on": "2099-01-01",
    }  # fmt: skip

    answer = administrator.post(f"{BASE}rules/add/", known | typed)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_the_sheet_is_fetched_by_a_button(administrator: Client, settings: Settings) -> None:
    settings.OUTSIDE = outside_alone()

    page = administrator.post(f"{BASE}sheets/add/", {"fetch": "1"}, follow=True).content.decode()

    assert "Partner Center, AU" in page
    assert "Microsoft 365 Business Premium" in page


def test_staff_sees_what_a_documents_seats_will_cost_and_the_customer_pays_the_same(
    administrator: Client, clerk: Client, settings: Settings
) -> None:
    make_service(make_customer(), seats={"basic": 5, "standard": 1}, started_on="2026-11-16")
    document = Document.objects.get()
    before = document.total_minor
    settings.OUTSIDE = outside_alone()
    address = upload(administrator, sheet(row(UnitPrice="10.08", EffectiveStartDate="2/1/2026")))
    shown = shown_in(administrator.get(address).content.decode())
    administrator.post(address, {"shown": shown, "reason": "Promised"})

    page = clerk.get(f"/backoffice/invoices/{document.number}/").content.decode()

    assert "Estimated cost" in page
    assert "50.40" in page  # 5 seats for the whole month at 10.08
    assert "No cost is known of 1 line." in page
    document.refresh_from_db()
    assert document.total_minor == before
