from __future__ import annotations

from typing import Any

import pytest
from tests.simulator.world import ACME, GRAPH, PARTNER_CENTER, World

from perseat.simulator.credentials import PARTNER_TENANT, REFRESH_TOKEN


def test_both_versions_of_the_token_endpoint_let_the_application_in(world: World) -> None:
    for version in (1, 2):
        answer = world.ask_token(tenant=PARTNER_TENANT, audience=PARTNER_CENTER, version=version)

        token = answer.json()["access_token"]
        called = world.client.get("/v1/customers", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, called.status_code) == (200, 200)
        assert int(answer.json()["expires_in"]) == 3600


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "somebody-else"}, 400, "unauthorized_client"),
        ({"scope": "https://example.com/.default"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "made-up"}, 400, "invalid_grant"),
    ],
)
def test_a_wrong_token_request_is_refused(world: World, form: dict[str, Any], status: int, error: str) -> None:
    answer = world.ask_token(tenant=PARTNER_TENANT, audience=PARTNER_CENTER, **form)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_an_unknown_tenant_gets_no_token(world: World) -> None:
    answer = world.ask_token(tenant="00000000-0000-4000-8000-000000000000", audience=GRAPH)

    assert answer.status_code == 400
    assert answer.json()["error_codes"] == [90002]


def test_a_token_ends_after_an_hour_of_the_simulators_clock(world: World) -> None:
    partner = world.ask_token(tenant=PARTNER_TENANT, audience=PARTNER_CENTER).json()["access_token"]
    graph = world.ask_token(tenant=ACME, audience=GRAPH).json()["access_token"]

    world.advance(minutes=60)

    refused = world.client.get("/v1/customers", headers={"Authorization": f"Bearer {partner}"})
    assert (refused.status_code, refused.json()["code"]) == (401, 400)
    refused = world.client.get("/v1.0/users", headers={"Authorization": f"Bearer {graph}"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_a_token_for_one_api_does_not_open_the_other(world: World) -> None:
    graph = world.ask_token(tenant=ACME, audience=GRAPH).json()["access_token"]
    partner = world.ask_token(tenant=PARTNER_TENANT, audience=PARTNER_CENTER).json()["access_token"]
    retired = world.ask_token(tenant=PARTNER_TENANT, audience="https://graph.windows.net", version=1)

    at_partner = world.client.get("/v1/customers", headers={"Authorization": f"Bearer {graph}"})
    at_graph = world.client.get("/v1.0/users", headers={"Authorization": f"Bearer {partner}"})
    old = world.client.get("/v1/customers", headers={"Authorization": f"Bearer {retired.json()['access_token']}"})

    assert (at_partner.status_code, at_graph.status_code) == (401, 401)
    assert old.json()["code"] == 900420


def test_no_token_and_a_forged_one_are_refused(world: World) -> None:
    token = world.ask_token(tenant=ACME, audience=GRAPH).json()["access_token"]

    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {token[:-1]}"}):
        assert world.client.get("/v1/customers", headers=headers).status_code == 401
        assert world.client.get("/v1.0/users", headers=headers).status_code == 401


def test_a_refresh_token_is_replaced_at_each_use_and_dies_after_ninety_idle_days(world: World) -> None:
    def exchange(refresh_token: str) -> dict[str, str]:
        form: dict[str, Any] = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        body: dict[str, str] = world.ask_token(tenant=PARTNER_TENANT, audience=PARTNER_CENTER, **form).json()
        return body

    second = exchange(REFRESH_TOKEN)["refresh_token"]
    world.advance(days=89)
    third = exchange(second)["refresh_token"]
    world.advance(days=60)
    assert "access_token" in exchange(second)
    world.advance(days=30)

    assert len({REFRESH_TOKEN, second, third}) == 3
    assert exchange(third)["error"] == "invalid_grant"


def test_an_application_without_a_person_may_not_confirm_agreements(world: World) -> None:
    token = world.ask_token(tenant=PARTNER_TENANT, audience=PARTNER_CENTER).json()["access_token"]

    answer = world.client.post(
        f"/v1/customers/{ACME}/agreements", headers={"Authorization": f"Bearer {token}"}, json={}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, 900329)
