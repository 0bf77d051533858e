"""Buying at Partner Center, over canned answers: the cart, its line errors, and the checkout."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest
from tests.integrations.canned import TENANT, StandingClock, Wire, partner_center

from perseat.ports.failures import NotFound, Refused, Unanswered
from perseat.ports.seat_provider import PreparedPurchase

REQUEST = UUID("5f0d4a3e-0000-4000-8000-00000000000a")
SUBSCRIPTION = "a4c1340d-0000-4000-8000-000000000001"
THROTTLED = httpx.Response(
    429, headers={"Retry-After": "7"}, json={"statusCode": 429, "message": "Rate limit is exceeded."}
)


def ok(body: object, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers)


def refused(code: int, status: int = 400, description: str = "words") -> httpx.Response:
    return ok({"code": code, "description": description, "data": [], "source": "PartnerFD"}, status=status)


def read(wire: Wire, clock: StandingClock | None = None) -> object:
    return partner_center(wire, clock=clock).get_subscription(TENANT, subscription_id=SUBSCRIPTION)


def set_seats(wire: Wire, seats: int = 5, *, clock: StandingClock | None = None, writes: bool = True) -> object:
    return partner_center(wire, clock=clock, writes=writes).set_seats(
        TENANT, subscription_id=SUBSCRIPTION, seats=seats, request_id=REQUEST
    )


class TestBuying:
    AVAILABILITIES = {
        "items": [
            {"id": "OLD", "isPurchasable": False, "terms": [{"duration": "P1M", "billingCycle": "monthly"}]},
            {
                "id": "NEW",
                "isPurchasable": True,
                "terms": [
                    {"duration": "P1Y", "billingCycle": "Annual"},
                    {"duration": "P1M", "billingCycle": "Monthly"},
                ],
            },
        ]
    }

    def prepare(self, wire: Wire, cycle: str = "P1M") -> PreparedPurchase:
        return partner_center(wire).prepare_purchase(
            TENANT,
            product_id="CFQ7TTC0LH18",
            sku_id="0001",
            term="P1M",
            cycle=cycle,
            seats=3,
            country="AU",
            request_id=REQUEST,
        )

    def test_todays_availability_goes_into_the_basket(self) -> None:
        wire = Wire(ok(self.AVAILABILITIES), ok({"id": "cart-1", "lineItems": [{"id": 0}]}, status=201))

        assert self.prepare(wire).basket_id == "cart-1"
        assert wire.sent[0].url.params["country"] == "AU"
        assert wire.body(1) == {
            "lineItems": [
                {
                    "id": 0,
                    "catalogItemId": "CFQ7TTC0LH18:0001:NEW",
                    "quantity": 3,
                    "billingCycle": "monthly",
                    "termDuration": "P1M",
                }
            ]
        }

    def test_a_term_that_is_not_on_sale_is_refused_before_anything_is_written(self) -> None:
        wire = Wire(ok(self.AVAILABILITIES))

        with pytest.raises(Refused, match="does not sell"):
            self.prepare(wire, cycle="P1Y")
        assert [sent.method for sent in wire.sent] == ["GET"]

    def test_an_error_of_the_line_inside_a_successful_answer_is_a_refusal_with_its_facts(self) -> None:
        error = {
            "errorCode": "10015",
            "errorDescription": "MaxAllowedSeatsPerSubscriptionExceeded",
            "additionalInformation": {"availableQuantity": 12, "purchasedQuantity": 288},
        }
        wire = Wire(ok(self.AVAILABILITIES), ok({"id": "c", "lineItems": [{"id": 0, "error": error}]}, status=201))

        with pytest.raises(Refused, match="no more seats of this edition") as caught:
            self.prepare(wire)
        assert caught.value.details == {"availableQuantity": "12", "purchasedQuantity": "288"}

    def test_a_checkout_gives_the_order_and_perhaps_no_subscription_yet(self) -> None:
        order = {"id": "o-1", "lineItems": [{"lineItemNumber": 0, "offerId": "a:b:c"}]}
        wire = Wire(ok({"orders": [order], "orderErrors": []}, status=201))

        bought = partner_center(wire).complete_purchase(TENANT, basket_id="cart-1", request_id=REQUEST)

        assert (bought.order_id, bought.subscription_id) == ("o-1", "")
        assert wire.sent[0].content == b""

    def test_an_order_error_is_a_refusal(self) -> None:
        answer = {"orders": [], "orderErrors": [{"orderGroupId": "0", "code": 800073, "description": "review"}]}

        with pytest.raises(Refused, match="reviewing"):
            partner_center(Wire(ok(answer, status=201))).complete_purchase(
                TENANT, basket_id="cart-1", request_id=REQUEST
            )

    def test_two_checkouts_at_once_are_no_refusal(self) -> None:
        with pytest.raises(Unanswered) as caught:
            partner_center(Wire(refused(800064, status=409))).complete_purchase(
                TENANT, basket_id="cart-1", request_id=REQUEST
            )
        assert caught.value.retry_after_seconds == 60

    def test_an_order_that_does_not_show_yet_is_not_found(self) -> None:
        with pytest.raises(NotFound):
            partner_center(Wire(refused(20000, status=404))).get_purchase(TENANT, order_id="o-1")
