"""The sandbox gateway: its page cannot be forged, its notices neither, and nobody but us may ask."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import httpx
import pytest
from tests.integrations.canned import Wire

from perseat.integrations.sandbox_gateway import payments
from perseat.integrations.sandbox_gateway.client import SandboxGateway
from perseat.integrations.sandbox_gateway.signing import notice_signature
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.ports.payment_gateway import ForgedNotice, GatewayOutcome, PaymentPage

SECRET = "a secret of the sandbox"
NOW = 1_795_338_000
THREE_DAYS = 3 * 24 * 3600


def gateway(wire: Wire | None = None, *, secret: str = SECRET) -> SandboxGateway:
    http = httpx.Client(transport=httpx.MockTransport(wire or Wire()))
    return SandboxGateway(http, base_url="https://perseat.example", secret=secret)


def start(secret: str = SECRET) -> PaymentPage:
    return gateway(secret=secret).start_payment(
        "payment-7",
        amount_minor=3311,
        currency="AUD",
        description="Invoice 2026-0007",
        return_address="https://perseat.example/orders/7/",
    )


def token_of(page: PaymentPage) -> str:
    path = urlsplit(page.address).path
    assert path.startswith("/sandbox-gateway/pay/")
    return path.removeprefix("/sandbox-gateway/pay/").rstrip("/")


def notice(outcome: GatewayOutcome = GatewayOutcome.SUCCEEDED) -> tuple[bytes, dict[str, str]]:
    payment = payments.read_page_token(token_of(start()), secret=SECRET)
    body = payments.make_notice_body(payment, outcome=outcome)
    return body, payments.sign_notice(body, secret=SECRET, epoch_seconds=NOW)


def test_the_page_knows_the_payment_and_starting_twice_is_one_payment() -> None:
    page = start()

    payment = payments.read_page_token(token_of(page), secret=SECRET)

    assert page == start()
    assert payment.gateway_reference == page.gateway_reference
    assert (payment.amount_minor, payment.currency, payment.description) == (3311, "AUD", "Invoice 2026-0007")
    assert payment.return_address == "https://perseat.example/orders/7/"


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_changed_page_address_is_refused(place: int) -> None:
    token = token_of(start())
    changed = "B" if token[place] != "B" else "C"

    with pytest.raises(payments.ForgedPage):
        payments.read_page_token(token[:place] + changed + (token[place + 1 :] if place != -1 else ""), secret=SECRET)


@pytest.mark.parametrize("token", ["", ".", "x", "ä.ö", "a.b.c"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(payments.ForgedPage):
        payments.read_page_token(token, secret=SECRET)


def test_a_page_of_another_secret_is_refused() -> None:
    with pytest.raises(payments.ForgedPage):
        payments.read_page_token(token_of(start(secret="another")), secret=SECRET)


@pytest.mark.parametrize("outcome", [GatewayOutcome.SUCCEEDED, GatewayOutcome.DECLINED])
def test_a_notice_is_read_with_its_amount(outcome: GatewayOutcome) -> None:
    body, headers = notice(outcome)

    found = gateway().read_notice(body, headers=headers, now_epoch_seconds=NOW + 5)

    assert (found.outcome, found.amount_minor, found.currency) == (outcome, 3311, "AUD")
    assert found.gateway_reference == start().gateway_reference


def test_a_notice_sent_twice_has_one_id_and_another_decision_another() -> None:
    assert notice()[1]["webhook-id"] == notice()[1]["webhook-id"]
    assert notice()[1]["webhook-id"] != notice(GatewayOutcome.DECLINED)[1]["webhook-id"]


@pytest.mark.parametrize("late", [THREE_DAYS, -THREE_DAYS])
def test_a_notice_may_be_three_days_late_and_no_more(late: int) -> None:
    body, headers = notice()

    assert gateway().read_notice(body, headers=headers, now_epoch_seconds=NOW + late)
    with pytest.raises(ForgedNotice, match="three days"):
        gateway().read_notice(body, headers=headers, now_epoch_seconds=NOW + late + (1 if late > 0 else -1))


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "another"},
        {"webhook-timestamp": str(NOW + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
    ],
)
def test_a_notice_with_changed_headers_is_forged(changes: dict[str, str]) -> None:
    body, headers = notice()

    with pytest.raises(ForgedNotice):
        gateway().read_notice(body, headers=headers | changes, now_epoch_seconds=NOW)


def test_a_notice_with_a_changed_amount_is_forged() -> None:
    body, headers = notice()

    with pytest.raises(ForgedNotice, match="not signed"):
        gateway().read_notice(body.replace(b"3311", b"9999"), headers=headers, now_epoch_seconds=NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b"[]",
        json.dumps({"data": {"reference": "r", "outcome": "perhaps", "amount_minor": 1, "currency": "AUD"}}).encode(),
        json.dumps({"data": {"reference": "r", "outcome": "declined", "amount_minor": 1.5, "currency": "A"}}).encode(),
    ],
)
def test_a_signed_notice_without_sense_is_refused(body: bytes) -> None:
    headers = payments.sign_notice(body, secret=SECRET, epoch_seconds=NOW)

    with pytest.raises(ForgedNotice):
        gateway().read_notice(body, headers=headers, now_epoch_seconds=NOW)


def test_header_names_are_read_in_any_case_and_one_of_several_signatures_is_enough() -> None:
    body, headers = notice()
    given = {name.title(): value for name, value in headers.items()}
    given["Webhook-Signature"] = "v1,b2xk " + given["Webhook-Signature"]

    assert gateway().read_notice(body, headers=given, now_epoch_seconds=NOW)


def test_the_signature_is_that_of_the_standard() -> None:
    # The example that implementations of the Standard Webhooks form share.
    signed = notice_signature(
        b'{"test": 2432232314}',
        notice_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        epoch_seconds=1614265330,
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_outcome_is_asked_for_with_a_bearer_for_this_payment_only() -> None:
    wire = Wire(httpx.Response(200, json={"outcome": "succeeded"}))

    assert gateway(wire).get_outcome("sandbox_1") is GatewayOutcome.SUCCEEDED

    bearer = wire.sent[0].headers["Authorization"]
    assert wire.sent[0].url.path == "/sandbox-gateway/payments/sandbox_1/"
    assert payments.may_ask(bearer, gateway_reference="sandbox_1", secret=SECRET)
    assert not payments.may_ask(bearer, gateway_reference="sandbox_2", secret=SECRET)
    assert not payments.may_ask(bearer, gateway_reference="sandbox_1", secret="another")
    assert not payments.may_ask("", gateway_reference="sandbox_1", secret=SECRET)


def test_a_payment_that_nobody_decided_on_is_open() -> None:
    assert gateway(Wire(httpx.Response(404))).get_outcome("sandbox_1") is GatewayOutcome.OPEN


@pytest.mark.parametrize("answer", [httpx.ConnectError("down"), httpx.Response(500), httpx.Response(200, text="x")])
def test_a_gateway_without_an_answer_is_asked_again_later(answer: httpx.Response | Exception) -> None:
    with pytest.raises(Unanswered):
        gateway(Wire(answer)).get_outcome("sandbox_1")


def test_a_gateway_that_refuses_us_names_the_setting() -> None:
    with pytest.raises(CredentialsRefused, match="PERSEAT_SANDBOX_GATEWAY_SECRET"):
        gateway(Wire(httpx.Response(403))).get_outcome("sandbox_1")


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nothing_cannot_be_paid(amount_minor: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        gateway().start_payment(
            "p", amount_minor=amount_minor, currency="AUD", description="d", return_address="https://x.example/"
        )


def test_money_is_sent_back_under_the_id_that_we_gave_it() -> None:
    wire = Wire(httpx.Response(200), httpx.Response(404), httpx.Response(200))
    asked = gateway(wire)
    asked.repay("return-7", gateway_reference="sandbox_1", amount_minor=500, currency="AUD")
    known = [asked.is_repaid("return-7", gateway_reference="sandbox_1") for _time in range(2)]

    assert known == [False, True]
    first = wire.sent[0]
    assert (first.method, first.url.path) == ("PUT", "/sandbox-gateway/payments/sandbox_1/refunds/return-7/")
    assert json.loads(first.content) == {"amount_minor": 500, "currency": "AUD"}
    assert payments.may_refund(
        first.headers["Authorization"], gateway_reference="sandbox_1", refund_id="return-7", secret=SECRET
    )
    assert not payments.may_refund(
        first.headers["Authorization"], gateway_reference="sandbox_1", refund_id="return-8", secret=SECRET
    )


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.Response(409), Refused),
        (httpx.Response(404), Refused),
        (httpx.Response(401), CredentialsRefused),
        (httpx.Response(500), Unanswered),
        (httpx.ReadTimeout("lost"), Unanswered),
    ],
)
def test_only_a_plain_no_of_the_gateway_is_a_refusal(
    answer: httpx.Response | Exception, failure: type[Exception]
) -> None:
    with pytest.raises(failure):
        gateway(Wire(answer)).repay("return-7", gateway_reference="sandbox_1", amount_minor=500, currency="AUD")
