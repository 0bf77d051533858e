from __future__ import annotations

import uuid

import pytest
from tests.simulator.world import ACME, BASIC, BASIC_ID, STANDARD, STANDARD_ID, World

OTHER = "7d3c2b10-5f0e-4a7e-8a54-0c6a0e5f7b22"


def test_the_catalog_names_the_sku_of_the_directory(world: World) -> None:
    products = world.partner("GET", "/products?country=AU&targetView=OnlineServices").json()
    product_id, sku_id = STANDARD.split(":")
    sku = world.partner("GET", f"/products/{product_id}/skus/{sku_id}?country=AU").json()

    assert product_id in {item["id"] for item in products["items"]}
    assert sku["dynamicAttributes"]["provisioningId"] == STANDARD_ID
    assert sku["maximumQuantity"] == 300


def test_an_availability_differs_by_country_and_offers_every_term(world: World) -> None:
    product_id, sku_id = BASIC.split(":")
    path = f"/products/{product_id}/skus/{sku_id}/availabilities"

    australia, germany = (world.partner("GET", f"{path}?country={name}").json()["items"][0] for name in ("AU", "DE"))

    assert australia["id"] != germany["id"]
    assert (australia["defaultCurrency"]["code"], germany["defaultCurrency"]["code"]) == ("AUD", "EUR")
    assert {(term["duration"], term["billingCycle"]) for term in australia["terms"]} == {
        ("P1M", "Monthly"),
        ("P1Y", "Monthly"),
        ("P1Y", "Annual"),
        ("P3Y", "Monthly"),
        ("P3Y", "Annual"),
        ("P3Y", "Triennial"),
    }


def test_a_cart_that_is_checked_out_gives_seats_in_the_directory(world: World) -> None:
    cart = world.cart(BASIC, quantity=5, term="P1Y", cycle="monthly")

    answer = world.check_out(cart)

    order = answer.json()["orders"][0]
    assert answer.status_code == 201
    assert answer.json()["orderErrors"] == []
    subscription = world.subscription(order["lineItems"][0]["subscriptionId"])
    assert (subscription["quantity"], subscription["status"], subscription["autoRenewEnabled"]) == (5, "active", True)
    assert subscription["commitmentEndDate"] == "2027-03-09T00:00:00Z"
    assert subscription["cancellationAllowedUntilDate"] == "2026-03-17T09:30:00Z"
    assert subscription["refundableQuantity"] == {
        "totalQuantity": 5,
        "details": [{"quantity": 5, "allowedUntilDateTime": "2026-03-17T09:30:00Z"}],
    }
    assert world.seats_in_directory(BASIC_ID) == 5


def test_names_in_a_request_may_have_any_case(world: World) -> None:
    line = {"CatalogItemId": world.item(BASIC), "Quantity": 1, "TermDuration": "P1M", "BillingCycle": "Monthly"}

    answer = world.acme("POST", "/carts", json={"LineItems": [line]})

    assert answer.json()["lineItems"][0]["billingCycle"] == "monthly"
    assert "error" not in answer.json()["lineItems"][0]


def test_a_cart_checked_out_again_buys_nothing_more(world: World) -> None:
    cart = world.cart(BASIC, quantity=5)

    first = world.check_out(cart, **{"MS-RequestId": str(uuid.uuid4())})
    second = world.check_out(cart, **{"MS-RequestId": str(uuid.uuid4())})

    assert first.json() == second.json()
    assert len(world.simulator.subscriptions(ACME)) == 1


def test_a_request_id_sent_again_gets_the_same_answer_and_does_nothing(world: World) -> None:
    line = {"catalogItemId": world.item(BASIC), "quantity": 1, "termDuration": "P1M", "billingCycle": "monthly"}
    headers = {"MS-RequestId": str(uuid.uuid4()), "MS-CorrelationId": str(uuid.uuid4())}

    first = world.acme("POST", "/carts", json={"lineItems": [line]}, headers=headers)
    second = world.acme("POST", "/carts", json={"lineItems": [line]}, headers=headers)

    assert first.json()["id"] == second.json()["id"]
    assert second.headers["MS-RequestId"] == headers["MS-RequestId"]
    assert second.headers["MS-CorrelationId"] == headers["MS-CorrelationId"]
    assert [call.was_repeated for call in world.simulator.calls if call.path.endswith("/carts")] == [False, True]


def test_three_hundred_seats_are_the_limit_over_all_subscriptions(world: World) -> None:
    world.buy(BASIC, quantity=200)

    cart = world.cart(BASIC, quantity=101)

    error = cart["lineItems"][0]["error"]
    assert error["errorCode"] == "10015"
    assert error["additionalInformation"] == {"availableQuantity": 100, "purchasedQuantity": 200}
    refused = world.check_out(cart)
    assert (refused.status_code, refused.json()["code"]) == (400, 800009)
    assert world.seats_in_directory(BASIC_ID) == 200


def test_two_carts_that_race_for_the_last_seats_end_with_one_order(world: World) -> None:
    first, second = world.cart(BASIC, quantity=200), world.cart(BASIC, quantity=200)

    world.check_out(first)
    late = world.check_out(second)

    assert late.status_code == 201
    assert late.json()["orders"] == []
    assert late.json()["orderErrors"][0]["code"] == 800088


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"catalogItemId": "CFQ7TTC0LH18:0001:CFQ7TTC0NONE"}, "10001"),
        ({"termDuration": "P1M", "billingCycle": "annual"}, "10013"),
        ({"quantity": 0}, "10010"),
        ({"customTermEndDate": "2026-03-20T00:00:00Z"}, "10016"),
    ],
)
def test_a_line_that_cannot_be_had_carries_an_error_in_a_made_cart(
    world: World, change: dict[str, object], code: str
) -> None:
    line = {"catalogItemId": world.item(BASIC), "quantity": 1, "termDuration": "P1Y", "billingCycle": "monthly"}

    cart = world.acme("POST", "/carts", json={"lineItems": [{**line, **change}]}).json()

    assert cart["lineItems"][0]["error"]["errorCode"] == code


def test_a_first_term_may_end_with_the_month(world: World) -> None:
    cart = world.cart(BASIC, quantity=1, customTermEndDate="2026-03-31T00:00:00Z")

    order = world.check_out(cart).json()["orders"][0]

    subscription = world.subscription(order["lineItems"][0]["subscriptionId"])
    assert subscription["commitmentEndDate"] == "2026-03-31T00:00:00Z"


def test_without_the_customer_agreement_nothing_is_sold(world: World) -> None:
    world.simulator.seed_tenant(tenant_id=OTHER, company="Other", domain="other.example", country="AU", agreement=False)
    line = {"catalogItemId": world.item(BASIC), "quantity": 1, "termDuration": "P1M", "billingCycle": "monthly"}
    cart = world.partner("POST", f"/customers/{OTHER}/carts", json={"lineItems": [line]}).json()
    path = f"/customers/{OTHER}/carts/{cart['id']}/checkout"

    refused = world.partner("POST", path)
    agree(world)
    sold = world.partner("POST", path)

    assert (refused.status_code, refused.json()["code"]) == (403, 13605)
    assert sold.status_code == 201


def agree(world: World) -> None:
    template = world.partner("GET", "/agreements?agreementType=MicrosoftCustomerAgreement").json()["items"][0]
    body = {
        "primaryContact": {"firstName": "Tania", "lastName": "Carr", "email": "tania@other.example"},
        "templateId": template["templateId"],
        "dateAgreed": "2026-03-10T00:00:00Z",
        "type": template["agreementType"],
    }
    assert world.partner("POST", f"/customers/{OTHER}/agreements", json=body).status_code == 201
    again = world.partner("POST", f"/customers/{OTHER}/agreements", json=body)
    assert again.json()["code"] == 600061


def test_a_customer_under_review_may_not_buy(world: World) -> None:
    cart = world.cart(BASIC, quantity=1)
    world.client.post("/control/settings", json={"tenant_id": ACME, "validation_status": "InReview"})

    status = world.acme("GET", "/validationStatus?type=account").json()["status"]
    refused = world.check_out(cart)

    assert status == "InReview"
    assert (refused.status_code, refused.json()["code"]) == (403, 800073)


def test_a_cart_lives_for_seven_days(world: World) -> None:
    cart = world.cart(BASIC, quantity=1)

    world.advance(days=7)

    assert world.check_out(cart).json()["code"] == 800008


def test_an_availability_that_is_gone_is_refused_at_checkout(world: World) -> None:
    cart = world.cart(BASIC, quantity=1)
    world.client.post("/control/settings", json={"rotate_availabilities": True})

    assert world.check_out(cart).json()["code"] == 400019
    assert world.check_out(world.cart(BASIC, quantity=1)).status_code == 201


def test_with_a_delay_order_subscription_and_seats_show_later(world: World) -> None:
    world.client.post("/control/settings", json={"provisioning_delay_seconds": 900})

    order = world.check_out(world.cart(BASIC, quantity=4)).json()["orders"][0]

    assert "subscriptionId" not in order["lineItems"][0]
    early = world.acme("GET", f"/orders/{order['id']}")
    assert (early.status_code, early.json()["code"]) == (404, 20000)
    assert world.acme("GET", "/subscriptions").json()["totalCount"] == 0
    assert world.seats_in_directory(BASIC_ID) == 0
    world.advance(seconds=900)
    late = world.acme("GET", f"/orders/{order['id']}").json()
    assert late["status"] == "completed"
    found = world.acme("GET", f"/subscriptions?order_id={order['id']}").json()["items"]
    assert found[0]["id"] == late["lineItems"][0]["subscriptionId"]
    assert world.seats_in_directory(BASIC_ID) == 4


def test_a_new_organization_gets_its_administrator_once(world: World) -> None:
    address = {"addressLine1": "1 George St", "city": "Sydney", "country": "AU"}
    profile = {
        "email": "it@fresh.example",
        "companyName": "Fresh",
        "culture": "en-AU",
        "language": "en",
        "defaultAddress": address,
    }
    body = {"companyProfile": {"domain": "fresh.onmicrosoft.com"}, "billingProfile": profile}

    free = world.partner("HEAD", "/domains/fresh.onmicrosoft.com")
    made = world.partner("POST", "/customers", json=body)
    taken = world.partner("HEAD", "/domains/fresh.onmicrosoft.com")

    assert (free.status_code, made.status_code, taken.status_code) == (404, 201, 200)
    assert made.json()["userCredentials"]["password"]
    read = world.partner("GET", f"/customers/{made.json()['id']}").json()
    assert "userCredentials" not in read
    assert read["companyProfile"]["companyName"] == "Fresh"


def test_an_unknown_customer_is_no_customer_of_the_partner(world: World) -> None:
    answer = world.partner("GET", f"/customers/{uuid.uuid4()}/subscriptions")

    assert (answer.status_code, answer.json()["code"]) == (403, 20002)
    assert answer.json()["source"] == "PartnerFD"


def test_an_existing_organization_is_invited_by_a_link(world: World) -> None:
    assert "partner-invitation" in world.partner("GET", "/customers/relationshiprequests").json()["url"]
