"""Who may call what: a token acts in its member's role, for one customer, and for nobody else's things."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.entrypoints.api.calling import Program, program_of
from tests.entrypoints.api.conftest import Programs
from tests.journeys.outside import World
from tests.makers import buy, make_customer, make_member, quote

from perseat.capabilities.accounts.models import User
from perseat.capabilities.customers.api_tokens import withdraw_token
from perseat.capabilities.customers.models import ApiToken, Membership
from perseat.capabilities.ordering.models import Order
from perseat.domain.rights import MemberRole
from perseat.journeys.assignment import change_licenses

BODIES: dict[str, Any] = {
    "/services/{service}/quotes": {"wanted": {"basic": 5}},
    "/quotes/{quote}/accept": {"payment_method": "bank_transfer", "replace_open_order": True},
    "/orders/{order}/withdraw": {},
    "/services/{service}/license-changes": {"people": ["{ada}"], "remove": ["basic"]},
}
# method, address, and the answers to: owner, license manager, viewer, another customer's owner
PERMISSIONS = [
    ("get", "/me", 200, 200, 200, 200),
    ("get", "/services", 200, 200, 200, 200),
    ("get", "/services/{service}", 200, 200, 200, 404),
    ("post", "/services/{service}/quotes", 201, 403, 403, 404),
    ("get", "/quotes/{quote}", 200, 403, 403, 404),
    ("post", "/quotes/{quote}/accept", 200, 403, 403, 404),
    ("get", "/orders", 200, 200, 200, 200),
    ("get", "/orders/{order}", 200, 200, 200, 404),
    ("post", "/orders/{order}/withdraw", 200, 403, 403, 404),
    ("get", "/invoices", 200, 200, 200, 200),
    ("get", "/invoices/{invoice}", 200, 200, 200, 404),
    ("get", "/invoices/{invoice}/pdf", 200, 200, 200, 404),
    ("get", "/services/{service}/people", 200, 200, 200, 404),
    ("post", "/services/{service}/license-changes", 201, 201, 403, 404),
    ("get", "/license-changes/{change}", 200, 200, 200, 404),
]


@pytest.fixture
def things(world: World) -> dict[str, object]:
    now, facts = world.now(), {"service_id": world.service.pk, "user_id": world.owner.pk}
    order_id = buy(world.customer, wanted={"basic": 2}, now=now, **facts)
    change_id = change_licenses(
        world.outside,
        customer_id=world.customer.pk,
        person_ids=[world.person_id("Ada")],
        add=[],
        remove=["3b555118-da6a-4418-894f-7df1e2096870"],
        now=now,
        **facts,
    )
    return {
        "service": world.service.pk,
        "order": order_id,
        "invoice": Order.objects.get(pk=order_id).documents.get().number,
        "quote": quote(world.customer, wanted={"basic": 3}, now=now, **facts),
        "change": change_id,
        "ada": world.person_id("Ada"),
    }


@pytest.mark.parametrize(("method", "address", "to_owner", "to_colleague", "to_viewer", "to_stranger"), PERMISSIONS)
def test_the_table_of_permissions(
    things: dict[str, object],
    programs: Programs,
    method: str,
    address: str,
    to_owner: int,
    to_colleague: int,
    to_viewer: int,
    to_stranger: int,
) -> None:
    def status(program: Program) -> int:
        there = address.format(**things)
        if method == "get":
            return int(program.get(there).status)
        body = BODIES[address]
        if "people" in body:
            body = {**body, "people": [things["ada"]]}
        return int(program.post(there, body).status)

    assert status(programs.nobody) == 401
    assert status(programs.stranger) == to_stranger
    assert status(programs.viewer) == to_viewer
    assert status(programs.colleague) == to_colleague
    assert status(programs.owner) == to_owner


def test_lists_hold_the_tokens_own_customer_only(things: dict[str, object], programs: Programs) -> None:
    for address in ("/orders", "/invoices"):
        assert programs.stranger.get(address).json["items"] == []
        assert programs.viewer.get(address).json["items"] != []
    ours, theirs = (each.get("/services").json["items"] for each in (programs.owner, programs.stranger))
    assert [each["id"] for each in ours] == [things["service"]]
    assert not {each["id"] for each in ours} & {each["id"] for each in theirs}


def test_me_says_who_acts_for_whom(world: World, programs: Programs) -> None:
    me = programs.viewer.get("/me").json

    assert (me["role"], me["customer_number"], me["currency"]) == ("viewer", world.customer.number, "AUD")
    assert (me["token_name"], me["token_expires_at"]) == ("ERP", "2027-02-20T01:00:00Z")


@pytest.mark.parametrize("header", ["", "perseat_x", "Basic cGVyc2VhdA==", "Bearer", "Bearer  "])
def test_without_a_token_nothing_opens(world: World, header: str) -> None:
    answer = Client().get("/api/v1/me", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert answer.json()["code"] == "token_missing"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_cookie_opens_nothing(world: World) -> None:
    browser = Client()
    browser.force_login(world.owner)

    assert browser.get("/api/v1/me").status_code == 401


def test_a_token_that_ended_says_why(world: World, owner: Program) -> None:
    token = ApiToken.objects.get()
    spare = program_of(world, world.owner, name="Spare")
    withdraw_token(token.pk, customer_id=world.customer.pk, user_id=world.owner.pk, now=world.now())

    assert owner.get("/me").json["code"] == "token_withdrawn"
    assert Program(secret="perseat_ÿ\udcff").get("/me").json["code"] == "token_unknown"
    world.clock.move(timedelta(days=90))
    answer = spare.get("/me")
    assert (answer.status, answer.json["code"]) == (401, "token_expired")


def test_a_changed_role_counts_at_once_and_whoever_left_is_out(things: dict[str, object], world: World) -> None:
    colleague = make_member(world.customer)
    program = program_of(world, colleague)
    there = f"/quotes/{things['quote']}"

    assert program.get(there).status == 200
    Membership.objects.filter(user=colleague).update(role=MemberRole.VIEWER)
    assert program.get(there).status == 403
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    assert program.get(there).status == 401
    User.objects.filter(pk=colleague.pk).update(is_active=True)
    Membership.objects.get(user=colleague).delete()
    assert program.get(there).json["code"] == "token_unknown"


def test_a_member_of_two_customers_acts_for_the_tokens_one(things: dict[str, object], world: World) -> None:
    other = make_customer(legal_name="Umbrella Pty Ltd")
    both = make_member(other)
    program = program_of(world, both)
    Membership.objects.create(customer=world.customer, user=both, role=MemberRole.OWNER)

    assert program.get("/me").json["customer_number"] == other.number
    assert program.get(f"/orders/{things['order']}").status == 404


def test_what_does_not_exist_is_not_found(owner: Program) -> None:
    for address in (
        "/services/999999",
        "/services/" + "9" * 40,
        f"/quotes/{uuid4()}",
        "/orders/0",
        "/invoices/INV-999999",
        f"/license-changes/{uuid4()}",
        "/nothing",
        "",
        "/services/abc",
    ):
        answer = owner.get(address)
        assert (answer.status, answer.json["code"]) == (404, "not_found"), address


def test_the_use_of_a_token_is_noted_to_the_hour(world: World, owner: Program) -> None:
    assert ApiToken.objects.get().last_used_at is None
    owner.get("/me")
    first = world.now()
    assert ApiToken.objects.get().last_used_at == first
    world.clock.move(timedelta(minutes=59))
    owner.get("/me")
    assert ApiToken.objects.get().last_used_at == first
    world.clock.move(timedelta(minutes=1))
    owner.get("/me")
    assert ApiToken.objects.get().last_used_at == world.now()
