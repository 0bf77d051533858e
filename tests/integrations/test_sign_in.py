"""Tokens: asked for once, kept while they are good, and refused with a sentence that says what to mend."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs

import httpx
import pytest
from tests.integrations.canned import PARTNER, TENANT, StandingClock, Wire

from perseat.integrations.microsoft_sign_in.consents import ConsentInMemory
from perseat.integrations.microsoft_sign_in.tokens import Application, TokenSource
from perseat.ports.failures import CredentialsRefused, Unanswered


def source(wire: object, *, clock: StandingClock | None = None, refresh_token: str = "") -> TokenSource:
    assert callable(wire)
    return TokenSource(
        httpx.Client(transport=httpx.MockTransport(wire)),
        login_base_url="https://login.example",
        application=Application(client_id="app", client_secret="hush", home_tenant_id=PARTNER),
        consents=ConsentInMemory(refresh_token),
        audience="https://graph.microsoft.com",
        clock=clock or StandingClock(),
    )


def token(name: str, **more: object) -> httpx.Response:
    return httpx.Response(200, json={"access_token": name, "expires_in": 3600} | more)


def form(wire: Wire, number: int) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(wire.sent[number].content.decode()).items()}


def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    clock = StandingClock()
    wire = Wire(token("one"), token("two"))
    tokens = source(wire, clock=clock)

    assert [tokens.get_token(TENANT), tokens.get_token(TENANT)] == ["one", "one"]
    clock.wait(54 * 60)
    assert tokens.get_token(TENANT) == "one"
    clock.wait(2 * 60)
    assert tokens.get_token(TENANT) == "two"


def test_each_tenant_has_its_own_token() -> None:
    wire = Wire(token("partner"), token("customer"))
    tokens = source(wire)

    assert (tokens.get_token(PARTNER), tokens.get_token(TENANT)) == ("partner", "customer")
    assert [sent.url.path for sent in wire.sent] == [
        f"/{PARTNER}/oauth2/v2.0/token",
        f"/{TENANT}/oauth2/v2.0/token",
    ]


def test_without_a_consent_the_application_signs_in_itself() -> None:
    wire = Wire(token("one"))

    source(wire).get_token(TENANT)

    assert form(wire, 0) == {
        "client_id": "app",
        "client_secret": "hush",
        "grant_type": "client_credentials",
        "scope": "https://graph.microsoft.com/.default",
    }


def test_a_rotated_refresh_token_is_used_the_next_time() -> None:
    wire = Wire(token("one", refresh_token="second"), token("two"))
    tokens = source(wire, refresh_token="first")

    tokens.get_token(PARTNER)
    tokens.get_token_instead_of("one", tenant_id=PARTNER)

    assert [form(wire, number)["refresh_token"] for number in (0, 1)] == ["first", "second"]


def test_what_a_customers_tenant_gives_in_exchange_is_not_kept() -> None:
    wire = Wire(token("one", refresh_token="the customer's"), token("two"))
    tokens = source(wire, refresh_token="first")

    tokens.get_token(TENANT)
    tokens.get_token(PARTNER)

    assert [form(wire, number)["refresh_token"] for number in (0, 1)] == ["first", "first"]


def test_a_refused_token_that_was_replaced_meanwhile_is_not_replaced_again() -> None:
    tokens = source(Wire(token("one"), token("two")))
    tokens.get_token(TENANT)

    assert tokens.get_token_instead_of("one", tenant_id=TENANT) == "two"
    assert tokens.get_token_instead_of("one", tenant_id=TENANT) == "two"


def test_ten_threads_ask_once() -> None:
    asked: list[str] = []
    all_are_there = threading.Event()

    def answer(_request: httpx.Request) -> httpx.Response:
        asked.append("once")
        all_are_there.wait(10)
        return token("one")

    tokens = source(answer)
    threads = [threading.Thread(target=tokens.get_token, args=(TENANT,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    all_are_there.set()
    for thread in threads:
        thread.join()

    assert asked == ["once"]


@pytest.mark.parametrize(
    ("error", "description", "words"),
    [
        ("invalid_client", "AADSTS7000215: Invalid client secret provided.", "PERSEAT_CLIENT_SECRET"),
        ("invalid_client", "AADSTS7000222: The provided client secret keys are expired.", "has expired"),
        ("invalid_grant", "AADSTS700082: The refresh token has expired.", "after 90 days"),
        ("invalid_grant", "AADSTS65001: The user or administrator has not consented.", "not been consented"),
        ("invalid_grant", "AADSTS50076: you must use multi-factor authentication.", "multi-factor"),
        ("unauthorized_client", "AADSTS700016: Application was not found in the directory.", "does not know our"),
        ("invalid_grant", "AADSTS999999: Something new.", "AADSTS999999"),
    ],
)
def test_a_refused_sign_in_says_what_to_mend(error: str, description: str, words: str) -> None:
    refused = httpx.Response(401, json={"error": error, "error_description": description})

    with pytest.raises(CredentialsRefused, match=words):
        source(Wire(refused)).get_token(TENANT)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("down"),
        httpx.Response(503),
        httpx.Response(400, json={"error": "temporarily_unavailable"}),
        httpx.Response(200, text="<html>"),
    ],
)
def test_a_sign_in_service_out_of_order_is_no_refusal(answer: httpx.Response | Exception) -> None:
    with pytest.raises(Unanswered):
        source(Wire(answer)).get_token(TENANT)


def test_an_installation_without_credentials_says_so_and_sends_nothing() -> None:
    wire = Wire()

    with pytest.raises(CredentialsRefused, match="not connected yet"):
        source(wire).get_token("")
    assert wire.sent == []
