"""An Idempotency-Key: carried out once, answered the same for 24 hours, also to two who ask at the same moment."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import Settings
from tests.entrypoints.api.calling import Program, program_of
from tests.entrypoints.api.conftest import begin_world
from tests.journeys.outside import World
from tests.journeys.test_many_at_once import at_once

from perseat.capabilities.customers.api_replies import KeyedRequest, one_at_a_time
from perseat.capabilities.customers.models import ApiReply
from perseat.capabilities.licensing.models import LicenseChange
from perseat.capabilities.ordering.models import Quote


def address(world: World) -> str:
    return f"/services/{world.service.pk}/quotes"


def test_the_same_key_and_body_give_the_same_answer(world: World, owner: Program) -> None:
    first, second = (owner.post(address(world), {"wanted": {"basic": 4}}, key="k1") for _ in range(2))
    other = owner.post(address(world), {"wanted": {"basic": 4}}, key="k2")

    assert first.status == second.status == 201
    assert first.json == second.json
    assert other.json["id"] != first.json["id"]
    assert Quote.objects.count() == 2


def test_a_refusal_is_answered_the_same_too(world: World, owner: Program) -> None:
    first = owner.post(address(world), {"wanted": {"basic": 1}}, key="k1")
    world.order(basic=2)
    second = owner.post(address(world), {"wanted": {"basic": 1}}, key="k1")

    assert (first.status, first.json["code"]) == (422, "nothing_would_change")
    assert (second.status, second.json) == (first.status, first.json)


def test_a_body_without_its_fields_may_be_mended_under_the_same_key(world: World, owner: Program) -> None:
    assert owner.post(address(world), {"wanted": {}}, key="k1").status == 422
    assert owner.post(address(world), {"wanted": {"basic": 4}}, key="k1").status == 201


def test_the_same_key_with_another_body_is_refused(world: World, owner: Program) -> None:
    owner.post(address(world), {"wanted": {"basic": 4}}, key="k1")

    answer = owner.post(address(world), {"wanted": {"basic": 5}}, key="k1")

    assert (answer.status, answer.json["code"]) == (422, "key_used_otherwise")
    assert Quote.objects.count() == 1


def test_keys_are_of_one_token_and_one_address(world: World, owner: Program) -> None:
    quote = owner.post(address(world), {"wanted": {"basic": 4}}, key="k1").json
    accepted = owner.post(f"/quotes/{quote['id']}/accept", {"payment_method": "bank_transfer"}, key="k1")
    spare = program_of(world, world.owner, name="Spare")

    assert accepted.status == 200
    assert spare.post(address(world), {"wanted": {"basic": 9}}, key="k1").status == 201


def test_after_a_day_a_key_is_new(world: World, owner: Program) -> None:
    owner.post(address(world), {"wanted": {"basic": 4}}, key="k1")
    world.clock.move(timedelta(hours=23, minutes=59))
    assert owner.post(address(world), {"wanted": {"basic": 5}}, key="k1").status == 422
    world.clock.move(timedelta(minutes=1))

    assert owner.post(address(world), {"wanted": {"basic": 5}}, key="k1").status == 201
    assert ApiReply.objects.count() == 1, "what is older than a day is forgotten"


def test_an_order_and_its_withdrawal_are_answered_once(world: World, owner: Program) -> None:
    quote = owner.post(address(world), {"wanted": {"basic": 4}}).json
    accept = f"/quotes/{quote['id']}/accept"

    first = owner.post(accept, {"payment_method": "bank_transfer"}, key="k1")
    withdrawn = owner.post(f"/orders/{first.json['id']}/withdraw", key="k1")
    second = owner.post(accept, {"payment_method": "bank_transfer"}, key="k1")

    assert withdrawn.json["state"] == "cancelled"
    assert second.json == first.json, "the answer of the first time"


def test_licenses_are_changed_once(world: World, owner: Program) -> None:
    body = {"people": [world.person_id("Grace")], "add": ["standard"]}
    there = f"/services/{world.service.pk}/license-changes"

    first, second = (owner.post(there, body, key="k1") for _ in range(2))

    assert first.json == second.json
    assert LicenseChange.objects.count() == 1


@pytest.mark.own_database
def test_two_at_the_same_moment_get_one_answer(own_database: object, settings: Settings) -> None:
    world = begin_world(settings)
    program = program_of(world, world.owner)
    body = {"wanted": {"basic": 4}}

    results = at_once([lambda: program.post(address(world), body, key="k1").json["id"]] * 4)

    assert len(set(results)) == 1, results
    assert Quote.objects.count() == 1


@pytest.mark.own_database
def test_while_one_is_answered_the_other_waits(own_database: object, settings: Settings) -> None:
    world = begin_world(settings)
    asked = KeyedRequest(token_id=1, endpoint="/x", key=str(uuid4()), request_hash="")
    inside: list[str] = []

    def act(name: str) -> None:
        with one_at_a_time(asked):
            inside.append(f"{name} in")
            world.customer.refresh_from_db()
            inside.append(f"{name} out")

    at_once([lambda: act("a"), lambda: act("b")])

    assert inside in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])
