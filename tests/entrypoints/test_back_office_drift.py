"""Differences at Microsoft, as the staff see them and decide; and what the customer reads meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from tests import makers
from tests.journeys.outside import World, make_world
from tests.journeys.test_drift import elsewhere, look

from perseat.capabilities.ordering.models import Order
from perseat.capabilities.provisioning.models import Drift
from perseat.domain.rights import StaffRole

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(settings: object) -> World:
    world = make_world(seats={"basic": 4})
    makers.renew(world.customer, now=world.now())
    world.clock.move(timedelta(minutes=5))
    elsewhere(world, quantity=7)
    look(world)
    settings.OUTSIDE = world.outside  # type: ignore[attr-defined]
    return world


@pytest.fixture
def clerk() -> Client:
    client = Client()
    client.force_login(makers.make_user(email="clerk@provider.example", staff_role=StaffRole.CLERK))
    return client


def address(act: str = "") -> str:
    return f"/backoffice/differences/{Drift.objects.get().pk}/{act}"


def test_a_difference_stands_on_the_first_page_and_in_its_list(world: World, clerk: Client) -> None:
    for page in (
        "/backoffice/",
        "/backoffice/differences/",
        f"/backoffice/customers/{world.customer.number}/",
        address(),
    ):
        assert "Microsoft holds 7, sold are 4." in clerk.get(page).content.decode(), page


def test_whoever_is_no_staff_finds_nothing(world: World) -> None:
    client = Client()
    client.force_login(world.owner)
    for act in ("", "undo/", "adopt/", "wait/"):
        answer = client.post(address(act)) if act else client.get(address())
        assert answer.status_code == 404
    assert clerk_sees_none(client)


def clerk_sees_none(client: Client) -> bool:
    return client.get("/backoffice/differences/").status_code == 404


@pytest.mark.parametrize(
    ("act", "typed", "said"),
    [
        ("undo/", {}, "Say why, for whoever asks later."),
        ("adopt/", {}, "Say why, for whoever asks later."),
        ("wait/", {"wait-reason": "Trial"}, "Choose the day on which it is looked at again."),
        ("wait/", {"wait-reason": "Trial", "wait-until": "0000-13-99"}, "Choose a day."),
        ("wait/", {"wait-reason": "Trial", "wait-until": "2001-01-01"}, "Choose a day after today."),
    ],
)
def test_a_decision_needs_its_reason_and_its_day(
    world: World, clerk: Client, act: str, typed: dict[str, str], said: str
) -> None:
    answer = clerk.post(address(act), typed)

    assert (answer.status_code, Drift.objects.get().state) == (422, "open")
    assert said in answer.content.decode()


def test_adopting_shows_its_figures_before_anything_is_ordered(world: World, clerk: Client) -> None:
    answer = clerk.post(address("adopt/"), {"reason": "They asked."})

    page = answer.content.decode()
    assert "Business Basic: 4 → 7" in page
    assert "29.70" in page
    assert Order.objects.count() == 0

    answer = clerk.post(address("adopt/"), {"reason": "They asked.", "confirm": "yes"})

    assert answer["Location"] == f"/backoffice/orders/{Order.objects.get().pk}/"


def test_undoing_says_that_it_is_under_way(world: World, clerk: Client) -> None:
    answer = clerk.post(address("undo/"), {"undo-reason": "Not ours."}, follow=True)

    assert "Being undone" in answer.content.decode()
    again = clerk.post(address("undo/"), {"undo-reason": "Not ours."})
    assert "decided, or is gone, in the meantime" in again.content.decode()


def test_the_customer_reads_that_we_look_into_it_and_what_is_paid(world: World) -> None:
    client = Client()
    client.force_login(world.owner)

    page = client.get(f"/services/{world.service.pk}/").content.decode()

    assert "Microsoft shows 7 seats of" in page
    assert "You pay for 4; we look into it." in page


def test_a_notice_that_nobody_signed_is_turned_away(world: World) -> None:
    answer = Client().post("/webhooks/partner-center/", data="{}", content_type="application/json")

    assert (answer.status_code, answer.json()) == (401, {"error": "There is no signature."})


def test_a_signed_notice_is_taken_as_often_as_it_comes(world: World) -> None:
    world.outside.notices.register("http://perseat.example/webhooks/partner-center/")
    elsewhere(world, quantity=8)
    (notice,) = world.simulator.take_notices(base_url="https://microsoft.example")
    headers = {name: value for name, value in notice.headers.items() if name != "Content-Type"}

    for _ in range(2):
        answer = Client().post(
            "/webhooks/partner-center/", data=notice.body, content_type="application/json", headers=headers
        )
        assert answer.status_code == 204
