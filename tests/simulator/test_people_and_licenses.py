from __future__ import annotations

import pytest
from tests.simulator.world import (
    ACME,
    BASIC,
    BASIC_ID,
    DOMAIN,
    EXCHANGE_1_ID,
    EXCHANGE_2_ID,
    STANDARD,
    STANDARD_ID,
    World,
)

from perseat.simulator.seeds import SeedSubscription, SeedUser

OFFICE_FOR_WEB, SHAREPOINT = "e95bec33-7c88-4a70-8e19-b10bd9d0c014", "c7699d2e-19aa-44de-8edf-1736da088ca1"


def test_a_license_takes_a_seat_and_removing_it_gives_the_seat_back(world: World) -> None:
    world.buy(BASIC, quantity=1)
    ann, ben = world.add_user("ann"), world.add_user("ben")

    assigned = world.assign(ann, add=(BASIC_ID,))
    refused = world.assign(ben, add=(BASIC_ID,))
    world.assign(ann, remove=(BASIC_ID,))

    assert assigned.status_code == 200
    assert assigned.json()["assignedLicenses"] == [{"disabledPlans": [], "skuId": BASIC_ID}]
    message = f"Subscription with SKU {BASIC_ID} does not have any available licenses."
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, message)
    assert world.assign(ben, add=(BASIC_ID,)).status_code == 200


def test_one_call_switches_from_one_license_to_another(world: World) -> None:
    world.buy(BASIC, quantity=1)
    world.buy(STANDARD, quantity=1)
    ann = world.add_user("ann")
    world.assign(ann, add=(BASIC_ID,))

    switched = world.assign(ann, add=(STANDARD_ID,), remove=(BASIC_ID,))

    assert [one["skuId"] for one in switched.json()["assignedLicenses"]] == [STANDARD_ID]


def test_a_refused_switch_takes_nothing_away(world: World) -> None:
    world.buy(BASIC, quantity=1)
    ann = world.add_user("ann")
    world.assign(ann, add=(BASIC_ID,))

    refused = world.assign(ann, add=(STANDARD_ID,), remove=(BASIC_ID,))

    assert (
        refused.json()["error"]["message"] == f"License {STANDARD_ID} does not correspond to a valid company License."
    )
    assert world.simulator.users(ACME)[0].licenses[0].sku_id == BASIC_ID


def test_the_sentences_of_a_refused_assignment(world: World) -> None:
    world.buy(BASIC, quantity=5)
    world.buy("CFQ7TTC0LH1P:0001", quantity=5)
    nowhere, ann = world.add_user("nowhere", usage_location=None), world.add_user("ann")
    world.assign(ann, add=(BASIC_ID,))

    def message(answer: object) -> str:
        return str(answer.json()["error"]["message"])  # type: ignore[attr-defined]

    no_location = "License assignment cannot be done for user with invalid usage location."
    assert message(world.assign(nowhere, add=(BASIC_ID,))) == no_location
    assert "are mutually exclusive." in message(world.assign(ann, add=(EXCHANGE_2_ID,)))
    assert message(world.assign(ann, remove=(EXCHANGE_1_ID,))) == "User does not have a corresponding license."
    half = world.graph("POST", f"/users/{ann}/assignLicense", json={"addLicenses": []})
    assert message(half).endswith("The missing parameters are: removeLicenses.")
    without = {"skuId": BASIC_ID, "disabledPlans": [SHAREPOINT]}
    depends = world.graph("POST", f"/users/{ann}/assignLicense", json={"addLicenses": [without], "removeLicenses": []})
    assert message(depends) == (
        f"License assignment failed because service plan {OFFICE_FOR_WEB} depends on the service plan(s) {SHAREPOINT}"
    )


def test_an_inherited_license_is_not_removed_from_the_person(world: World) -> None:
    tenant = "5c1b2f6e-52c1-4a40-8f4e-1f4f8f0c2d11"
    world.simulator.seed_tenant(
        tenant_id=tenant,
        company="Grouped",
        domain="grouped.example",
        country="AU",
        agreement=True,
        users=[SeedUser(user_principal_name="ann@grouped.example", display_name="Ann", group_licenses=(BASIC,))],
        subscriptions=[SeedSubscription(sku=BASIC, quantity=1)],
    )
    token = world.ask_token(tenant=tenant, audience="https://graph.microsoft.com").json()["access_token"]

    answer = world.client.post(
        "/v1.0/users/ann@grouped.example/assignLicense",
        headers={"Authorization": f"Bearer {token}"},
        json={"addLicenses": [], "removeLicenses": [BASIC_ID]},
    )

    assert answer.json()["error"]["message"].startswith("User license is inherited from a group membership")


def test_assigning_again_replaces_the_switched_off_plans(world: World) -> None:
    world.buy(BASIC, quantity=1)
    ann = world.add_user("ann")
    world.assign(ann, add=(BASIC_ID,))
    teams = "57ff2da0-773e-42df-b2af-ffb7a2317929"
    body = {"addLicenses": [{"skuId": BASIC_ID, "disabledPlans": [teams]}], "removeLicenses": []}

    world.graph("POST", f"/users/{ann}/assignLicense", json=body)

    details = world.graph("GET", f"/users/{ann}/licenseDetails").json()["value"]
    states = {plan["servicePlanId"]: plan["provisioningStatus"] for plan in details[0]["servicePlans"]}
    assert (len(states), states[teams]) == (13, "Disabled")
    assert world.graph("GET", "/subscribedSkus").json()["value"][0]["consumedUnits"] == 1


def test_taking_seats_away_leaves_people_their_licenses(world: World) -> None:
    subscription_id = world.buy(BASIC, quantity=2)
    for name in ("ann", "ben"):
        world.assign(world.add_user(name), add=(BASIC_ID,))

    world.change(subscription_id, quantity=1)

    row = world.graph("GET", "/subscribedSkus").json()["value"][0]
    assert (row["consumedUnits"], row["prepaidUnits"]["enabled"]) == (2, 1)


def test_a_deleted_person_frees_the_seat_and_gets_it_back_only_if_it_is_free(world: World) -> None:
    world.buy(BASIC, quantity=1)
    ann, ben = world.add_user("ann"), world.add_user("ben")
    world.assign(ann, add=(BASIC_ID,))

    deleted = world.graph("DELETE", f"/users/{ann}")
    world.assign(ben, add=(BASIC_ID,))
    restored = world.graph("POST", f"/directory/deletedItems/{ann}/restore")

    assert (deleted.status_code, restored.status_code) == (204, 200)
    assert world.graph("GET", f"/users/{ann}/licenseDetails").json()["value"] == []


def test_a_name_can_be_taken_once_and_only_in_a_verified_domain(world: World) -> None:
    world.add_user("ann")
    body = {
        "accountEnabled": True,
        "displayName": "Ann",
        "mailNickname": "ann",
        "userPrincipalName": f"Ann@{DOMAIN}",
        "passwordProfile": {"password": "xWwvJ]6NMw+bWH-d"},
    }

    twice = world.graph("POST", "/users", json=body)
    foreign = world.graph("POST", "/users", json={**body, "userPrincipalName": "ann@elsewhere.example"})
    bare = world.graph("POST", "/users", json={**body, "passwordProfile": {}})

    assert twice.json()["error"]["details"][0]["code"] == "ObjectConflict"
    assert (foreign.status_code, bare.status_code) == (400, 400)
    assert len(world.simulator.users(ACME)) == 1


def test_a_person_is_read_changed_and_found_by_name(world: World) -> None:
    ann = world.add_user("ann", jobTitle="Clerk")

    changed = world.graph("PATCH", f"/users/ann@{DOMAIN}", json={"displayName": "Ann Archer", "usageLocation": "NZ"})
    read = world.graph("GET", f"/users/ANN@{DOMAIN}?$select=id,displayName,usageLocation,jobTitle")

    assert changed.status_code == 204
    body = {name: value for name, value in read.json().items() if not name.startswith("@")}
    assert body == {"id": ann, "displayName": "Ann Archer", "usageLocation": "NZ", "jobTitle": "Clerk"}
    assert "usageLocation" not in world.graph("GET", f"/users/{ann}").json()
    assert world.graph("POST", f"/users/{ann}/revokeSignInSessions").json()["value"] is True
    missing = world.graph("GET", "/users/nobody@acme.onmicrosoft.com")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "Request_ResourceNotFound")


def test_a_long_list_comes_in_pages(world: World) -> None:
    for number in range(5):
        world.add_user(f"user{number}")
    path, names = "/users?$select=displayName&$top=2", []

    while path:
        page = world.graph("GET", path).json()
        names.append([row["displayName"] for row in page["value"]])
        path = page.get("@odata.nextLink", "").removeprefix("http://simulator.test/v1.0")

    assert names == [["User0", "User1"], ["User2", "User3"], ["User4"]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("$filter=startswith(displayName,'a')", ["Ann"]),
        (f"$filter=userPrincipalName eq 'ben@{DOMAIN}'", ["Ben"]),
        (f"$filter=assignedLicenses/any(x:x/skuId eq {BASIC_ID})", ["Ann"]),
        ("$filter=displayName eq 'Ann' or displayName eq 'Cid and Co'", ["Ann", "Cid and Co"]),
        ("$filter=accountEnabled eq true and startsWith(displayName,'b')", ["Ben"]),
        ("$orderby=displayName desc", ["Cid and Co", "Ben", "Ann"]),
    ],
)
def test_a_list_can_be_narrowed(world: World, query: str, names: list[str]) -> None:
    _cast(world)

    rows = world.graph("GET", f"/users?$select=displayName&{query}").json()["value"]

    assert [row["displayName"] for row in rows] == names


def test_searching_and_counting_need_the_eventual_header(world: World) -> None:
    _cast(world)
    eventual = {"ConsistencyLevel": "eventual"}
    search, counted = (
        '/users?$search="displayName:co"&$count=true',
        "/users?$filter=assignedLicenses/$count ne 0&$count=true",
    )

    found = world.graph("GET", search, headers=eventual).json()
    holders = world.graph("GET", counted, headers=eventual).json()

    assert (found["@odata.count"], found["value"][0]["displayName"]) == (1, "Cid and Co")
    assert (holders["@odata.count"], holders["value"][0]["displayName"]) == (1, "Ann")
    assert world.graph("GET", search).status_code == 400
    assert world.graph("GET", counted).json()["error"]["code"] == "Request_UnsupportedQuery"


def test_a_filter_that_is_not_understood_is_refused(world: World) -> None:
    assert world.graph("GET", "/users?$filter=endsWith(mail,'x')").status_code == 400
    assert world.graph("GET", "/users?$filter=shoeSize eq 'x'").status_code == 400


def test_changes_of_people_are_told_once(world: World) -> None:
    ann, ben = world.add_user("ann"), world.add_user("ben")
    first = world.graph("GET", "/users/delta?$select=displayName").json()
    link = first["@odata.deltaLink"].removeprefix("http://simulator.test/v1.0")
    assert [row["displayName"] for row in first["value"]] == ["Ann", "Ben"]

    world.graph("PATCH", f"/users/{ben}", json={"displayName": "Benjamin"})
    world.graph("DELETE", f"/users/{ann}")

    second = world.graph("GET", link).json()
    assert second["value"] == [
        {"displayName": "Benjamin", "id": ben},
        {"id": ann, "@removed": {"reason": "changed"}},
    ]
    third = world.graph("GET", second["@odata.deltaLink"].removeprefix("http://simulator.test/v1.0")).json()
    assert third["value"] == []
    world.advance(days=7)
    assert world.graph("GET", link).status_code == 410


def test_somebody_deleted_between_two_pages_is_told_as_removed(world: World) -> None:
    people = [world.add_user(f"user{number}") for number in range(101)]
    first = world.graph("GET", "/users/delta").json()

    world.graph("DELETE", f"/users/{people[0]}")
    second = world.graph("GET", first["@odata.nextLink"].removeprefix("http://simulator.test/v1.0")).json()

    assert len(first["value"]) == 100
    assert second["value"][-1] == {"id": people[0], "@removed": {"reason": "changed"}}
    assert "@odata.deltaLink" in second


def test_a_batch_answers_each_part_and_skips_what_depends_on_a_failure(world: World) -> None:
    world.buy(BASIC, quantity=1)
    ann, ben = world.add_user("ann", usage_location=None), world.add_user("ben")
    json_headers = {"Content-Type": "application/json"}
    add = {"addLicenses": [{"skuId": BASIC_ID}], "removeLicenses": []}

    def part(name: str, method: str, url: str, **extra: object) -> dict[str, object]:
        return {"id": name, "method": method, "url": url, "headers": json_headers, **extra}

    parts = [
        part("1", "PATCH", f"/users/{ann}", body={"usageLocation": "AU"}),
        part("2", "POST", f"/users/{ann}/assignLicense", body=add, dependsOn=["1"]),
        part("3", "POST", f"/users/{ben}/assignLicense", body=add),
        part("4", "GET", f"/users/{ben}", dependsOn=["3"]),
    ]
    answer = world.graph("POST", "/$batch", json={"requests": parts})

    statuses = {one["id"]: one["status"] for one in answer.json()["responses"]}
    assert (answer.status_code, statuses) == (200, {"1": 204, "2": 200, "3": 400, "4": 424})


def test_a_batch_holds_twenty_at_most(world: World) -> None:
    parts = [{"id": str(number), "method": "GET", "url": "/users"} for number in range(21)]

    assert world.graph("POST", "/$batch", json={"requests": parts}).status_code == 400
    assert world.graph("POST", "/$batch", json={"requests": parts[:20]}).status_code == 200


def test_one_part_of_a_batch_can_be_throttled_alone(world: World) -> None:
    world.client.post(
        "/control/faults", json={"kind": "429", "match": {"path_prefix": "/v1.0/users"}, "retry_after": 7}
    )
    parts = [{"id": str(number), "method": "GET", "url": "/users"} for number in range(2)]

    responses = world.graph("POST", "/$batch", json={"requests": parts}).json()["responses"]

    by_id = {one["id"]: one for one in responses}
    assert (by_id["0"]["status"], by_id["0"]["headers"]["Retry-After"], by_id["1"]["status"]) == (429, "7", 200)


def test_the_organization_and_its_domains_are_told(world: World) -> None:
    organization = world.graph("GET", "/organization").json()["value"][0]
    domains = world.graph("GET", "/domains").json()["value"]

    assert (organization["displayName"], organization["countryLetterCode"]) == ("Acme", "AU")
    assert [(row["id"], row["isVerified"], row["authenticationType"]) for row in domains] == [(DOMAIN, True, "Managed")]


def _cast(world: World) -> None:
    world.buy(BASIC, quantity=1)
    world.assign(world.add_user("ann"), add=(BASIC_ID,))
    world.add_user("ben")
    world.add_user("cid", displayName="Cid and Co")
