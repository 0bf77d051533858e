"""Active Services and the home page: what is there, and the same number of queries however much it is."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World
from tests.makers import buy, make_service

from perseat.capabilities.customers.models import Customer


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_each_service_leads_to_its_details(world: World, owner: Client) -> None:
    page = owner.get("/services/")

    text = words(page)
    assert f"Microsoft 365 {world.tenant.domain} 1 × Microsoft 365 Business Basic Active" in text
    assert "Options View Details Upgrade/Downgrade Options" in text
    assert f'href="/services/{world.service.pk}/">View Details</a>' in page.content.decode()


def test_the_navigation_has_its_names(world: World, owner: Client) -> None:
    text = words(owner.get("/services/"))

    for name in ("Active Services", "Invoices", "Users", "Team", "Log out"):
        assert name in text


def test_lists_ask_as_often_for_many_as_for_few(world: World, owner: Client) -> None:
    _another_service(world.customer, orders=1)
    few = [queries(owner, address) for address in ("/services/", "/invoices/", "/")]

    for _ in range(3):
        _another_service(world.customer, orders=1)

    assert [queries(owner, address) for address in ("/services/", "/invoices/", "/")] == few


def test_home_says_what_waits(world: World, owner: Client) -> None:
    order_id = buy(
        world.customer, service_id=world.service.pk, wanted={"basic": 4}, user_id=world.owner.pk, now=world.now()
    )

    text = words(owner.get("/"))

    assert f"Order {order_id}" in text
    assert "Awaiting payment" in text
    assert "A$ 29.70" in text


def _another_service(customer: Customer, *, orders: int) -> None:
    assert orders == 1
    make_service(customer, seats={"basic": 1}, started_on="2026-11-20")
