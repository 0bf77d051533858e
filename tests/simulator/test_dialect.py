"""Partner Center may say the same in pages, with capitals, and behind a byte order mark."""

from __future__ import annotations

import pytest
from tests.simulator.world import ACME, World


def speak(world: World, **dialect: object) -> None:
    assert world.client.post("/control/settings", json={"dialect": dialect}).status_code == 200


def test_a_long_list_goes_on_by_a_link_with_a_token(world: World) -> None:
    whole = world.partner("GET", "/products", params={"country": "AU", "targetView": "OnlineServices"}).json()["items"]
    speak(world, page_size=4)

    first = world.partner("GET", "/products", params={"country": "AU", "targetView": "OnlineServices"}).json()
    following = first["links"]["next"]
    token = {header["key"]: header["value"] for header in following["headers"]}
    last = world.partner("GET", following["uri"], headers=token).json()

    assert first["items"] + last["items"] == whole
    assert first["totalCount"] == last["totalCount"] == len(whole)
    assert "seekOperation=Next" in following["uri"]
    assert "next" not in last["links"]


@pytest.mark.parametrize("token", ["a4ayc/80", "????"])
def test_a_token_that_was_not_given_out_is_refused(world: World, token: str) -> None:
    speak(world, page_size=1)

    answer = world.partner("GET", "/customers", headers={"MS-ContinuationToken": token})

    assert (answer.status_code, answer.json()["code"]) == (400, 3000)


def test_names_begin_with_capitals_behind_a_mark(world: World) -> None:
    speak(world, has_capitals=True, has_byte_order_mark=True)

    answer = world.acme("GET", "")

    assert answer.content.startswith(b"\xef\xbb\xbf{")
    assert answer.json()["CompanyProfile"]["TenantId"] == ACME


def test_an_answer_without_a_body_stays_without_one(world: World) -> None:
    speak(world, has_byte_order_mark=True)

    assert world.partner("HEAD", "/domains/free.onmicrosoft.com").content == b""
