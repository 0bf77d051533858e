from __future__ import annotations

import datetime
import threading
import uuid
from pathlib import Path
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import httpx
import pytest
from tests.simulator.world import ACME, BASIC, BASIC_ID, DOMAIN, World

from perseat.simulator.app import Simulator
from perseat.simulator.clock import SimulatorClock
from perseat.simulator.faulty_transport import FaultyTransport
from perseat.simulator.persistence import load_store
from perseat.simulator.seeds import SeedSubscription, SeedUser


def arm(world: World, kind: str, *, method: str = "", path: str = "", **extra: object) -> None:
    body = {"kind": kind, "match": {"method": method, "path_regex": path}, **extra}
    assert world.client.post("/control/faults", json=body).status_code == 200


@pytest.mark.parametrize(("kind", "status"), [("500_before", 500), ("503", 503), ("drop_before", 504)])
def test_a_call_can_fail_before_it_is_done(world: World, kind: str, status: int) -> None:
    cart = world.cart(BASIC, quantity=1)
    arm(world, kind, method="POST", path="/checkout$")

    failed = world.check_out(cart)

    assert failed.status_code == status
    assert world.simulator.subscriptions(ACME) == []
    assert world.check_out(cart).status_code == 201


@pytest.mark.parametrize(("kind", "status"), [("500_after", 500), ("drop_after", 504)])
def test_a_call_can_be_done_and_its_answer_lost(world: World, kind: str, status: int) -> None:
    cart = world.cart(BASIC, quantity=1)
    request_id = {"MS-RequestId": str(uuid.uuid4())}
    arm(world, kind, method="POST", path="/checkout$")

    failed = world.check_out(cart, **request_id)

    assert failed.status_code == status
    assert len(world.simulator.subscriptions(ACME)) == 1
    again = world.check_out(cart, **request_id)
    assert again.status_code == 201
    assert len(world.simulator.subscriptions(ACME)) == 1
    logged = [(call.was_done, call.was_repeated) for call in world.simulator.calls if call.path.endswith("/checkout")]
    assert logged == [(True, False), (False, True)]


def test_both_apis_throttle_in_their_own_words(world: World) -> None:
    arm(world, "429", path="/subscriptions$", retry_after=57)
    arm(world, "429", path="/v1.0/users", retry_after=10)

    partner, graph = world.acme("GET", "/subscriptions"), world.graph("GET", "/users")

    assert (partner.status_code, partner.headers["Retry-After"]) == (429, "57")
    assert partner.json() == {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds."}
    assert (graph.status_code, graph.headers["Retry-After"]) == (429, "10")
    assert graph.json()["error"]["code"] == "TooManyRequests"
    assert "x-ms-throttle-information" in graph.headers


def test_a_fault_strikes_as_often_as_it_was_told_and_not_before(world: World) -> None:
    arm(world, "503", path="/subscriptions$", times=2, after=1)

    statuses = [world.acme("GET", "/subscriptions").status_code for _ in range(4)]

    assert statuses == [200, 503, 503, 200]


def test_any_refusal_can_be_ordered(world: World) -> None:
    body = {"code": 800060, "description": "Your order is in progress.", "data": [], "source": "PartnerFD"}
    arm(world, "error", path="/checkout$", answer={"status": 409, "body": body})

    answer = world.check_out(world.cart(BASIC, quantity=1))

    assert (answer.status_code, answer.json()["code"]) == (409, 800060)


def test_a_slow_call_lets_others_pass(world: World) -> None:
    arm(world, "slow", path="/organization", seconds=2)
    token = world.ask_token(tenant=ACME, audience="https://graph.microsoft.com").json()["access_token"]
    headers, finished = {"Authorization": f"Bearer {token}"}, []

    def ask(path: str) -> None:
        with httpx.Client(transport=httpx.WSGITransport(world.simulator), base_url="http://simulator.test") as client:
            finished.append((path, client.get(path, headers=headers).status_code))

    slow = threading.Thread(target=ask, args=("/v1.0/organization",))
    slow.start()
    while world.simulator.faults.armed():
        pass
    ask("/v1.0/domains")
    slow.join()

    assert finished == [("/v1.0/domains", 200), ("/v1.0/organization", 200)]


def test_a_wrong_fault_is_refused_with_a_sentence(world: World) -> None:
    unknown = world.client.post("/control/faults", json={"kind": "earthquake"})
    negative = world.client.post("/control/faults", json={"kind": "503", "times": -1})

    assert (unknown.status_code, negative.status_code) == (400, 400)
    assert "earthquake" in unknown.json()["error"]
    assert "`times`" in negative.json()["error"]


def test_a_line_can_lose_the_request_or_the_answer(world: World) -> None:
    faulty = FaultyTransport(httpx.WSGITransport(world.simulator))
    cart = world.cart(BASIC, quantity=1)
    with httpx.Client(transport=faulty, base_url="http://simulator.test") as client:
        broken = World(simulator=world.simulator, clock=world.clock, client=client)
        faulty.lose_request(method="POST", path="/checkout$")

        with pytest.raises(httpx.ReadTimeout):
            broken.check_out(cart)

        assert world.simulator.subscriptions(ACME) == []
        faulty.lose_answer(method="POST", path="/checkout$")
        with pytest.raises(httpx.ReadTimeout):
            broken.check_out(cart)
        assert len(world.simulator.subscriptions(ACME)) == 1
        assert broken.check_out(cart).status_code == 201
        assert len(world.simulator.subscriptions(ACME)) == 1


def test_everything_is_kept_over_a_restart(tmp_path: Path, world: World) -> None:
    path = tmp_path / "simulator.json"
    clock = SimulatorClock(datetime.datetime(2026, 3, 10, 9, 30, tzinfo=datetime.UTC))
    first = Simulator(state_path=path, clock=clock)
    first.seed_tenant(
        tenant_id=ACME,
        company="Acme",
        domain=DOMAIN,
        country="AU",
        agreement=True,
        users=[SeedUser(user_principal_name=f"ann@{DOMAIN}", display_name="Ann", usage_location="AU")],
        subscriptions=[SeedSubscription(sku=BASIC, quantity=3, term="P1Y")],
    )
    request_id = {"MS-RequestId": str(uuid.uuid4())}
    with httpx.Client(transport=httpx.WSGITransport(first), base_url="http://simulator.test") as client:
        before = World(simulator=first, clock=clock, client=client)
        cart = before.cart(BASIC, quantity=4)
        bought = before.check_out(cart, **request_id).json()
        before.assign(f"ann@{DOMAIN}", add=(BASIC_ID,))
        seeded = first.subscriptions(ACME)[0]
        before.change(seeded.id, scheduledNextTermInstructions={"quantity": 2})
    first.close()

    second = Simulator(state_path=path)
    second.seed_tenant(tenant_id=ACME, company="Other", domain=DOMAIN, country="AU", agreement=False)

    assert second.clock.now() == clock.now()
    assert second.store == load_store(path)
    assert second.users(ACME) == first.users(ACME)
    assert second.subscriptions(ACME) == first.subscriptions(ACME)
    planned = second.subscriptions(ACME)[0].next_term
    assert planned is not None
    assert planned.quantity == 2
    with httpx.Client(transport=httpx.WSGITransport(second), base_url="http://simulator.test") as client:
        after = World(simulator=second, clock=second.clock, client=client)
        assert after.check_out(cart, **request_id).json() == bought
        assert after.seats_in_directory(BASIC_ID) == 7


def test_a_state_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "simulator.json"
    path.write_text('{"tenants": {"x": {"nothing": 1}}}', encoding="utf-8")

    with pytest.raises(ValueError, match="holds no state of this simulator"):
        Simulator(state_path=path)


def test_a_seeded_subscription_of_last_year_has_renewed_since(world: World) -> None:
    tenant = "5c1b2f6e-52c1-4a40-8f4e-1f4f8f0c2d11"
    old = SeedSubscription(sku="SPB", quantity=2, term="P1Y", purchased_at="2024-06-01T00:00:00Z")

    world.simulator.seed_tenant(
        tenant_id=tenant, company="Old", domain="old.example", country="DE", agreement=True, subscriptions=[old]
    )

    assert world.simulator.subscriptions(tenant)[0].end_date == datetime.date(2026, 5, 31)


def test_the_clock_is_moved_from_outside(world: World) -> None:
    moved = world.client.post("/control/clock", json={"advance_seconds": 3600}).json()
    frozen = world.client.post("/control/clock", json={"freeze": "2027-01-01T00:00:00Z"}).json()
    set_to = world.client.post("/control/clock", json={"set": "2028-01-01T00:00:00Z"}).json()
    wrong = world.client.post("/control/clock", json={"set": "tomorrow"})

    assert moved == {"now": "2026-03-10T10:30:00Z", "frozen": True}
    assert frozen == {"now": "2027-01-01T00:00:00Z", "frozen": True}
    assert set_to["now"].startswith("2028-01-01T00:00:")
    assert set_to["frozen"] is False
    assert (wrong.status_code, "tomorrow" in wrong.json()["error"]) == (400, True)


def test_customers_are_planted_and_everything_is_seen_and_forgotten_from_outside(world: World) -> None:
    body = {
        "tenant_id": "5c1b2f6e-52c1-4a40-8f4e-1f4f8f0c2d11",
        "company": "Umbrella",
        "domain": "umbrella.example",
        "country": "AU",
        "users": [{"user_principal_name": "zoe@umbrella.example", "display_name": "Zoe", "licenses": [BASIC]}],
        "subscriptions": [{"sku": BASIC, "quantity": 2, "term": "P1Y"}],
    }

    added = [world.client.post("/control/tenants", json=body).json()["added"] for _ in range(2)]
    state = world.client.get("/control/state").json()

    assert added == [True, False]
    assert [tenant["company"] for tenant in state["tenants"]] == ["Acme", "Umbrella"]
    assert state["tenants"][1]["subscriptions"][0]["quantity"] == 2
    world.acme("GET", "/subscriptions")
    assert world.client.get("/control/calls").json()["calls"][-1]["path"].endswith("/subscriptions")
    world.client.post("/control/reset")
    assert world.client.get("/control/state").json()["tenants"] == []


def test_a_seed_that_makes_no_sense_is_refused(world: World) -> None:
    body = {"tenant_id": str(uuid.uuid4()), "company": "X", "domain": "x.example", "country": "XX"}

    answer = world.client.post("/control/tenants", json=body)

    assert (answer.status_code, "'XX'" in answer.json()["error"]) == (400, True)


def test_the_control_address_answers_this_machine_only(world: World) -> None:
    environ: dict[str, object] = {"REMOTE_ADDR": "192.0.2.1", "PATH_INFO": "/control/state"}
    setup_testing_defaults(environ)
    seen = []

    world.simulator(environ, lambda status, _headers, *_: seen.append(status))  # type: ignore[arg-type]

    assert seen == ["403 Forbidden"]


def test_nothing_is_lost_when_many_buy_at_once(world: World) -> None:
    item = world.item(BASIC)

    def buy_twice() -> None:
        with httpx.Client(transport=httpx.WSGITransport(world.simulator), base_url="http://simulator.test") as client:
            mine = World(simulator=world.simulator, clock=world.clock, client=client)
            for _ in range(2):
                line = {"catalogItemId": item, "quantity": 20, "termDuration": "P1M", "billingCycle": "monthly"}
                mine.check_out(mine.acme("POST", "/carts", json={"lineItems": [line]}).json())

    threads = [threading.Thread(target=buy_twice) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(one.quantity for one in world.simulator.subscriptions(ACME)) == 300
    assert world.seats_in_directory(BASIC_ID) == 300


def test_the_program_keeps_the_rules_of_its_server(world: World) -> None:
    checked = validator(world.simulator)  # raises AssertionError at the first breach
    with httpx.Client(transport=httpx.WSGITransport(checked), base_url="http://simulator.test") as client:
        strict = World(simulator=world.simulator, clock=world.clock, client=client)

        assert strict.partner("HEAD", "/domains/free.onmicrosoft.com").status_code == 404
        assert strict.graph("DELETE", f"/users/{strict.add_user('ann')}").status_code == 204
        assert strict.graph("GET", f"/users/zoë@{DOMAIN}").status_code == 404
