"""Fewer seats than people, by the API: a program names who moves and who loses a license, as the page asks it."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import Settings
from tests.entrypoints.api.calling import Program, program_of
from tests.entrypoints.portal.people import silence
from tests.journeys.outside import World, make_world
from tests.makers import pay

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Quote
from perseat.domain.fulfillment import OrderState


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """Three Basic seats, all given to people; Dora has none, Gus would have his from a group."""
    made = make_world(seats={"basic": 3}, people={"Ada": "basic", "Bob": "basic", "Cy": "basic", "Dora": ""})
    settings.OUTSIDE = made.outside
    return made


@pytest.fixture
def owner(world: World) -> Program:
    program = program_of(world, world.owner)
    program.get(f"/services/{world.service.pk}")  # Microsoft's numbers are read
    return program


def ask(world: World, owner: Program, people: list[Any] | None, **wanted: int) -> Any:
    body: dict[str, Any] = {"wanted": wanted}
    if people is not None:
        body["people"] = people
    return owner.post(f"/services/{world.service.pk}/quotes", body)


def losing(world: World, *names: str) -> list[dict[str, str]]:
    return [{"id": world.person_id(name), "remove": "basic"} for name in names]


def deliver(world: World, owner: Program, quote: dict[str, Any]) -> OrderState:
    method = quote["payment_methods"][0]["code"] if quote["payment_methods"] else ""
    order = owner.post(f"/quotes/{quote['id']}/accept", {"payment_method": method})
    assert order.status == 200, order.json
    if quote["to_pay"]["amount"] != "0.00":
        number = order.json["document_number"]
        pay(number, amount_minor=Document.objects.get(number=number).total_minor, now=world.now())
    return OrderState(world.deliver(order.json["id"]).state)


def test_who_is_named_loses_the_license_and_nobody_else(world: World, owner: Program) -> None:
    quote = ask(world, owner, losing(world, "Bob"), basic=2)

    assert quote.status == 201, quote.json
    assert quote.json["people"] == [{"id": world.person_id("Bob"), "name": "Bob", "remove": "basic", "add": ""}]
    assert owner.get(f"/quotes/{quote.json['id']}").json["people"] == quote.json["people"], "names are kept"
    assert deliver(world, owner, quote.json) is OrderState.READY
    assert world.licenses() == {"Ada": ["basic"], "Bob": [], "Cy": ["basic"], "Dora": []}


def test_who_is_named_gets_the_better_edition(world: World, owner: Program) -> None:
    cy = f"cy@{world.tenant.domain}"

    quote = ask(world, owner, [{"id": cy, "remove": "basic", "add": "premium"}], basic=2, premium=1)

    assert quote.status == 201, quote.json
    assert deliver(world, owner, quote.json) is OrderState.READY
    assert world.licenses() == {"Ada": ["basic"], "Bob": ["basic"], "Cy": ["premium"], "Dora": []}


def test_where_all_move_nobody_has_to_be_named(world: World, owner: Program) -> None:
    assert ask(world, owner, None, basic=0, premium=3).status == 201
    assert ask(world, owner, [], basic=0, premium=3).status == 201


def test_what_is_wrong_with_the_people_names_the_field(world: World, owner: Program) -> None:
    bob, dora = world.person_id("Bob"), world.person_id("Dora")
    lose, move = {"remove": "basic"}, {"remove": "basic", "add": "premium"}
    for people, wanted, field, words in [
        (None, {"basic": 2}, "wanted.basic", "Name in `people` who loses theirs, or take the license from 1 person"),
        (None, {"basic": 2, "premium": 1}, "people", "Name 1 person to get Microsoft 365 Business Premium"),
        ([], {"basic": 2}, "people", "Name 1 person to lose Microsoft 365 Business Basic; 0 named so far."),
        ([{"id": bob, **lose}, {"id": world.person_id("Cy"), **lose}], {"basic": 2}, "people", "2 named so far."),
        ([{"id": bob, **lose}, {"id": bob, **lose}], {"basic": 1}, "people.1.id", "named twice"),
        ([{"id": bob, **lose}, {"id": bob, **move}], {"basic": 1, "premium": 1}, "people.1.id", "named twice"),
        ([{"id": dora, **lose}], {"basic": 2}, "people.0.id", "nobody of the tenant who holds"),
        ([{"id": "11111111-2222-3333-4444-555555555555", **lose}], {"basic": 2}, "people.0.id", "nobody of the tenant"),
        ([{"id": bob, **move}], {"basic": 2}, "people.0", "nobody has to go that way"),
        ([{"id": bob, **lose}], {"basic": 4}, "people.0", "nobody has to go that way"),
    ]:  # fmt: skip
        answer = ask(world, owner, people, **wanted)  # type: ignore[arg-type]
        assert (answer.status, answer.json["field"]) == (422, field), answer.json
        assert words in answer.json["sentence"], answer.json
    for people, field in [
        ([{"id": "../..", **lose}], "people.0.id"),
        ([{"id": bob}], "people.0.remove"),
        ([{"id": bob, "loses": "basic", **lose}], "people.0.loses"),
        ("Bob", "people"),
    ]:
        answer = ask(world, owner, people, basic=2)  # type: ignore[arg-type]
        assert (answer.status, answer.json["field"]) == (422, field), answer.json
    assert not Quote.objects.exists()


def test_nobody_is_believed_while_microsoft_is_silent(world: World, owner: Program) -> None:
    bob = losing(world, "Bob")
    silence(world)

    named, unnamed = ask(world, owner, bob, basic=2), ask(world, owner, None, basic=2)

    assert (named.status, named.json["code"]) == (503, "microsoft_is_silent")
    assert (unnamed.status, unnamed.json["field"]) == (422, "wanted.basic")
    assert not Quote.objects.exists()


def test_a_person_of_another_customer_is_nobody_here(world: World, owner: Program) -> None:
    answer = ask(world, owner, [{"id": "ada@elsewhere.example", "remove": "basic"}], basic=2)

    assert (answer.status, answer.json["field"]) == (422, "people.0.id")
