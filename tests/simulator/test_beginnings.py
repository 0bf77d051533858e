"""How an organization becomes a customer: domain, address, reseller relationship, delegated access, and its end."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.simulator.world import GRAPH, World

from perseat.simulator.credentials import PARTNER_TENANT, REFRESH_TOKEN

STRANGER = "1d7d5c1a-5b0e-4d7e-9d0b-5f7f0b0f7a01"
GROUP = "9f0a7c52-4c1e-4f7b-8f56-3d1b0c2e4a90"
READERS, USERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "fe930be7-5e62-47db-91af-98c3a49a38b1"
ROOT = "/tenantRelationships/delegatedAdminRelationships"


def control(world: World, path: str, **body: Any) -> httpx.Response:
    answer = world.client.post(f"/control/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer


def plant(world: World, **tenant: Any) -> None:
    control(
        world,
        "tenants",
        tenant_id=STRANGER,
        company="Globex",
        domain="globex.example",
        country="AU",
        **tenant,
    )


def home(world: World, method: str, path: str, **extra: Any) -> httpx.Response:
    """Call Graph in the partner's own directory, as the partner's user."""
    return as_person(world, PARTNER_TENANT, method, path, **extra)


def as_person(world: World, tenant: str, method: str, path: str, **extra: Any) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}
    token = world.ask_token(tenant=tenant, audience=GRAPH, **form).json()["access_token"]
    return world.client.request(method, f"/v1.0{path}", headers={"Authorization": f"Bearer {token}"}, **extra)


def ask(world: World, *, name: str = "Perseat 1", roles: tuple[str, ...] = (READERS,), **extra: Any) -> httpx.Response:
    body = {
        "displayName": name,
        "duration": "P30D",
        "customer": {"tenantId": STRANGER, "displayName": "Globex"},
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": role} for role in roles]},
    }
    return home(world, "POST", ROOT, json=body | extra)


def approved(world: World, *, name: str = "Perseat 1") -> str:
    relationship_id = str(ask(world, name=name).json()["id"])
    home(world, "POST", f"{ROOT}/{relationship_id}/requests", json={"action": "lockForApproval"})
    control(world, "relationships", id=relationship_id, action="approve")
    return relationship_id


def give(world: World, relationship_id: str, *, roles: tuple[str, ...] = (READERS,)) -> httpx.Response:
    body = {
        "accessContainer": {"accessContainerId": GROUP, "accessContainerType": "securityGroup"},
        "accessDetails": {"unifiedRoles": [{"roleDefinitionId": role} for role in roles]},
    }
    return home(world, "POST", f"{ROOT}/{relationship_id}/accessAssignments", json=body)


class TestReseller:
    def test_an_organization_is_nobodys_before_it_accepts_and_is_listed_after(self, world: World) -> None:
        plant(world, is_customer=False)

        before = world.partner("GET", f"/customers/{STRANGER}")
        listed = world.partner("GET", "/customers").json()["totalCount"]
        control(world, "settings", tenant_id=STRANGER, reseller="accepted")
        after = world.partner("GET", f"/customers/{STRANGER}")

        assert (before.status_code, before.json()["code"]) == (403, 20002)
        assert (listed, world.partner("GET", "/customers").json()["totalCount"]) == (1, 2)
        assert after.json()["companyProfile"]["domain"] == "globex.example"

    def test_customers_are_found_by_the_beginning_of_their_domain(self, world: World) -> None:
        plant(world)
        asked = '{"Field": "Domain", "Value": "GLOBEX", "Operator": "starts_with"}'

        found = world.partner("GET", "/customers", params={"filter": asked}).json()
        wrong = world.partner("GET", "/customers", params={"filter": "globex"})

        assert [each["id"] for each in found["items"]] == [STRANGER]
        assert (wrong.status_code, wrong.json()["code"]) == (400, 3000)

    def test_an_agreement_signed_at_microsoft_opens_the_shop(self, world: World) -> None:
        plant(world, agreement=False)
        path = f"/customers/{STRANGER}/directSignedMicrosoftCustomerAgreementStatus"
        before = world.partner("GET", path).json()

        control(world, "settings", tenant_id=STRANGER, agreement="signed")

        assert (before, world.partner("GET", path).json()) == ({"isSigned": False}, {"isSigned": True})

    @pytest.mark.parametrize(
        ("given", "status", "street"),
        [
            ({}, "VerifiedShippable", "1 Main Street"),
            ({"AddressLine1": "1 main street", "City": "sydney"}, "InteractionRequired", "1 Main Street"),
            ({"AddressLine1": "Main Street"}, "StreetPartial", None),
            ({"PostalCode": "12"}, "None", None),
        ],
    )
    def test_an_address_is_looked_at(
        self, world: World, given: dict[str, str], status: str, street: str | None
    ) -> None:
        address = {
            "AddressLine1": "1 Main Street",
            "City": "Sydney",
            "State": "NSW",
            "PostalCode": "2000",
            "Country": "AU",
        }

        found = world.partner("POST", "/validations/address", json=address | given).json()

        assert found["status"] == status
        assert [each["addressLine1"] for each in found["suggestedAddresses"]] == ([street] if street else [])


class TestDelegatedAccess:
    def test_it_goes_from_created_over_pending_to_active_and_expires(self, world: World) -> None:
        plant(world, needs_relationship=True)
        created = ask(world).json()
        path = f"{ROOT}/{created['id']}"
        states = [created["status"]]
        home(world, "POST", f"{path}/requests", json={"action": "lockForApproval"})
        states.append(home(world, "GET", path).json()["status"])
        control(world, "relationships", id=created["id"], action="approve")
        active = home(world, "GET", path).json()
        world.advance(days=30)

        states += [active["status"], home(world, "GET", path).json()["status"]]

        assert states == ["created", "approvalPending", "active", "expired"]
        assert active["endDateTime"] == "2026-04-09T09:30:00Z"

    def test_one_that_extends_itself_goes_on(self, world: World) -> None:
        relationship_id = ask(world, autoExtendDuration="P180D").json()["id"]
        home(world, "POST", f"{ROOT}/{relationship_id}/requests", json={"action": "lockForApproval"})
        control(world, "relationships", id=relationship_id, action="approve")

        world.advance(days=31)

        found = home(world, "GET", f"{ROOT}/{relationship_id}").json()
        assert (found["status"], found["endDateTime"]) == ("active", "2026-10-06T09:30:00Z")

    def test_a_name_is_taken_once(self, world: World) -> None:
        ask(world)

        assert ask(world).status_code == 409
        assert ask(world, name="perseat 1").status_code == 409
        assert ask(world, name="x" * 51).status_code == 400

    @pytest.mark.parametrize("wrong", [{"duration": "P731D"}, {"duration": "P2Y0"}, {"accessDetails": {}}])
    def test_what_cannot_be_asked_for_is_refused(self, world: World, wrong: dict[str, Any]) -> None:
        assert ask(world, **wrong).status_code == 400

    def test_roles_are_given_to_a_group_of_an_active_relationship_only(self, world: World) -> None:
        early = str(ask(world).json()["id"])

        refused = give(world, early)
        wide = give(world, approved(world, name="Perseat 2"), roles=(READERS, USERS))

        assert (refused.status_code, wide.status_code) == (400, 400)

    def test_the_partners_user_gets_in_by_the_roles_that_its_group_was_given(self, world: World) -> None:
        plant(world, needs_relationship=True)
        before = as_person(world, STRANGER, "GET", "/users")

        relationship_id = approved(world)
        assert give(world, relationship_id).status_code == 201

        user = {"accountEnabled": False, "displayName": "N"}
        assert before.status_code == 403
        assert as_person(world, STRANGER, "GET", "/users").status_code == 200
        assert as_person(world, STRANGER, "POST", "/users", json=user).status_code == 403
        assert give(world, relationship_id).status_code == 409
        control(world, "relationships", id=relationship_id, action="terminate")
        assert as_person(world, STRANGER, "GET", "/users").status_code == 403

    def test_nobody_but_the_partners_user_at_home_sees_relationships(self, world: World) -> None:
        assert world.graph("GET", ROOT).status_code == 403
        assert home(world, "GET", f"{ROOT}/unknown").status_code == 404

    def test_what_cannot_be_done_is_said_to_the_one_who_controls(self, world: World) -> None:
        relationship_id = ask(world).json()["id"]

        early = world.client.post("/control/relationships", json={"id": relationship_id, "action": "approve"})
        unknown = world.client.post("/control/relationships", json={"id": "x", "action": "approve"})

        assert (early.status_code, unknown.status_code) == (400, 400)
        assert "created" in early.json()["error"]


class TestTokens:
    def test_multi_factor_sign_in_can_be_demanded_at_home_or_in_one_tenant(self, world: World) -> None:
        plant(world)
        form = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}
        control(world, "settings", tenant_id=STRANGER, mfa="demanded")

        there = world.ask_token(tenant=STRANGER, audience=GRAPH, **form)
        here = world.ask_token(tenant=PARTNER_TENANT, audience=GRAPH, **form)
        control(world, "settings", mfa="demanded")
        later = world.ask_token(tenant=PARTNER_TENANT, audience=GRAPH, **form)

        assert (there.status_code, there.json()["error_codes"]) == (400, [50076])
        assert (here.status_code, later.status_code) == (200, 400)

    def test_the_application_alone_does_not_get_where_only_delegated_access_leads(self, world: World) -> None:
        plant(world, needs_relationship=True)

        assert world.ask_token(tenant=STRANGER, audience=GRAPH).json()["error_codes"] == [65001]
