"""Paying by card at the sandbox: its page, its signed notices, and what becomes of the order."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World
from tests.makers import quote

from perseat.capabilities.ordering.models import Order
from perseat.capabilities.payments.models import GatewayNotice, Payment
from perseat.capabilities.payments.sandbox import get_sandbox_outcome
from perseat.domain.fulfillment import OrderState, PaymentState
from perseat.integrations.sandbox_gateway.payments import question_bearer, refund_bearer, sign_notice
from perseat.ports.payment_gateway import GatewayOutcome
from perseat.wiring import sandbox_secret

WEBHOOK = "/webhooks/payments/sandbox/"


@pytest.fixture
def page(world: World, owner: Client) -> str:
    """The path of the gateway's page for an order of 3 more seats."""
    quote_id = quote(
        world.customer, service_id=world.service.pk, wanted={"basic": 4}, user_id=world.owner.pk, now=world.now()
    )
    sent_to = owner.post(f"/checkout/{quote_id}/", {"payment_method": "sandbox"}).headers["Location"]
    return urlsplit(sent_to).path


def decide(page: str, decision: str, *, notice: str = "at_once") -> HttpResponse:
    return Client().post(page, {"decision": decision, "notice": notice})


def bodies() -> list[str]:
    """What the gateway's server is going to send."""
    jobs = ProcrastinateJob.objects.filter(task_name="sandbox.send_notice").order_by("pk")
    return [job.args["body"] for job in jobs]


def deliver(world: World, body: str, *, secret: str = "") -> HttpResponse:
    headers = sign_notice(
        body.encode(),
        secret=secret or sandbox_secret(settings.PERSEAT),
        epoch_seconds=int(world.now().timestamp()),
    )
    return Client().post(WEBHOOK, body, content_type="application/json", headers=headers)


def order_state() -> str:
    return Order.objects.latest("pk").state


def test_the_page_says_what_is_paid_and_that_it_is_a_sandbox(page: str) -> None:
    text = words(Client().get(page))

    assert "Sandbox: no card, no bank, no money moves here" in text
    assert "A$ 29.70" in text
    assert "Approve" in text
    assert "Decline" in text


def test_the_page_stands_at_the_host_that_the_browser_is_on(world: World, owner: Client) -> None:
    """Browsers refuse a redirect after a form to another host, and the installation may be known by several."""
    quote_id = quote(
        world.customer, service_id=world.service.pk, wanted={"basic": 4}, user_id=world.owner.pk, now=world.now()
    )
    paid_at = {"payment_method": "sandbox"}
    first = owner.post(f"/checkout/{quote_id}/", paid_at, headers={"host": "localhost:8000"}).headers["Location"]
    order_id = Order.objects.latest("pk").pk
    again = owner.post(f"/orders/{order_id}/pay/", headers={"host": "127.0.0.1:8000"}).headers["Location"]
    back = decide(urlsplit(again).path, "approve").headers["Location"]

    assert first.startswith("http://localhost:8000/sandbox-gateway/pay/")
    assert again.startswith("http://127.0.0.1:8000/sandbox-gateway/pay/")
    assert back == f"http://127.0.0.1:8000/orders/{order_id}/?returned=1"


def test_an_approved_payment_pays_the_order(world: World, page: str) -> None:
    back = decide(page, "approve")
    told = [deliver(world, body).status_code for body in bodies()]

    assert back.headers["Location"] == f"http://testserver/orders/{Order.objects.latest('pk').pk}/?returned=1"
    assert told == [204]
    assert order_state() == OrderState.PAID


def test_nothing_is_paid_before_the_notice(page: str) -> None:
    decide(page, "approve", notice="not_at_all")

    assert bodies() == []
    assert order_state() == OrderState.AWAITING_PAYMENT


def test_a_notice_that_comes_twice_pays_once(world: World, page: str) -> None:
    decide(page, "approve", notice="twice")
    told = [deliver(world, body).status_code for body in bodies()]

    assert told == [204, 204]
    assert GatewayNotice.objects.count() == 1
    assert Payment.objects.filter(method="sandbox", state=PaymentState.SUCCEEDED).count() == 1


def test_a_late_notice_is_sent_later(page: str) -> None:
    decide(page, "approve", notice="late")

    assert ProcrastinateJob.objects.get(task_name="sandbox.send_notice").scheduled_at is not None


def test_a_declined_payment_leaves_the_order_to_be_paid_again(world: World, page: str, owner: Client) -> None:
    decide(page, "decline")
    deliver(world, bodies()[0])

    order_id = Order.objects.latest("pk").pk
    assert order_state() == OrderState.AWAITING_PAYMENT
    again = owner.post(f"/orders/{order_id}/pay/").headers["Location"]
    assert urlsplit(again).path != page, "a new attempt is a new payment"


def test_the_first_decision_stays(page: str) -> None:
    decide(page, "decline")
    decide(page, "approve")

    assert "This payment was already declined" in words(Client().get(page))
    assert [json.loads(body)["type"] for body in bodies()] == ["payment.declined"]


def test_a_forged_notice_is_refused_with_the_reason(world: World, page: str) -> None:
    decide(page, "approve")

    answer = deliver(world, bodies()[0], secret="somebody else's")

    assert answer.status_code == 400
    assert answer.json() == {"error": "The notice is not signed by the gateway."}
    assert order_state() == OrderState.AWAITING_PAYMENT
    assert not GatewayNotice.objects.exists()


def test_a_notice_of_another_amount_is_kept_for_the_staff_and_pays_nothing(world: World, page: str) -> None:
    decide(page, "approve")
    body = bodies()[0].replace("2970", "297")

    assert deliver(world, body).status_code == 204
    assert order_state() == OrderState.AWAITING_PAYMENT
    assert GatewayNotice.objects.get().problem


def test_a_notice_to_a_gateway_that_is_not_there(world: World) -> None:
    answer = Client().post("/webhooks/payments/paypal/", "{}", content_type="application/json")

    assert answer.status_code == 404
    assert answer.json() == {"error": "There is no payment gateway named paypal."}


def test_a_forged_page_does_not_exist(world: World, page: str) -> None:
    assert Client().get(page[:-3] + "x/").status_code == 404


def test_only_the_shop_may_ask_what_became_of_a_payment(page: str) -> None:
    decide(page, "approve")
    reference = Payment.objects.latest("pk").gateway_reference
    key = question_bearer(reference, secret=sandbox_secret(settings.PERSEAT))
    address = f"/sandbox-gateway/payments/{reference}/"

    assert Client().get(address).status_code == 401
    assert Client().get(address, headers={"Authorization": key}).json()["outcome"] == "succeeded"
    assert get_sandbox_outcome(reference) is GatewayOutcome.SUCCEEDED


def test_a_declined_payment_is_told_and_can_be_tried_again(world: World, owner: Client, page: str) -> None:
    order_id = Order.objects.latest("pk").pk
    decide(page, "decline")
    deliver(world, bodies()[-1])

    back = owner.get(f"/orders/{order_id}/?returned=1")
    again = owner.post(f"/orders/{order_id}/pay/")
    waiting = owner.get(f"/orders/{order_id}/?returned=1")

    assert "Your payment was declined. Nothing was charged" in words(back)
    assert "Pay A$ 29.70" in words(back), "the way to pay is there at once"
    assert "waiting for the confirmation" not in words(back)
    assert again.status_code == 302
    assert "declined" not in words(waiting), "the second try is another payment"


def test_the_gateway_sends_back_what_came_once_and_no_more(world: World, page: str) -> None:
    decide(page, "approve")
    reference = Payment.objects.latest("pk").gateway_reference

    def ask(method: str, refund_id: str, *, amount_minor: int = 0, key: str | None = None) -> int:
        bearer = refund_bearer(reference, refund_id=refund_id, secret=sandbox_secret(settings.PERSEAT))
        return (
            Client()
            .generic(
                method,
                f"/sandbox-gateway/payments/{reference}/refunds/{refund_id}/",
                json.dumps({"amount_minor": amount_minor, "currency": "AUD"}),
                content_type="application/json",
                headers={"Authorization": bearer if key is None else key},
            )
            .status_code
        )

    assert ask("PUT", "one", amount_minor=2000, key="Bearer of another") == 401
    assert ask("GET", "one") == 404
    assert [ask("PUT", "one", amount_minor=2000) for _time in range(2)] == [200, 200]
    assert ask("PUT", "one", amount_minor=1999) == 409, "one id is one refund"
    assert ask("PUT", "two", amount_minor=971) == 409, "2000 of 2970 went back"
    assert ask("PUT", "two", amount_minor=970) == 200
    assert ask("PUT", "three", amount_minor=0) == 409
    assert ask("GET", "one") == ask("GET", "two") == 200
