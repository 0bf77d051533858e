"""Active users: who works in the tenant, found quickly, and what is said when Microsoft is silent."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.people import add_people, make_tenant_with, only_silence, silence
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World, outside_without_writes
from tests.makers import make_service

from perseat.journeys.people_changes import WhoAndWhere, block_sign_in

pytestmark = pytest.mark.django_db


def address(world: World, query: str = "") -> str:
    return f"/services/{world.service.pk}/users/{query}"


def names(page: object) -> list[str]:
    return re.findall(r'id="name-[^"]*" href="[^"]*">([^<]+)</a>', page.content.decode())  # type: ignore[attr-defined]


def test_users_in_the_navigation_leads_to_the_people_of_the_only_service(world: World, owner: Client) -> None:
    page = owner.get("/users/", follow=True)

    assert page.redirect_chain == [(address(world), 302)]
    assert "<h1>Active users</h1>" in page.content.decode()
    assert names(page) == ["Ada", "Grace"]


def test_with_several_services_one_is_chosen(world: World, owner: Client) -> None:
    other = make_service(world.customer)

    page = owner.get("/users/")

    assert "Whose users do you want to see?" in words(page)
    assert {address(world), f"/services/{other.pk}/users/"} <= set(re.findall(r'href="([^"]+)"', page.content.decode()))


def test_each_person_stands_there_with_licenses_and_whether_they_can_sign_in(world: World, owner: Client) -> None:
    block_sign_in(
        world.outside,
        WhoAndWhere(
            customer_id=world.customer.pk,
            user_id=world.owner.pk,
            service_id=world.service.pk,
            person_id=world.person_id("Grace"),
        ),
    )

    text = words(owner.get(address(world)))

    assert f"A Ada ada@{world.tenant.domain} Microsoft 365 Business Basic Can sign in Manage product licenses" in text
    assert f"G Grace grace@{world.tenant.domain} none Blocked Manage product licenses" in text
    assert "Microsoft 365 Business Basic 0 available of 1" in text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ad", ["Ada"]),
        ("GRA", ["Grace"]),
        ("grace@", ["Grace"]),
        ("race", []),  # beginnings only
        ("", ["Ada", "Grace"]),
        ('"; drop table', []),
        ('ada" OR "displayName:grace', []),
        ("\x00ad", ["Ada"]),
        ("ad%20&$filter=x", []),
        ("x" * 5000, []),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}", []),
    ],
)
def test_the_search_finds_beginnings_and_stands_anything_that_is_typed(
    world: World, owner: Client, search: str, found: list[str]
) -> None:
    page = owner.get(address(world), {"search": search})

    assert page.status_code == 200
    assert names(page) == found
    if not found:
        assert "Nobody found" in words(page)


def test_filters_show_who_has_no_license_and_who_is_blocked(world: World, owner: Client) -> None:
    assert names(owner.get(address(world, "?only=no_license"))) == ["Grace"]
    assert names(owner.get(address(world, "?only=blocked"))) == []
    assert names(owner.get(address(world, "?only=no_license&search=ada"))) == []
    assert names(owner.get(address(world, "?only=nonsense"))) == ["Ada", "Grace"]


def test_names_and_addresses_sort_both_ways_and_other_wishes_are_ignored(world: World, owner: Client) -> None:
    assert names(owner.get(address(world, "?sort=-display_name"))) == ["Grace", "Ada"]
    assert names(owner.get(address(world, "?sort=-sign_in_name"))) == ["Grace", "Ada"]
    assert names(owner.get(address(world, "?sort=password"))) == ["Ada", "Grace"]


def test_long_lists_come_in_pages_and_each_page_in_the_order_asked_for(world: World, owner: Client) -> None:
    add_people(world, count=60)

    seen, query = [], "?sort=-display_name&only=no_license"
    while query:
        page = owner.get(address(world, query))
        seen.append(names(page))
        found = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        query = found[1].replace("&amp;", "&") if found else ""

    assert [len(each) for each in seen] == [50, 11]
    together = [name for page in seen for name in page]
    assert together == sorted(together, reverse=True)
    assert "Ada" not in together


@pytest.mark.parametrize("token", ["nonsense", "L3VzZXJz", "Li4vLi4vZG9tYWlucw", "%00", "a" * 9000])
def test_a_page_that_nobody_handed_out_is_explained(world: World, owner: Client, token: str) -> None:
    page = owner.get(address(world), {"page": token})

    assert page.status_code == 200
    assert "Begin at the first page" in words(page)


def test_when_microsoft_is_silent_the_last_numbers_stand_with_their_time_and_the_search_is_kept(
    world: World, owner: Client
) -> None:
    owner.get(address(world))
    silence(world)

    page = owner.get(address(world), {"search": "gra"})

    assert page.status_code == 200
    assert "Microsoft does not answer right now" in words(page)
    assert "Microsoft 365 Business Basic 0 available of 1" in words(page)
    assert "as of 22 November 2026, 12:" in words(page)
    assert 'value="gra"' in page.content.decode()


def test_when_only_the_numbers_are_missing_the_people_stand_there(world: World, owner: Client) -> None:
    owner.get(address(world))
    only_silence(world, path="subscribedSkus")

    page = owner.get(address(world))

    assert names(page) == ["Ada", "Grace"]
    assert "as of 22 November 2026, 12:" in words(page)


def test_an_empty_tenant_teaches_the_next_step(world: World, owner: Client) -> None:
    service = make_tenant_with(world, people=())

    page = owner.get(f"/services/{service.pk}/users/")

    assert "No users yet" in words(page)
    assert "Add the first user" in words(page)


def test_a_viewer_sees_the_people_and_no_button(world: World, visitors: Visitors) -> None:
    page = visitors.viewer.get(address(world))

    assert names(page) == ["Ada", "Grace"]
    assert "Add a user" not in words(page)
    assert "Manage product licenses" not in words(page)
    assert 'name="person"' not in page.content.decode()


def test_a_license_manager_acts_but_is_not_led_to_buying(world: World, visitors: Visitors) -> None:
    text = words(visitors.colleague.get(address(world)))

    assert "Add a user" in text
    assert "Buy more seats" not in text
    assert "Buy more seats" in words(visitors.owner.get(address(world)))


def test_strangers_find_nothing_and_the_anonymous_log_in_first(world: World, visitors: Visitors) -> None:
    assert visitors.stranger.get(address(world)).status_code == 404
    assert visitors.owner.get("/services/999999/users/").status_code == 404
    assert visitors.nobody.get(address(world)).url.startswith("/login/")


def test_switched_off_writes_are_said(world: World, owner: Client, settings: Settings) -> None:
    settings.OUTSIDE = outside_without_writes(world)

    assert "Changes at Microsoft are switched off" in words(owner.get(address(world)))


def test_the_number_of_queries_does_not_grow_with_the_people(world: World, owner: Client) -> None:
    owner.get(address(world))
    with CaptureQueriesContext(connection) as few:
        owner.get(address(world))
    add_people(world, count=45)

    with CaptureQueriesContext(connection) as many:
        page = owner.get(address(world))

    assert len(names(page)) == 47
    assert len(many) == len(few)
