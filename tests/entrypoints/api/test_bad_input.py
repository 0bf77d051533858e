"""Whatever is sent, the answer is a problem with a sentence, never a crash."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from tests.entrypoints.api.calling import ROOT, Program
from tests.journeys.outside import World

from perseat.capabilities.ordering.models import Quote

BODIES = [
    (b"{", 400, "body_is_no_json"),
    (b"\xff\xfe", 400, "body_is_no_json"),
    (b'{"wanted": {"basic": NaN}}', 400, "body_is_no_json"),
    (b'{"wanted": {"basic": -Infinity}}', 400, "body_is_no_json"),
    (b'{"wanted": {"basic": 2}, "wanted": {"basic": 3}}', 400, "body_is_no_json"),
    (b'{"wanted": {"basic": ' + b"9" * 5000 + b"}}", 400, "body_is_no_json"),
    (b'{"wanted": {"basic": ' + b"9" * 400 + b"}}", 422, "field_not_usable"),
    (b'{"wanted": {"basic": 1e400}}', 422, "field_not_usable"),
    (b'{"wanted": {"basic": null}}', 422, "field_not_usable"),
    (b"[" * 30_000, 400, "body_is_no_json"),
    (b"[" * 500 + b"]" * 500, 400, "body_too_deep"),
    (b'{"wanted": ' + b'{"a":' * 9 + b"1" + b"}" * 9 + b"}", 400, "body_too_deep"),
    (b'{"wanted": {"basic\\u0000": 2}}', 400, "text_not_usable"),
    (b'{"wanted": {"basic\\ud800": 2}}', 400, "text_not_usable"),
    (b'{"wanted": {"basic": 2}, "discount": "100"}', 422, "field_unknown"),
    (b'{"wanted": [1]}', 422, "field_not_usable"),
    (b'{"wanted": "basic"}', 422, "field_not_usable"),
    (b"[]", 422, "field_not_usable"),
    (b"null", 422, "field_not_usable"),
    (b'"wanted"', 422, "field_not_usable"),
    (b"{}", 422, "field_not_usable"),
    (b"", 422, "field_not_usable"),
    (b" ", 400, "body_is_no_json"),
    (b'{"wanted": {"basic": 2}}' + b" " * 70_000, 413, "body_too_long"),
    (b" " * 3_000_000, 413, "body_too_long"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES, ids=[each[0][:30].decode("latin1") for each in BODIES])
def test_a_body_that_cannot_be_used_is_refused(
    world: World, owner: Program, body: bytes, status: int, code: str
) -> None:
    answer = owner.send(f"/services/{world.service.pk}/quotes", body)

    assert (answer.status, answer.json["code"]) == (status, code), answer.json
    assert answer.json["sentence"].endswith(".")
    assert not Quote.objects.exists()


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/json5"])
def test_only_json_is_read(world: World, owner: Program, content_type: str) -> None:
    body = json.dumps({"wanted": {"basic": 2}}).encode()

    answer = owner.send(f"/services/{world.service.pk}/quotes", body, content_type=content_type)

    assert (answer.status, answer.json["code"]) == (415, "content_type_not_usable")


def test_a_character_set_beside_the_content_type_is_fine(world: World, owner: Program) -> None:
    body = json.dumps({"wanted": {"basic": 2}}).encode()

    answer = owner.send(f"/services/{world.service.pk}/quotes", body, content_type="application/json; charset=utf-8")

    assert answer.status == 201


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "9" * 30, "9" * 5000, ""])
def test_a_page_that_is_no_number_is_refused(owner: Program, page: str) -> None:
    for address in ("/services", "/orders", "/invoices"):
        answer = owner.get(address, page=page)
        assert (answer.status, answer.json["field"]) == (422, "page")


def test_signs_that_no_text_may_have_are_refused(world: World, owner: Program) -> None:
    people = f"/services/{world.service.pk}/people"

    assert owner.get(people, search="a\x00b").json["code"] == "text_not_usable"
    assert owner.get(people, page="not a page").json["code"] == "microsoft_refused"
    assert owner.get(people, search="x" * 101).json["field"] == "search"
    for address in ("invoices/INV%00", "invoices/%00/pdf", "x%00", "invoices/" + "x" * 300):
        answer = Client().get(f"{ROOT}/{address}", headers={"Authorization": f"Bearer {owner.secret}"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_too_many_parameters_are_refused(owner: Program) -> None:
    answer = Client().get(
        f"{ROOT}/services?" + "&".join(f"a{number}=1" for number in range(2000)),
        headers={"Authorization": f"Bearer {owner.secret}"},
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "request_not_usable"


def test_a_method_that_is_not_offered_is_said(owner: Program) -> None:
    for method in ("put", "delete", "patch", "post"):
        answer = getattr(Client(), method)(f"{ROOT}/me", headers={"Authorization": f"Bearer {owner.secret}"})
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_offered")
        assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize("key", ["a b", "ü", "x" * 201])
def test_a_key_that_cannot_be_kept_is_refused(world: World, owner: Program, key: str) -> None:
    answer = owner.post(f"/services/{world.service.pk}/quotes", {"wanted": {"basic": 2}}, key=key)

    assert (answer.status, answer.json["code"]) == (400, "key_not_usable")


def test_withdrawing_takes_no_fields(world: World, owner: Program) -> None:
    answer = owner.post(f"/orders/{world.order(basic=2)}/withdraw", {"reason": "x"})

    assert (answer.status, answer.json["field"]) == (422, "reason")
