"""A tenant of many people: the same for the same seed, and still quick."""

from __future__ import annotations

import httpx
from tests.simulator.world import BASIC_ID

from perseat.simulator.app import Simulator
from perseat.simulator.credentials import CLIENT_ID, CLIENT_SECRET
from perseat.simulator.crowds import DOMAIN, TENANT_ID, crowd


def test_a_crowd_is_the_same_for_the_same_seed() -> None:
    assert crowd(50, seed=1) == crowd(50, seed=1)
    assert crowd(50, seed=1) != crowd(50, seed=2)


def test_a_crowd_is_counted_searched_and_read_page_by_page() -> None:
    simulator = Simulator()
    simulator.plant(crowd(2_500, seed=4))
    with httpx.Client(transport=httpx.WSGITransport(simulator), base_url="http://simulator.test") as client:
        form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials"}
        scope = {"scope": "https://graph.microsoft.com/.default"}
        token = client.post(f"/{TENANT_ID}/oauth2/v2.0/token", data={**form, **scope}).json()["access_token"]
        client.headers.update({"Authorization": f"Bearer {token}", "ConsistencyLevel": "eventual"})

        pages, found = 0, []
        address = "/v1.0/users?$top=999&$select=id,assignedLicenses"
        while address:
            page = client.get(address).json()
            found += page["value"]
            pages, address = pages + 1, page.get("@odata.nextLink", "")
        rows = client.get("/v1.0/subscribedSkus").json()["value"]
        searched = client.get("/v1.0/users", params={"$search": '"displayName:ada"', "$count": "true", "$top": "5"})
        sorted_page = client.get("/v1.0/users", params={"$orderby": "userPrincipalName desc", "$top": "1"}).json()

    holders = sum({"skuId": BASIC_ID, "disabledPlans": []} in each["assignedLicenses"] for each in found)
    [basic] = [row for row in rows if row["skuId"] == BASIC_ID]
    assert (pages, len({each["id"] for each in found})) == (3, 2_500)
    assert basic["consumedUnits"] == basic["prepaidUnits"]["enabled"] == holders
    assert searched.json()["@odata.count"] > len(searched.json()["value"]) == 5
    assert sorted_page["value"][0]["userPrincipalName"] == f"person9@{DOMAIN}"
