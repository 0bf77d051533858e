"""One user: contact details, blocking and allowing sign-in, deleting."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.people import silence
from tests.entrypoints.portal.reading import field, words
from tests.journeys.outside import World, outside_without_writes

from perseat.capabilities.accounts.models import AuditEntry
from perseat.journeys.people import PersonRow, get_person

pytestmark = pytest.mark.django_db

FACTS = {
    "first_name": "Grace",
    "last_name": "Hopper",
    "display_name": "Grace Hopper",
    "job_title": "Admiral",
    "department": "Navy",
    "country": "US",
}


def address(world: World, act: str = "") -> str:
    return f"/services/{world.service.pk}/users/{world.person_id('Grace')}/{act}"


def grace(world: World) -> PersonRow:
    return get_person(
        world.outside,
        customer_id=world.customer.pk,
        service_id=world.service.pk,
        person_id=f"grace@{world.tenant.domain}",
    )


def test_contact_details_are_shown_and_changed(world: World, owner: Client) -> None:
    page = owner.get(address(world))
    assert field(page, "display_name") == "Grace"

    after = owner.post(address(world), FACTS, follow=True)

    assert "Saved." in words(after)
    found = grace(world)
    assert {name: getattr(found, name) for name in FACTS} == FACTS
    assert AuditEntry.objects.filter(verb="changed user").exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"display_name": ""}, "Please type the name that others will see."),
        ({"display_name": "   "}, "Please type the name that others will see."),
        ({"display_name": "n" * 257}, "at most 256 characters"),
        ({"department": "n" * 65}, "at most 64 characters"),
        ({"country": ""}, "Please choose a country."),
        ({"country": "ÄÖ"}, "Please choose a country from the list."),
    ],
)
def test_what_cannot_be_used_is_explained_and_kept(
    world: World, owner: Client, typed: dict[str, str], sentence: str
) -> None:
    page = owner.post(address(world), FACTS | typed)

    assert page.status_code == 422
    assert sentence in words(page)
    assert field(page, "job_title") == "Admiral"
    assert grace(world).job_title == ""


def test_when_microsoft_is_silent_what_was_typed_is_kept(world: World, owner: Client) -> None:
    where = address(world)
    silence(world)

    page = owner.post(where, FACTS)

    assert page.status_code == 200
    assert "Microsoft does not answer right now" in words(page)
    assert field(page, "job_title") == "Admiral"
    assert owner.get(where).status_code == 200


def test_a_blocked_user_cannot_sign_in_until_it_is_allowed_again(world: World, owner: Client) -> None:
    blocked = owner.post(address(world, "block/"), follow=True)

    assert "Blocked, and signed out everywhere." in words(blocked)
    assert not grace(world).is_enabled
    assert len(world.writes("/revokeSignInSessions")) == 1

    allowed = owner.post(address(world, "allow/"), follow=True)

    assert "The user can sign in again." in words(allowed)
    assert grace(world).is_enabled


def test_a_deleted_user_is_gone_and_the_license_is_free(world: World, owner: Client) -> None:
    ada = f"/services/{world.service.pk}/users/{world.person_id('Ada')}/delete/"

    page = owner.post(ada, follow=True)

    assert page.redirect_chain[-1][0] == f"/services/{world.service.pk}/users/"
    assert "Deleted. The licenses are free for others" in words(page)
    assert "Microsoft 365 Business Basic 1 available of 1" in words(page)
    assert list(world.licenses()) == ["Grace"]


def test_who_is_no_longer_there_is_not_said_to_be_deleted(world: World, owner: Client) -> None:
    stranger = f"/services/{world.service.pk}/users/11111111-2222-3333-4444-555555555555/delete/"

    text = words(owner.post(stranger, follow=True))

    assert "Deleted." not in text
    assert "This user is no longer in your tenant." in text
    assert not AuditEntry.objects.filter(verb="deleted user").exists()


@pytest.mark.parametrize("act", ["block/", "allow/", "delete/", "sign-out/"])
def test_acts_say_when_they_could_not_be_done(world: World, owner: Client, settings: Settings, act: str) -> None:
    settings.OUTSIDE = outside_without_writes(world)

    page = owner.post(address(world, act), follow=True)

    assert "so nothing was changed" in words(page)
    assert not AuditEntry.objects.filter(verb__in=("blocked sign-in", "allowed sign-in", "deleted user")).exists()
    assert list(world.licenses()) == ["Ada", "Grace"]


@pytest.mark.parametrize("act", ["", "block/", "allow/", "delete/", "sign-out/"])
def test_only_those_who_may_manage_people_act(world: World, visitors: Visitors, act: str) -> None:
    assert visitors.viewer.post(address(world, act), FACTS).status_code == 403
    assert visitors.stranger.post(address(world, act), FACTS).status_code == 404
    assert visitors.nobody.post(address(world, act), FACTS).status_code == 302
    if act:
        assert visitors.owner.get(address(world, act)).status_code == 405
    assert grace(world).display_name == "Grace"
    assert grace(world).is_enabled


def test_a_viewer_sees_the_details_and_no_button(world: World, visitors: Visitors) -> None:
    page = visitors.viewer.get(address(world))

    assert field(page, "display_name") == "Grace"
    assert "<button" not in page.content.decode().partition("<main")[2]
