"""Manage product licenses of a selection: leave, give or take for each edition, and how it ends for each person."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.people import add_people, make_roomy_world, make_tenant_with, silence
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World

from perseat.capabilities.licensing.models import LicenseChange
from perseat.journeys.assignment import carry_out_change

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """A tenant with seats to spare: Ada holds Basic, Grace nothing, Bob has Basic from a group."""
    return make_roomy_world(settings)


def address(world: World) -> str:
    return f"/services/{world.service.pk}/users/licenses/"


def selection(world: World, *names: str, **acts: str) -> dict[str, str | list[str]]:
    chosen = {f"act-{code}": act for code, act in acts.items() if code != "country"}
    return {"person": [world.person_id(name) for name in names], "country": acts.get("country", "AU"), **chosen}


def work(world: World) -> None:
    """What the worker does."""
    carry_out_change(world.outside, LicenseChange.objects.latest("pk").public_id)


def radio(page: HttpResponse, code: str) -> str:
    found = re.search(rf'name="act-{code}" value="(\w+)" checked', page.content.decode())
    assert found
    return found[1]


def test_the_ticked_people_stand_beside_three_choices_for_each_edition(world: World, owner: Client) -> None:
    page = owner.get(address(world), selection(world, "Ada", "Grace"))

    text = words(page)
    assert "Licenses for 2 users" in text
    assert "Microsoft 365 Business Basic 1 available 1 of 2 have it Leave as it is Give to all Take from all" in text
    assert [radio(page, code) for code in ("basic", "standard", "premium")] == ["leave"] * 3
    assert "Without a country: Grace" in text


def test_one_ticked_person_has_the_page_of_one(world: World, owner: Client) -> None:
    page = owner.get(address(world), selection(world, "Ada"))

    assert page.url == f"/services/{world.service.pk}/users/{world.person_id('Ada')}/licenses/"


def test_an_edition_is_changed_for_all_in_one_call_each_and_the_page_shows_each(world: World, owner: Client) -> None:
    saved = owner.post(address(world), selection(world, "Ada", "Grace", basic="take", standard="give"))
    waiting = owner.get(saved.url)
    assert "0 of 2 done" in words(waiting)
    assert "You can leave this page and come back" in words(waiting)

    work(world)

    assert world.licenses() == {"Ada": ["standard"], "Grace": ["standard"], "Bob": ["basic"]}
    assert len(world.writes("/assignLicense")) == 2
    text = words(owner.get(saved.url))
    done = "Microsoft 365 Business Standard given, Microsoft 365 Business Basic taken away. Done"
    assert f"Ada {done}" in text
    assert f"Grace {done}" in text


def test_what_people_would_lose_is_said_first_and_all_choices_are_kept(world: World, owner: Client) -> None:
    form = selection(world, "Ada", "Grace", basic="take")

    page = owner.post(address(world), form)

    assert "Ada loses the mailbox, Teams and the files in OneDrive." in words(page)
    assert not LicenseChange.objects.exists()
    kept = re.findall(r'name="(person|act-basic)" value="([^"]*)"', page.content.decode())
    assert kept == [*(("person", each) for each in form["person"]), ("act-basic", "take")]
    assert radio(owner.post(address(world), {**form, "step": "back"}), "basic") == "take"
    owner.post(address(world), {**form, "step": "agreed"})
    work(world)
    assert world.licenses()["Ada"] == []


def test_whom_microsoft_refuses_is_told_why_and_can_be_tried_again(world: World, owner: Client) -> None:
    saved = owner.post(address(world), {**selection(world, "Ada", "Bob", basic="take"), "step": "agreed"})
    work(world)

    page = owner.get(saved.url)
    text = words(page)
    assert "Changes saved, but not for everybody" in text
    assert "Bob This license comes from a group. Take the person out of the group to remove it. Not done" in text
    assert "Try again for 1 user" in text

    again = owner.post(f"{saved.url}retry/", follow=True)

    assert again.redirect_chain[-1][0] != saved.url
    assert "Changes not saved" in words(again)
    assert LicenseChange.objects.count() == 2
    assert world.licenses()["Bob"] == ["basic"]


def test_trying_again_when_nobody_failed_changes_nothing(world: World, owner: Client) -> None:
    saved = owner.post(address(world), selection(world, "Ada", "Grace", standard="give"))

    page = owner.post(f"{saved.url}retry/", follow=True)

    assert "There is nobody left" in words(page)
    assert LicenseChange.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Tick or untick at least one license."),
        ({"basic": "leave"}, "Tick or untick at least one license."),
        ({"basic": "nonsense"}, "Tick or untick at least one license."),
        ({"premium": "give"}, "2 needed, but only 0 seats are available for Microsoft 365 Business Premium"),
        ({"standard": "give", "country": "ZZ"}, "Please choose a country from the list."),
        ({"standard": "give", "country": "<b>"}, "Please choose a country from the list."),
    ],
)
def test_a_form_that_cannot_be_saved_is_explained_and_kept(
    world: World, owner: Client, form: dict[str, str], sentence: str
) -> None:
    page = owner.post(address(world), selection(world, "Ada", "Grace", **form))

    assert page.status_code == 422
    assert sentence in words(page)
    for code, act in form.items():
        if act == "give":
            assert radio(page, code) == "give"
    assert not LicenseChange.objects.exists()


@pytest.mark.parametrize("person_id", ["../../team", "<script>x</script>", "a?b", "\x00", "x" * 61])
def test_an_address_of_somebody_who_cannot_be_leads_back_with_a_sentence(
    world: World, owner: Client, person_id: str
) -> None:
    page = owner.get(address(world), {"person": person_id}, follow=True)

    assert page.redirect_chain == [(f"/services/{world.service.pk}/users/", 302)]
    assert "Tick at least one user in the list first." in words(page)


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ([], "Tick at least one user in the list first."),
        ([""], "Tick at least one user in the list first."),
        (["x" * 5000], "Tick at least one user in the list first."),
        (["../../team"], "Tick at least one user in the list first."),
        (["<script>x</script>", "\x00"], "Tick at least one user in the list first."),
        ([str(uuid4()) for _number in range(101)], "Choose at most 100 users at a time; you chose 101."),
        (["nobody", "somebody-else"], "None of these users is in your tenant any more."),
    ],
)
def test_a_selection_that_cannot_be_used_leads_back_with_a_sentence(
    world: World, owner: Client, people: list[str], sentence: str
) -> None:
    page = owner.post(address(world), {"person": people, "act-basic": "give"}, follow=True)

    assert page.redirect_chain[-1][0] == f"/services/{world.service.pk}/users/"
    assert sentence in words(page)
    assert not LicenseChange.objects.exists()


def test_more_people_than_seats_says_how_many_are_missing_and_leads_to_buying(world: World, owner: Client) -> None:
    add_people(world, count=2)
    form = selection(world, "Grace", "Person 000", "Person 001", standard="give")

    page = owner.post(address(world), form)

    assert "3 needed, but only 2 seats are available for Microsoft 365 Business Standard." in words(page)
    assert "Buy seats of Microsoft 365 Business Standard" in words(page)


def test_when_microsoft_is_silent_the_selection_and_the_choices_are_kept(world: World, owner: Client) -> None:
    form = selection(world, "Ada", "Grace", standard="give", country="NZ")
    owner.get(address(world), form)
    silence(world)

    page = owner.post(address(world), form)

    assert page.status_code == 200
    assert "Microsoft does not answer right now" in words(page)
    for kept in (*form["person"], "give", "NZ"):
        assert f'value="{kept}"' in page.content.decode()


def test_viewers_and_strangers_change_nothing(world: World, visitors: Visitors) -> None:
    form = selection(world, "Ada", "Grace", standard="give")
    saved = visitors.colleague.post(address(world), form)

    assert visitors.viewer.get(address(world), form).status_code == 403
    assert visitors.viewer.post(address(world), form).status_code == 403
    assert visitors.viewer.post(f"{saved.url}retry/").status_code == 403
    assert visitors.stranger.post(address(world), form).status_code == 404
    assert visitors.stranger.get(saved.url).status_code == 404
    assert visitors.stranger.get(f"{saved.url}progress/").status_code == 404
    assert visitors.stranger.post(f"{saved.url}retry/").status_code == 404
    looking = visitors.viewer.get(saved.url)
    assert looking.status_code == 200
    assert "<button" not in looking.content.decode().partition("<main")[2]
    assert LicenseChange.objects.count() == 1


def test_a_change_does_not_show_under_another_service_of_the_same_customer(world: World, owner: Client) -> None:
    saved = owner.post(address(world), selection(world, "Ada", "Grace", standard="give"))
    other = make_tenant_with(world, people=())

    misplaced = saved.url.replace(f"/services/{world.service.pk}/", f"/services/{other.pk}/")

    assert owner.get(misplaced).status_code == 404
    assert owner.get(f"/services/{world.service.pk}/users/changes/{uuid4()}/").status_code == 404


def test_the_progress_of_many_takes_as_many_queries_as_that_of_two(world: World, owner: Client) -> None:
    few_people = owner.post(address(world), selection(world, "Ada", "Grace", standard="give")).url
    with CaptureQueriesContext(connection) as few:
        owner.get(few_people)
    add_people(world, count=30)
    names = [f"Person {number:03}" for number in range(30)]
    many_people = owner.post(address(world), {**selection(world, *names, basic="take"), "step": "agreed"}).url

    with CaptureQueriesContext(connection) as many:
        page = owner.get(many_people)

    assert words(page).count("Waits for its turn.") == 30
    assert len(many) == len(few)
