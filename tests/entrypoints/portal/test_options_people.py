"""Upgrade/Downgrade Options, when seats go that people use: the page asks whose, and the order does as was said."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World, make_world
from tests.makers import accept, pay

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.ordering.models import Order, Quote
from perseat.domain.fulfillment import OrderState

LOSERS, PREMIUM = "people-basic-none", "people-basic-premium"


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """Three Basic seats, all given to people; Dora has none."""
    made = make_world(seats={"basic": 3}, people={"Ada": "basic", "Bob": "basic", "Cy": "basic", "Dora": ""})
    settings.OUTSIDE = made.outside
    return made


@pytest.fixture
def owner(world: World) -> Client:
    client = Client()
    client.force_login(world.owner)
    client.get(f"/services/{world.service.pk}/")  # Microsoft's numbers are read
    return client


def address(world: World) -> str:
    return f"/services/{world.service.pk}/options/"


def accepted(world: World) -> Order:
    """The last quote, accepted and paid."""
    quote = Quote.objects.latest("pk")
    order_id = accept(world.customer, quote_id=quote.public_id, user_id=world.owner.pk, now=world.now())
    document = Document.objects.filter(order_id=order_id).first()
    if document and quote.to_pay_minor:
        pay(document.number, amount_minor=quote.to_pay_minor, now=world.now())
    return Order.objects.get(pk=order_id)


def test_fewer_seats_than_people_ask_who_loses_theirs(world: World, owner: Client) -> None:
    page = owner.post(address(world), {"total-basic": "2"})

    text = words(page)
    assert page.status_code == 422, "a suggestion is looked at before it counts"
    assert "Who loses Microsoft 365 Business Basic?" in text
    assert "Choose 1 person. They can no longer use its apps and mailbox. Microsoft keeps the mailbox for 30" in text
    assert page.content.decode().count("checked") == 1
    assert "Dora" not in text, "she holds none"
    assert not Quote.objects.exists()


def test_who_was_chosen_loses_the_license_and_nobody_else(world: World, owner: Client) -> None:
    chosen = {"total-basic": "2", f"asked-{LOSERS}": "1-1", LOSERS: [world.person_id("Bob")]}

    page = owner.post(address(world), chosen)
    checkout = owner.get(page.headers["Location"])
    order = accepted(world)
    delivered = world.deliver(order.pk)

    assert "Bob loses Microsoft 365 Business Basic; the mailbox is kept for 30 days" in words(checkout)
    assert delivered.state == OrderState.READY
    assert world.licenses() == {"Ada": ["basic"], "Bob": [], "Cy": ["basic"], "Dora": []}
    assert world.seats_at_microsoft() == {"basic": 2}


def test_a_part_of_the_seats_is_upgraded_for_whom_one_chooses(world: World, owner: Client) -> None:
    question = owner.post(f"{address(world)}preview/", {"total-basic": "2", "total-premium": "1"})
    chosen = {
        "total-basic": "2",
        "total-premium": "1",
        f"asked-{PREMIUM}": "1-1",
        PREMIUM: [world.person_id("Cy")],
    }

    page = owner.post(address(world), chosen)
    checkout = owner.get(page.headers["Location"])
    world.deliver(accepted(world).pk)

    assert "Who gets Microsoft 365 Business Premium instead of Microsoft 365 Business Basic?" in words(question)
    assert "Cy gets Microsoft 365 Business Premium instead of Microsoft 365 Business Basic" in words(checkout)
    assert world.licenses() == {"Ada": ["basic"], "Bob": ["basic"], "Cy": ["premium"], "Dora": []}
    assert world.seats_at_microsoft() == {"basic": 2, "premium": 1}


@pytest.mark.parametrize(("names", "sentence"), [((), "0 chosen so far"), (("Ada", "Bob"), "2 chosen so far")])
def test_too_few_or_too_many_are_told(world: World, owner: Client, names: tuple[str, ...], sentence: str) -> None:
    chosen = [world.person_id(name) for name in names]

    page = owner.post(address(world), {"total-basic": "2", f"asked-{LOSERS}": "1-1", LOSERS: chosen})

    assert page.status_code == 422
    assert f"Choose 1 person; {sentence}" in words(page)
    assert not Quote.objects.exists()


def test_nobody_is_upgraded_and_robbed_at_once(world: World, owner: Client) -> None:
    bob, cy = world.person_id("Bob"), world.person_id("Cy")
    totals = {"total-basic": "1", "total-premium": "1", f"asked-{LOSERS}": "1-1", f"asked-{PREMIUM}": "1-1"}

    twice = owner.post(address(world), totals | {LOSERS: [bob], PREMIUM: [bob]})
    page = owner.post(address(world), totals | {LOSERS: [bob], PREMIUM: [cy]})
    world.deliver(accepted(world).pk)

    assert "Bob is ticked twice" in words(twice)
    assert page.status_code == 302
    assert world.licenses() == {"Ada": ["basic"], "Bob": [], "Cy": ["premium"], "Dora": []}


def test_a_stranger_who_is_ticked_does_not_count(world: World, owner: Client) -> None:
    ticked = {"total-basic": "2", f"asked-{LOSERS}": "1-1", LOSERS: [world.person_id("Dora")]}

    assert "0 chosen so far" in words(owner.post(address(world), ticked))


def test_a_silent_microsoft_leaves_the_way_by_users(world: World, owner: Client) -> None:
    world.line.lose_request(path="/users", times=50)

    page = owner.post(address(world), {"total-basic": "2"})

    assert page.status_code == 422
    assert "Take the license from 1 person first, under Users, then come back." in words(page)
    assert not Quote.objects.exists()


def test_an_upgrade_of_all_asks_nothing(world: World, owner: Client) -> None:
    assert owner.post(address(world), {"total-basic": "0", "total-premium": "3"}).status_code == 302
