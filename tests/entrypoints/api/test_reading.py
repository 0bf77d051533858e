"""Reading by the API: the figures of the product summary, people page by page, and licenses as they change."""

from __future__ import annotations

from tests.entrypoints.api.calling import Program
from tests.entrypoints.portal.people import add_people, silence
from tests.journeys.outside import World

from perseat.capabilities.invoicing.models import Document


def test_the_summary_says_where_each_figure_comes_from(world: World, owner: Program) -> None:
    number = Document.objects.get().number

    summary = owner.get(f"/services/{world.service.pk}").json

    assert summary["paid_to"] == {"day": "2026-12-21", "sources": [number]}
    assert summary["owed"] == {"amount": {"amount": "0.00", "currency": "AUD"}, "sources": []}
    assert summary["next_charge"]["total"]["amount"] == "9.90"
    basic, standard, _premium = summary["licenses"]
    assert (basic["purchased"], basic["assigned"], basic["available"], basic["sources"]) == (1, 1, 0, [number])
    assert (standard["purchased"], standard["at_microsoft"], standard["available"]) == (0, 2, 0)
    assert summary["counts_are_current"] is True


def test_while_microsoft_is_silent_the_last_counts_stay(world: World, owner: Program) -> None:
    first = owner.get(f"/services/{world.service.pk}").json
    silence(world)
    second = owner.get(f"/services/{world.service.pk}").json

    assert second["counts_are_current"] is False
    assert second["licenses"] == first["licenses"]
    people = owner.get(f"/services/{world.service.pk}/people")
    assert (people.status, people.json["code"]) == (503, "microsoft_is_silent")
    assert people.response.headers["Retry-After"] == "30"


def test_people_come_page_by_page(world: World, owner: Program) -> None:
    add_people(world, count=60)
    there = f"/services/{world.service.pk}/people"

    first = owner.get(there).json
    second = owner.get(there, page=first["next_page"]).json

    names = [each["display_name"] for each in (*first["items"], *second["items"])]
    assert len(first["items"]) == 50
    assert names == sorted(names)
    assert len(set(names)) == 63
    assert second["next_page"] is None
    ada = next(each for each in first["items"] if each["display_name"] == "Ada")
    assert [each["edition"] for each in ada["licenses"]] == ["basic"]
    assert [each["display_name"] for each in owner.get(there, search="grac").json["items"]] == ["Grace"]


def test_a_license_is_given_and_the_change_can_be_asked_after(world: World, owner: Program) -> None:
    there = f"/services/{world.service.pk}/license-changes"

    change = owner.post(there, {"people": [world.person_id("Grace")], "add": ["standard"], "country": "AU"})

    assert change.status == 201
    assert (change.json["done"], change.json["is_finished"], change.json["add"]) == (1, True, ["standard"])
    assert world.licenses()["Grace"] == ["standard"]
    assert owner.get(f"/license-changes/{change.json['id']}").json == change.json


def test_a_change_for_several_waits_for_the_worker(world: World, owner: Program) -> None:
    there = f"/services/{world.service.pk}/license-changes"
    people = [world.person_id(name) for name in ("Grace", "Bob")]

    change = owner.post(there, {"people": people, "add": ["standard"]}).json

    assert (change["total"], change["waiting"], change["is_finished"]) == (2, 2, False)
    assert {each["state"] for each in change["people"]} == {"waiting"}


def test_what_cannot_be_given_is_said_and_changes_nothing(world: World, owner: Program) -> None:
    there = f"/services/{world.service.pk}/license-changes"
    grace = world.person_id("Grace")
    for body, status, code, field in [
        ({"people": [grace], "add": ["basic"]}, 409, "not_enough_seats", None),
        ({"people": [grace], "add": ["visio"]}, 422, "edition_unknown", "add.0"),
        ({"people": [grace], "remove": ["standard", "visio"]}, 422, "edition_unknown", "remove.1"),
        ({"people": [grace]}, 422, "nothing_to_change", "add"),
        ({"people": [grace], "add": ["basic"], "remove": ["basic"]}, 422, "license_not_usable", "add"),
        ({"people": [], "add": ["basic"]}, 422, "field_not_usable", "people"),
        ({"people": ["nobody"], "add": ["basic"]}, 404, "not_found", None),
        ({"people": ["../../me"], "add": ["basic"]}, 422, "field_not_usable", "people.0"),
        ({"people": [grace], "add": ["standard"], "country": "Australia"}, 422, "field_not_usable", "country"),
    ]:
        answer = owner.post(there, body)
        assert (answer.status, answer.json["code"], answer.json.get("field")) == (status, code, field), answer.json
    assert world.licenses()["Grace"] == []
