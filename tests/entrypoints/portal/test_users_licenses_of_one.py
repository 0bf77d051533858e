"""Manage product licenses of one person: ticks, what would be lost, what is refused, and how it ended."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.people import make_roomy_world, only_silence, silence
from tests.entrypoints.portal.reading import words
from tests.journeys.outside import World, outside_without_writes

from perseat.capabilities.licensing.models import LicenseChange
from perseat.journeys.assignment import carry_out_change
from perseat.journeys.people import get_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """A tenant with seats to spare: Ada holds Basic, Grace nothing, Bob has Basic from a group."""
    return make_roomy_world(settings)


def address(world: World, name: str) -> str:
    return f"/services/{world.service.pk}/users/{world.person_id(name)}/licenses/"


def box(page: object, code: str) -> str:
    found = re.search(rf'<input[^>]*name="edition" value="{code}"[^>]*>', page.content.decode())  # type: ignore[attr-defined]
    assert found
    return found[0]


def test_each_edition_is_a_checkbox_with_what_is_available_beside_it(world: World, owner: Client) -> None:
    page = owner.get(address(world, "Ada"))

    text = words(page)
    assert "Microsoft 365 Business Basic 1 available" in text
    assert "Microsoft 365 Business Standard 2 available" in text
    assert "Microsoft 365 Business Premium 0 available" in text
    assert " checked" in box(page, "basic")
    assert " checked" not in box(page, "standard")
    assert " disabled" not in box(page, "basic") + box(page, "standard")
    assert " disabled" in box(page, "premium"), "none is left, and Ada does not hold it"
    assert "Mailbox (Exchange)" in text
    assert "EXCHANGE_S_STANDARD" not in page.content.decode()


def test_a_license_is_given_at_once_and_the_page_says_what_comes_next(world: World, owner: Client) -> None:
    page = owner.post(address(world, "Grace"), {"edition": "basic", "country": "AU"}, follow=True)

    assert world.licenses()["Grace"] == ["basic"]
    text = words(page)
    assert "Changes saved" in text
    assert "Grace Microsoft 365 Business Basic given. Done Sign out everywhere" in text
    assert "Licenses usually work at once" in text


def test_changing_to_a_larger_edition_is_one_call_and_asks_nothing_more(world: World, owner: Client) -> None:
    owner.post(address(world, "Ada"), {"edition": "standard", "held": "basic"})

    assert world.licenses()["Ada"] == ["standard"]
    assert len(world.writes("/assignLicense")) == 1


def test_what_would_be_lost_is_said_first_and_the_choices_are_kept(world: World, owner: Client) -> None:
    first = owner.post(address(world, "Ada"), {"held": "basic"})

    assert "Ada loses the mailbox, Teams and the files in OneDrive." in words(first)
    assert world.licenses()["Ada"] == ["basic"]
    assert 'name="held" value="basic"' in first.content.decode()

    back = owner.post(address(world, "Ada"), {"held": "basic", "step": "back"})
    assert " checked" not in box(back, "basic"), "what was unticked stays unticked"

    owner.post(address(world, "Ada"), {"held": "basic", "step": "agreed"})
    assert world.licenses()["Ada"] == []


def test_what_somebody_else_gave_meanwhile_is_not_taken_away(world: World, owner: Client) -> None:
    owner.post(address(world, "Grace"), {"edition": "basic", "country": "AU"})

    owner.post(address(world, "Grace"), {"edition": "standard"})  # from a page that showed no license

    assert "basic" in world.licenses()["Grace"]


def test_a_license_from_a_group_is_shown_as_such_and_cannot_be_changed(world: World, owner: Client) -> None:
    page = owner.get(address(world, "Bob"))

    assert " checked disabled" in box(page, "basic")
    assert "Comes from a group" in words(page)
    assert 'name="held" value="basic"' not in page.content.decode()


def test_the_country_is_asked_for_where_it_is_missing_with_the_tenants_as_the_first_choice(
    world: World, owner: Client
) -> None:
    page = owner.get(address(world, "Grace"))
    assert '<option value="AU" selected>Australia</option>' in page.content.decode()
    assert 'name="country"' not in owner.get(address(world, "Ada")).content.decode()

    owner.post(address(world, "Grace"), {"edition": "basic", "country": "NZ"})

    person = get_person(
        world.outside,
        customer_id=world.customer.pk,
        service_id=world.service.pk,
        person_id=world.person_id("Grace"),
    )
    assert person.country == "NZ"


@pytest.mark.parametrize(
    ("name", "form", "sentence"),
    [
        ("Ada", {"edition": "basic", "held": "basic"}, "Tick or untick at least one license."),
        ("Grace", {"country": "AU"}, "Tick or untick at least one license."),
        ("Grace", {"edition": "basic", "country": "XX"}, "Please choose a country from the list."),
        ("Grace", {"edition": "basic"}, "Please choose a country from the list."),
        ("Grace", {"edition": "gold", "country": "AU"}, "One of the licenses is not known here"),
        ("Grace", {"edition": "premium", "country": "AU"}, "1 needed, but only 0 seats are available"),
        ("Ada", {"edition": "<script>", "held": "basic", "step": "agreed"}, "One of the licenses is not known here"),
        ("Ada", {"edition": ["basic", "premium"], "held": "basic"}, "1 needed, but only 0 seats are available"),
    ],
)
def test_a_form_that_cannot_be_saved_is_explained_and_kept(
    world: World, owner: Client, name: str, form: dict[str, str | list[str]], sentence: str
) -> None:
    before = world.licenses()

    page = owner.post(address(world, name), form)

    assert page.status_code == 422
    assert sentence in words(page)
    for code in ("basic", "premium"):
        if code in form.get("edition", ""):
            assert " checked" in box(page, code), "the tick stays"
    assert world.licenses() == before
    assert not LicenseChange.objects.exists()


def test_when_microsoft_is_silent_the_choices_are_kept_until_it_answers(world: World, owner: Client) -> None:
    owner.get(address(world, "Grace"))
    silence(world)

    page = owner.post(address(world, "Grace"), {"edition": "standard", "country": "NZ"})

    assert page.status_code == 200
    text = words(page)
    assert "Microsoft does not answer right now" in text
    assert "Your choices are kept." in text
    assert "Microsoft 365 Business Basic 1 available of 3 " in text
    for kept in ('name="edition" value="standard"', 'name="country" value="NZ"'):
        assert kept in page.content.decode()


def test_a_change_that_got_no_answer_waits_is_said_and_is_carried_out_later(world: World, owner: Client) -> None:
    world.line.lose_request(method="POST", path="assignLicense", times=5)

    page = owner.post(address(world, "Grace"), {"edition": "basic", "country": "AU"}, follow=True)

    assert "Saving changes" in words(page)
    assert "Microsoft has not answered yet. We ask again by ourselves." in words(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()
    for _again in range(2):
        carry_out_change(world.outside, LicenseChange.objects.get().public_id)
    later = owner.get(page.redirect_chain[-1][0] + "progress/")
    assert "Changes saved" in words(later)
    assert "hx-get" not in later.content.decode()
    assert world.licenses()["Grace"] == ["basic"]


def test_with_writes_switched_off_the_change_waits_and_the_page_says_why(
    world: World, owner: Client, settings: Settings
) -> None:
    settings.OUTSIDE = outside_without_writes(world)

    page = owner.post(address(world, "Grace"), {"edition": "basic", "country": "AU"}, follow=True)

    assert "Changes at Microsoft are switched off" in words(page)
    assert "hx-get" not in page.content.decode()
    assert world.licenses()["Grace"] == []


def test_a_viewer_looks_only(world: World, visitors: Visitors) -> None:
    page = visitors.viewer.get(address(world, "Grace"))

    assert "Save changes" not in words(page)
    assert " disabled" in box(page, "basic")
    refusal = visitors.viewer.post(address(world, "Grace"), {"edition": "basic", "country": "AU"})
    assert refusal.status_code == 403
    assert "With your role you cannot change licenses" in words(refusal)
    assert world.licenses()["Grace"] == []


def test_strangers_find_nothing(world: World, visitors: Visitors) -> None:
    where = address(world, "Grace")

    assert visitors.stranger.get(where).status_code == 404
    assert visitors.stranger.post(where, {"edition": "basic", "country": "AU"}).status_code == 404
    assert world.licenses()["Grace"] == []


@pytest.mark.parametrize("person_id", ["nobody", "00000000-0000-0000-0000-000000000000", "x" * 60])
def test_a_person_who_is_not_there_leads_back_to_the_list(world: World, owner: Client, person_id: str) -> None:
    page = owner.get(f"/services/{world.service.pk}/users/{person_id}/licenses/", follow=True)

    assert page.redirect_chain[-1][0] == f"/services/{world.service.pk}/users/"
    assert "This user is no longer in your tenant." in words(page)


@pytest.mark.parametrize("person_id", ["..%2Fadmin", "%00", "'", "%3Fa", "x" * 61])
def test_an_address_that_can_be_nobodys_does_not_exist(world: World, owner: Client, person_id: str) -> None:
    assert owner.get(f"/services/{world.service.pk}/users/{person_id}/licenses/").status_code == 404


def test_signing_out_everywhere_is_one_press_and_leads_back(world: World, owner: Client) -> None:
    changed = owner.post(address(world, "Grace"), {"edition": "basic", "country": "AU"})
    sign_out = f"/services/{world.service.pk}/users/{world.person_id('Grace')}/sign-out/"

    page = owner.post(sign_out, {"change": str(LicenseChange.objects.get().public_id)}, follow=True)

    assert page.redirect_chain[-1][0] == changed.url
    assert "Signed out everywhere." in words(page)
    assert len(world.writes("/revokeSignInSessions")) == 1


def test_signing_out_says_when_microsoft_is_silent_and_follows_no_odd_address(world: World, owner: Client) -> None:
    only_silence(world, path="revokeSignInSessions", method="POST")

    page = owner.post(
        f"/services/{world.service.pk}/users/{world.person_id('Ada')}/sign-out/",
        {"change": "https://evil.example/"},
        follow=True,
    )

    assert page.redirect_chain[-1][0] == f"/services/{world.service.pk}/users/{world.person_id('Ada')}/"
    assert "Microsoft does not answer right now" in words(page)
