"""How much may be asked in a time: Microsoft's documented budgets, by the simulator's clock."""

from __future__ import annotations

import datetime

import pytest
from tests.simulator.world import ACME, World

from perseat.simulator.budgets import Budgets, resource_units, units_for
from perseat.simulator.messages import Request

NOW = datetime.datetime(2026, 3, 10, 9, 30, tzinfo=datetime.UTC)


def request(method: str = "GET", path: str = "/v1.0/users", **query: str) -> Request:
    named = {f"${name}": value for name, value in query.items()}
    return Request(method=method, path=path, query=named, headers={}, body=b"", base_url="http://x")


@pytest.mark.parametrize(
    ("asked", "units"),
    [
        (request(), 2),
        (request(select="id"), 1),
        (request(select="id", top="5"), 1),
        (request(expand="manager"), 3),
        (request(path="/v1.0/subscribedSkus"), 3),
        (request(path="/v1.0/users/1/licenseDetails"), 2),
        (request(path="/v1.0/groups/1/members"), 3),
        (request(path="/v1.0/organization"), 1),
        (request("POST", "/v1.0/users/1/assignLicense"), 1),
    ],
)
def test_each_call_costs_what_is_documented(asked: Request, units: int) -> None:
    assert resource_units(asked) == units


def test_a_larger_tenant_has_a_larger_budget() -> None:
    assert [units_for(users) for users in (0, 49, 50, 500, 501)] == [3500, 3500, 5000, 5000, 8000]


def spend(budgets: Budgets, asked: Request, *, times: int, at: datetime.datetime = NOW) -> int:
    """How many of the calls were let through before one was refused."""
    for done in range(times):
        if budgets.spend_at_graph(asked, tenant_id=ACME, users=10, now=at).retry_after:
            return done
    return times


def test_a_small_tenant_gives_3500_units_in_ten_seconds_and_fills_up_again() -> None:
    budgets = Budgets()

    let_through = spend(budgets, request(), times=2000)
    refused = budgets.spend_at_graph(request(), tenant_id=ACME, users=10, now=NOW)
    later = spend(budgets, request(), times=2000, at=NOW + datetime.timedelta(seconds=2))

    assert let_through == 1750
    assert (refused.retry_after, refused.information) == (1, "ResourceUnitLimitExceeded")
    assert later == 350


def test_writes_have_a_budget_of_their_own() -> None:
    budgets, seconds = Budgets(), datetime.timedelta(seconds=1)
    write = request("POST", "/v1.0/users/1/assignLicense")

    done = [spend(budgets, write, times=1000, at=NOW + number * seconds * 5) for number in range(4)]
    refused = budgets.spend_at_graph(write, tenant_id=ACME, users=10, now=NOW + seconds * 15)
    told = budgets.spend_at_graph(request(), tenant_id=ACME, users=10, now=NOW + seconds * 15)

    assert sum(done) == 3300  # 3,000 in two and a half minutes, and twenty more in each second
    assert (refused.retry_after, refused.information) == (1, "WriteLimitExceeded")
    assert told.retry_after == 0


def test_another_tenant_has_its_own() -> None:
    budgets = Budgets()
    spend(budgets, request(), times=2000)

    assert budgets.spend_at_graph(request(), tenant_id="other", users=10, now=NOW).retry_after == 0


def test_every_answer_tells_its_cost_and_a_refused_one_when_to_come_back(world: World) -> None:
    world.simulator.store.budgets.spend_at_graph(request(), tenant_id=ACME, users=0, now=world.clock.now())
    usual = world.graph("GET", "/users")
    spend(world.simulator.store.budgets, request(), times=2000, at=world.clock.now())
    refused = world.graph("GET", "/users")
    world.advance(seconds=10)

    assert usual.headers["x-ms-resource-unit"] == "2"
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.headers["x-ms-throttle-scope"] == f"Tenant_Application/ReadWrite/simulator/{ACME}"
    assert world.graph("GET", "/users").status_code == 200


def test_a_budget_that_is_nearly_used_is_told_of(world: World) -> None:
    spend(world.simulator.store.budgets, request(), times=1500, at=world.clock.now())

    assert world.graph("GET", "/users").headers["x-ms-throttle-limit-percentage"] == "0.86"


def test_a_part_of_a_batch_is_refused_on_its_own(world: World) -> None:
    parts = [{"id": str(number), "method": "GET", "url": "/users"} for number in range(3)]
    spend(world.simulator.store.budgets, request(), times=1748, at=world.clock.now())

    answer = world.graph("POST", "/$batch", json={"requests": parts})

    assert sorted(each["status"] for each in answer.json()["responses"]) == [200, 200, 429]


def test_subscriptions_may_be_asked_about_500_times_a_minute(world: World) -> None:
    asked = request(path=f"/v1/customers/{ACME}/subscriptions")
    for _ in range(500):
        world.simulator.store.budgets.spend_at_partner_center(asked, now=world.clock.now())

    refused, other = world.acme("GET", "/subscriptions"), world.acme("GET", "/orders")
    world.advance(minutes=1)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.json()["statusCode"] == 429
    assert other.status_code == 200
    assert world.acme("GET", "/subscriptions").status_code == 200
