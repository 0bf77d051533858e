"""Fewer seats by the API: each part with its deadline and money, and a credit that waits for Microsoft."""

from __future__ import annotations

import pytest
from pytest_django import Settings
from tests.entrypoints.api.calling import Program, program_of
from tests.journeys.outside import World, make_world
from tests.makers import renew

from perseat.domain.quote import DecreasePolicy

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """Four old Basic seats and two of today, on a yearly term with the window policy."""
    made = make_world(seats={"basic": 4}, policy=DecreasePolicy.WINDOW, term="P1Y", bought_days_ago=30)
    settings.OUTSIDE = made.outside
    renew(made.customer, now=made.now())
    made.deliver(made.order(basic=6))
    return made


@pytest.fixture
def owner(world: World) -> Program:
    return program_of(world, world.owner)


def test_a_quote_has_each_part_with_its_deadline_and_money(world: World, owner: Program) -> None:
    quote = owner.post(f"/services/{world.service.pk}/quotes", {"wanted": {"basic": 3}}).json

    now, later = quote["decreases"]
    assert (now["seats"], now["until"], now["is_scheduled"]) == (2, "2026-11-28", False)
    assert (now["refund"]["amount"], now["refund_incl_tax"]["amount"]) == ("18.00", "19.80")
    assert now["changeable_until"] is None
    assert (later["seats"], later["effective_on"], later["until"]) == (1, "2027-11-22", None)
    assert later["changeable_until"] == "2027-10-23T00:00:00Z"
    assert quote["editions"][0]["returnable"] == [{"seats": 2, "until": "2026-11-28"}]
    assert quote["credit_waits_for_microsoft"] is True
    assert owner.get(f"/quotes/{quote['id']}").json == quote


def test_the_credit_of_a_return_is_still_to_come_until_microsoft_has_confirmed(world: World, owner: Program) -> None:
    quote = owner.post(f"/services/{world.service.pk}/quotes", {"wanted": {"basic": 4}}).json
    accepted = owner.post(f"/quotes/{quote['id']}/accept", {}).json
    held = owner.get(f"/services/{world.service.pk}").json["licenses"][0]

    world.deliver(accepted["id"])
    order = owner.get(f"/orders/{accepted['id']}").json

    assert (accepted["document_number"], accepted["credit_to_come"]["amount"]) == ("", "19.80")
    assert (held["purchased"], held["returning"]) == (6, 2)
    assert (order["total"]["amount"], order["credit_to_come"]["amount"]) == ("-19.80", "0.00")
    assert owner.get(f"/invoices/{order['document_number']}").json["lines"] == quote["lines"]
    assert order["decreases"] == quote["decreases"]


def test_seats_on_their_way_back_cannot_be_changed(world: World, owner: Program) -> None:
    quote = owner.post(f"/services/{world.service.pk}/quotes", {"wanted": {"basic": 4}}).json
    owner.post(f"/quotes/{quote['id']}/accept", {})

    refused = owner.post(f"/services/{world.service.pk}/quotes", {"wanted": {"basic": 8}})

    assert (refused.status, refused.json["code"]) == (409, "seats_come_back")
    assert owner.post(f"/services/{world.service.pk}/quotes", {"wanted": {"premium": 1}}).status == 201
