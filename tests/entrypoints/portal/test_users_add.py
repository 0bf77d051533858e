"""Add a user: a name, an address, a country, and a first password that is shown once."""

from __future__ import annotations

import html
import re

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings
from tests.entrypoints.portal.conftest import Visitors
from tests.entrypoints.portal.people import only_silence, silence
from tests.entrypoints.portal.reading import field, words
from tests.journeys.outside import World, outside_without_writes

from perseat.capabilities.accounts.models import AuditEntry
from perseat.journeys.people import get_person

pytestmark = pytest.mark.django_db

FORM_ID = "a form's own random text"


def address(world: World) -> str:
    return f"/services/{world.service.pk}/users/add/"


def form(world: World, **changes: str) -> dict[str, str]:
    typed = {
        "first_name": "Dora",
        "last_name": "Dee",
        "display_name": "",
        "user_name": "dora",
        "domain": world.tenant.domain,
        "country": "NZ",
        "job_title": "Baker",
        "department": "Kitchen",
        "form_id": FORM_ID,
    }
    return typed | changes


def people(world: World) -> list[str]:
    return [each.display_name for each in world.simulator.users(str(world.tenant.tenant_id))]


def password_on(page: HttpResponse) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', page.content.decode())
    assert found, "no password is shown"
    return html.unescape(found[1])


def test_the_form_offers_the_confirmed_domains_and_the_tenants_country(world: World, owner: Client) -> None:
    text = owner.get(address(world)).content.decode()

    assert f'<option value="{world.tenant.domain}"' in text
    assert '<option value="AU" selected>' in text


def test_a_user_is_added_with_a_password_shown_once_and_the_next_step(world: World, owner: Client) -> None:
    page = owner.post(address(world), form(world))

    text = words(page)
    assert "Dora Dee is added" in text
    assert f"dora@{world.tenant.domain}" in text
    assert len(password_on(page)) == 16
    assert "no-store" in page["Cache-Control"]
    found = get_person(
        world.outside,
        customer_id=world.customer.pk,
        service_id=world.service.pk,
        person_id=f"dora@{world.tenant.domain}",
    )
    assert (found.first_name, found.last_name, found.country, found.job_title) == ("Dora", "Dee", "NZ", "Baker")
    assert f"/users/{found.person_id}/licenses/" in page.content.decode()
    entry = AuditEntry.objects.get(verb="added user")
    assert password_on(page) not in str(vars(entry))


def test_a_page_that_is_loaded_again_never_shows_a_password_that_does_not_count(world: World, owner: Client) -> None:
    owner.post(address(world), form(world))

    again = owner.post(address(world), form(world))

    assert again.status_code == 422
    assert "Somebody has this sign-in name already. Choose another." in words(again)
    assert "secret" not in again.content.decode()
    assert people(world).count("Dora Dee") == 1


def test_each_opened_form_makes_a_password_of_its_own(world: World, owner: Client) -> None:
    ids = {field(owner.get(address(world)), "form_id") for _number in range(2)}
    first = password_on(owner.post(address(world), form(world)))

    second = password_on(owner.post(address(world), form(world, user_name="dora2", form_id="x" * 32)))

    assert len(ids) == 2
    assert first != second


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"user_name": ""}, "Please type the part of the address before the @."),
        ({"user_name": "dôra"}, "Use letters without accents"),
        ({"user_name": "do ra"}, "Use letters without accents"),
        ({"user_name": "dora."}, "Use letters without accents"),
        ({"user_name": "dora@acme.example"}, "Use letters without accents"),
        ({"user_name": "<script>"}, "Use letters without accents"),
        ({"user_name": "x" * 65}, "at most 64 characters"),
        ({"user_name": "ada"}, "Somebody has this sign-in name already."),
        ({"domain": ""}, "Please choose one of the domains."),
        ({"domain": "microsoft.com"}, "Please choose one of the domains."),
        ({"first_name": "", "last_name": ""}, "Please type a first and last name, or a display name."),
        ({"first_name": " ", "last_name": " ", "display_name": " "}, "Please type a first and last name"),
        ({"display_name": "n" * 257}, "at most 256 characters"),
        ({"first_name": "n" * 65}, "at most 64 characters"),
        ({"country": ""}, "Please choose a country."),
        ({"country": "XX"}, "Please choose a country from the list."),
    ],
)
def test_what_cannot_be_used_is_explained_beside_its_field_and_everything_is_kept(
    world: World, owner: Client, typed: dict[str, str], sentence: str
) -> None:
    page = owner.post(address(world), form(world, **typed))

    assert page.status_code == 422
    assert sentence in words(page)
    assert "field-wrong" in page.content.decode()
    assert field(page, "job_title") == "Baker"
    assert field(page, "form_id") == FORM_ID
    assert people(world) == ["Ada", "Grace"]


def test_what_microsoft_refuses_is_said_and_everything_is_kept(world: World, owner: Client) -> None:
    only_silence(world, path="v1.0/users", method="POST")

    page = owner.post(address(world), form(world))

    assert page.status_code == 422
    assert "Microsoft does not answer right now" in words(page)
    assert field(page, "user_name") == "dora"


def test_a_lost_answer_still_ends_with_the_password_that_counts(world: World, owner: Client) -> None:
    world.line.lose_answer(method="POST", path="v1.0/users$")

    page = owner.post(address(world), form(world))

    assert "Dora Dee is added" in words(page)
    assert people(world).count("Dora Dee") == 1
    assert len(password_on(page)) == 16


def test_when_microsoft_is_silent_the_form_keeps_what_was_typed(world: World, owner: Client) -> None:
    silence(world)

    page = owner.post(address(world), form(world))

    assert page.status_code == 200
    assert "Microsoft does not answer right now" in words(page)
    assert (field(page, "user_name"), field(page, "first_name")) == ("dora", "Dora")
    assert f'<option value="{world.tenant.domain}" selected>' in page.content.decode()
    assert owner.get(address(world)).status_code == 200


def test_switched_off_writes_are_said_before_and_after(world: World, owner: Client, settings: Settings) -> None:
    settings.OUTSIDE = outside_without_writes(world)

    assert "switched off" in words(owner.get(address(world)))
    assert "so nothing was changed" in words(owner.post(address(world), form(world)))
    assert people(world) == ["Ada", "Grace"]


def test_only_those_who_may_add_users_can(world: World, visitors: Visitors) -> None:
    assert visitors.viewer.get(address(world)).status_code == 403
    assert visitors.viewer.post(address(world), form(world)).status_code == 403
    assert visitors.stranger.post(address(world), form(world)).status_code == 404
    assert people(world) == ["Ada", "Grace"]
    assert "Dora Dee is added" in words(visitors.colleague.post(address(world), form(world)))
