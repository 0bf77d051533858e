"""Misbehavior by chance: from a seed, in every way, and told on the command line or at the control address."""

from __future__ import annotations

import datetime
import threading
import uuid
from collections import Counter

import httpx
import pytest
from tests.simulator.world import ACME, BASIC, BASIC_ID, DOMAIN, STANDARD_ID, World

from perseat.simulator.chances import Chances, read_percents
from perseat.simulator.credentials import PARTNER_TENANT, REFRESH_TOKEN

USERS = ("GET", "/v1.0/users")
CHECKOUT = ("POST", f"/v1/customers/{ACME}/carts/1/checkout")


def draws(chances: Chances, *, calls: int, about: str = "", what: tuple[str, str] = USERS) -> list[str]:
    drawn = (chances.draw(method=what[0], path=what[1], about=about) for _ in range(calls))
    return ["" if each is None else f"{each.kind} {each.seconds}" for each in drawn]


def arm(world: World, kind: str, *, method: str = "", path: str = "", **extra: object) -> None:
    body = {"kind": kind, "match": {"method": method, "path_regex": path}, **extra}
    assert world.client.post("/control/faults", json=body).status_code == 200


def test_the_same_seed_draws_the_same_whatever_other_tenants_ask_in_between() -> None:
    alone, among_others, other_seed = (Chances(seed=seed, percents={"all": 50.0}) for seed in (7, 7, 8))

    first = draws(alone, calls=50, about="one")
    second = []
    for _ in range(50):
        second += draws(among_others, calls=1, about="one")
        draws(among_others, calls=3, about="two")

    assert first == second
    assert first != draws(other_seed, calls=50, about="one")


def test_ids_that_are_made_anew_in_each_run_do_not_change_the_draw() -> None:
    runs = []
    for cart in ("b1", "c2"):
        what = ("POST", f"/v1/customers/{ACME}/carts/{cart}/checkout")
        runs.append(draws(Chances(seed=3, percents={"all": 60.0}), calls=20, what=what))

    assert runs[0] == runs[1]


def test_a_fifth_of_all_calls_is_struck_by_every_kind_that_fits() -> None:
    chances = Chances(seed=1, percents=read_percents({"all": 20}))

    reads, purchases = draws(chances, calls=3000), draws(chances, calls=3000, what=CHECKOUT)

    assert 0.17 < sum(map(bool, reads)) / 3000 < 0.23
    assert 0.17 < sum(map(bool, purchases)) / 3000 < 0.23
    kinds = Counter(each.partition(" ")[0] for each in reads if each)
    assert "late" not in kinds, "a read that arrives late is nothing"
    assert {"429", "503", "timeout_before", "timeout_after", "duplicate", "token_expired"} <= set(kinds)
    assert {"late", "seats_show_late"} <= {each.partition(" ")[0] for each in purchases}


@pytest.mark.parametrize(
    ("given", "word"), [({"earthquake": 1}, "earthquake"), ({"429": "many"}, "many"), ({"all": 60, "429": 50}, "100")]
)
def test_percentages_that_cannot_be_are_refused_with_a_sentence(given: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        read_percents(given)


def test_chances_are_set_and_counted_from_outside(world: World) -> None:
    world.client.post("/control/chances", json={"seed": 5, "percents": {"503": 100}})
    struck = world.client.get(f"/v1/customers/{ACME}")
    told = world.client.get("/control/chances").json()
    world.client.request("DELETE", "/control/faults")
    wrong = world.client.post("/control/chances", json={"percents": {"429": 101}})

    assert struck.status_code == 503
    assert told == {"seed": 5, "percents": {"503": 100.0}, "drawn": {"503": 1}}
    assert world.acme("GET", "").status_code == 200
    assert (wrong.status_code, "101" in wrong.json()["error"]) == (400, True)


def test_a_call_that_arrives_twice_has_one_effect_when_it_may_be_repeated(world: World) -> None:
    cart = world.cart(BASIC, quantity=2)
    arm(world, "duplicate", method="POST", path="/checkout$")

    answer = world.check_out(cart)

    assert answer.status_code == 201
    assert [each.quantity for each in world.simulator.subscriptions(ACME)] == [2]


def test_a_late_call_is_acted_upon_after_its_time(world: World) -> None:
    cart = world.cart(BASIC, quantity=2)
    arm(world, "late", method="POST", path="/checkout$", seconds=60)

    answer = world.check_out(cart, **{"MS-RequestId": str(uuid.uuid4())})
    before = world.simulator.subscriptions(ACME)
    world.advance(seconds=61)
    world.acme("GET", "")

    assert (answer.status_code, before) == (504, [])
    assert [each.quantity for each in world.simulator.subscriptions(ACME)] == [2]


def test_somebody_else_can_change_a_subscription_just_before_us(world: World) -> None:
    subscription = world.subscription(world.buy(BASIC, quantity=2))
    arm(world, "stale_etag", method="PATCH")
    headers = {"If-Match": subscription["attributes"]["etag"]}
    path = f"/subscriptions/{subscription['id']}"

    answer = world.acme("PATCH", path, json={**subscription, "quantity": 5}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, 2055)
    assert world.subscription(subscription["id"])["quantity"] == 2


def test_a_token_can_be_found_expired_and_a_consent_revoked_for_one_call(world: World) -> None:
    arm(world, "token_expired", path="/v1/")
    arm(world, "token_expired", path="/v1.0/")
    partner, graph = world.acme("GET", ""), world.graph("GET", "/organization")
    arm(world, "consent_revoked", path="/token$")
    refused = world.ask_token(
        tenant=PARTNER_TENANT,
        audience="https://graph.microsoft.com",
        grant_type="refresh_token",
        refresh_token=REFRESH_TOKEN,
    )

    assert (partner.status_code, graph.status_code) == (401, 401)
    assert graph.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert world.acme("GET", "").status_code == 200


def test_bought_seats_can_show_late_in_the_directory(world: World) -> None:
    cart = world.cart(BASIC, quantity=3)
    arm(world, "seats_show_late", path="/checkout$", seconds=120)

    world.check_out(cart)
    at_once = world.seats_in_directory(BASIC_ID)
    world.advance(seconds=121)

    assert (at_once, world.seats_in_directory(BASIC_ID)) == (0, 3)


def test_the_directory_can_answer_with_what_it_counted_before(world: World) -> None:
    world.buy(BASIC, quantity=3)
    world.seats_in_directory(BASIC_ID)
    world.buy(BASIC, quantity=4)
    arm(world, "stale_read", path="/subscribedSkus$")

    stale, fresh = world.seats_in_directory(BASIC_ID), world.seats_in_directory(BASIC_ID)

    assert (stale, fresh) == (3, 7)


def test_a_silent_line_keeps_nobody_else_waiting(world: World) -> None:
    arm(world, "timeout_after", path="/organization", seconds=2)
    token = world.ask_token(tenant=ACME, audience="https://graph.microsoft.com").json()["access_token"]
    headers, finished = {"Authorization": f"Bearer {token}"}, []

    def ask(path: str) -> None:
        with httpx.Client(transport=httpx.WSGITransport(world.simulator), base_url="http://simulator.test") as client:
            finished.append((path, client.get(path, headers=headers).status_code))

    silent = threading.Thread(target=ask, args=("/v1.0/organization",))
    silent.start()
    while world.simulator.faults.armed():
        pass
    ask("/v1.0/domains")
    silent.join()

    assert finished == [("/v1.0/domains", 200), ("/v1.0/organization", 504)]


def holdings(world: World) -> dict[str, object]:
    found = world.client.get("/control/holdings").json()["tenants"]
    return dict(found[0])


def test_the_watch_sees_who_lost_the_last_license_though_it_came_back(world: World) -> None:
    world.buy(BASIC, quantity=2)
    ann = world.add_user("ann")
    world.assign(ann, add=(BASIC_ID,))
    calm = holdings(world)["fell_to_none"]
    world.assign(ann, remove=(BASIC_ID,))
    world.assign(ann, add=(BASIC_ID,))

    assert (calm, holdings(world)["fell_to_none"]) == ([], [f"ann@{DOMAIN}"])


def test_a_swap_in_one_call_leaves_nobody_without(world: World) -> None:
    world.buy(BASIC, quantity=1)
    world.buy("CFQ7TTC0LDPB:0001", quantity=1)
    ann = world.add_user("ann")
    world.assign(ann, add=(BASIC_ID,))
    world.assign(ann, add=(STANDARD_ID,), remove=(BASIC_ID,))

    assert (holdings(world)["fell_to_none"], holdings(world)["uncovered"]) == ([], [])


def test_the_watch_sees_people_whose_seats_have_gone(world: World) -> None:
    bought = world.buy(BASIC, quantity=2)
    for name in ("ann", "ben"):
        world.assign(world.add_user(name), add=(BASIC_ID,))
    world.change(bought, quantity=1)

    [seen] = holdings(world)["uncovered"]  # type: ignore[misc]

    assert {key: seen[key] for key in ("sku_id", "people", "seats")} == {"sku_id": BASIC_ID, "people": 2, "seats": 1}
    assert datetime.datetime.fromisoformat(seen["since"]).tzinfo is not None
