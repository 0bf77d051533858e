"""Fewer seats on the pages: what can be given back until when, each part with its money, and where a return stands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from django.test import Client
from pytest_django import Settings
from tests.entrypoints.portal.reading import field, words
from tests.journeys.outside import World, make_world
from tests.makers import make_user, renew

from perseat.capabilities.ordering.models import Order, Quote
from perseat.domain.quote import DecreasePolicy
from perseat.domain.rights import StaffRole
from perseat.integrations.sandbox_gateway.client import SandboxGateway
from perseat.journeys.delivery import deliver_order
from perseat.wiring import sandbox_secret

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """Four old Basic seats and two of today, on a yearly term with the window policy."""
    made = make_world(seats={"basic": 4}, policy=DecreasePolicy.WINDOW, term="P1Y", bought_days_ago=30)
    gateway = SandboxGateway(httpx.Client(), base_url="http://testserver", secret=sandbox_secret(settings.PERSEAT))
    made.outside = replace(made.outside, gateways={"sandbox": gateway})
    settings.OUTSIDE = made.outside
    renew(made.customer, now=made.now())
    made.deliver(made.order(basic=6))
    return made


@pytest.fixture
def owner(world: World) -> Client:
    client = Client()
    client.force_login(world.owner)
    return client


@pytest.fixture
def clerk(world: World) -> Client:
    client = Client()
    client.force_login(make_user(staff_role=StaffRole.CLERK))
    return client


def options(world: World) -> str:
    return f"/services/{world.service.pk}/options/"


def summary(world: World) -> str:
    return f"/services/{world.service.pk}/"


def give_back(world: World, owner: Client, *, total: int) -> Order:
    """Type the total, check out, confirm."""
    sent = {"total-basic": str(total), "was-basic": "6", "act": "continue"}
    checkout = owner.post(options(world), sent)
    assert checkout.status_code == 302
    owner.post(checkout["Location"], {})
    return Order.objects.order_by("-pk").first()


def test_before_anything_is_typed_the_page_says_what_can_go_back_until_when(world: World, owner: Client) -> None:
    text = words(owner.get(options(world)))

    assert "2 refundable until 28 Nov 2026" in text
    assert "4 can leave on 22 Nov 2027" in text


def test_by_the_other_policies_the_page_names_no_deadline_of_microsofts(world: World, owner: Client) -> None:
    world.service.policy = "anytime"
    world.service.save(update_fields=["policy"])

    assert "refundable until" not in words(owner.get(options(world)))


@pytest.mark.parametrize("way", ["typing", "recalculating"])
def test_each_part_has_its_day_its_deadline_and_its_money(world: World, owner: Client, way: str) -> None:
    sent = {"total-basic": "3", "was-basic": "6"}
    if way == "typing":
        page = owner.post(f"{options(world)}preview/", sent)
    else:
        page = owner.post(options(world), sent | {"act": "recalculate"})

    text = words(page)
    assert "2 refunded now: A$ 19.80 incl. tax, until 28 Nov 2026" in text
    assert "1 at the renewal on 22 Nov 2027: 3 from then" in text
    assert "2 refunded now Microsoft 365 Business Basic; possible until 28 November 2026 A$ 19.80 incl. tax" in text
    assert "1 at the renewal on 22 November 2027 Microsoft 365 Business Basic; you can change this until" in text
    assert not Quote.objects.filter(wanted={"basic": 3}).exists()


def test_the_checkout_shows_the_same_parts_and_when_the_credit_comes(world: World, owner: Client) -> None:
    sent = {"total-basic": "3", "was-basic": "6", "act": "continue"}

    text = words(owner.get(owner.post(options(world), sent)["Location"]))

    assert "2 refunded now Microsoft 365 Business Basic; possible until 28 November 2026 A$ 19.80 incl. tax" in text
    assert "1 at the renewal on 22 November 2027" in text
    assert "Due today incl. tax −A$ 19.80" in text
    assert "A$ 19.80 incl. tax comes back when Microsoft has taken the seats" in text
    assert "If Microsoft refuses, nothing is credited and they end with the renewal." in text


def test_an_order_that_gives_back_says_that_its_credit_is_still_to_come(world: World, owner: Client) -> None:
    order = give_back(world, owner, total=4)

    text = words(owner.get(f"/orders/{order.pk}/"))

    assert "Your credit of A$ 19.80 incl. tax comes when Microsoft has confirmed." in text
    assert "2 to be refunded" in text
    assert "Hand out licenses" not in text
    assert "Left to pay" not in text


def test_once_microsoft_has_confirmed_the_order_leads_to_its_credit_note(world: World, owner: Client) -> None:
    order = give_back(world, owner, total=4)
    world.deliver(order.pk)

    page = owner.get(f"/orders/{order.pk}/")

    text = words(page)
    assert "comes when Microsoft has confirmed" not in text
    assert "2 refunded Microsoft 365 Business Basic" in text
    assert "Microsoft has taken the seats back." in text
    assert "Assign licenses" not in text
    assert re.search(r'href="/invoices/CN-\d+/"', page.content.decode())


def test_what_microsoft_refused_is_said_on_the_order_and_to_the_staff(
    world: World, owner: Client, clerk: Client
) -> None:
    order = give_back(world, owner, total=4)
    world.wire.is_silent = True
    deliver_order(world.outside, order.pk)
    world.wire.is_silent = False
    world.clock.move(timedelta(days=8))
    world.deliver(order.pk)

    text = words(owner.get(f"/orders/{order.pk}/"))
    of_staff = words(clerk.get("/backoffice/"))

    assert "Microsoft does not take back 2 seats of Microsoft 365 Business Basic any more" in text
    assert "Nothing is credited for them" in text
    assert "refunded" not in text
    assert "Returns that Microsoft refused" in of_staff
    assert f"Order {order.pk} Microsoft 365 Business Basic" in of_staff
    assert "A$ 19.80" in of_staff


def test_while_seats_return_the_summary_says_what_happens_when_microsoft_confirms(world: World, owner: Client) -> None:
    order = give_back(world, owner, total=4)

    text = words(owner.get(summary(world)))

    assert "2 × Microsoft 365 Business Basic go back to Microsoft and stay yours until it has confirmed." in text
    assert "Then A$ 19.80 incl. tax comes back to you, and the next charge is A$ 39.60." in text
    assert "Planned" not in text, "it is not known yet whether anything waits for the renewal"
    assert "2 on the way back to Microsoft" in text
    assert f"order {order.pk}" in words(owner.get(options(world)))


def test_while_seats_return_they_cannot_be_changed_but_others_can_be_added(world: World, owner: Client) -> None:
    order = give_back(world, owner, total=4)
    fields = {"was-basic": "4", "total-standard": "0", "was-standard": "0", "act": "continue"}

    refused = owner.post(options(world), fields | {"total-basic": "5"})
    bought = owner.post(options(world), fields | {"total-basic": "4", "total-standard": "1"})

    assert refused.status_code == 422
    assert f"Order {order.pk} gives seats back, and Microsoft has not answered yet." in words(refused)
    assert field(refused, "total-basic") == "5"
    assert bought.status_code == 302


def test_a_plan_says_until_when_it_can_be_changed(world: World, owner: Client) -> None:
    world.clock.move(timedelta(days=10))
    order = give_back(world, owner, total=5)
    world.deliver(order.pk)

    until = "can be changed until 23 October 2027, 11:00 your time"  # Microsoft's term ends a month before ours
    assert until in words(owner.get(summary(world)))
    assert until in words(owner.get(options(world)))
