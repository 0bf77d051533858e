"""The simulator answers the examples' requests by the examples' shapes, and lists what it leaves out."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from tests.integrations.contract.comparing import differences_of_shape, filled, with_small_names
from tests.integrations.contract.rows import Row, load_rows
from tests.integrations.contract.states import STATES, Situation, ask_token, make_situation

from perseat.simulator import credentials

SIMULATED = [pytest.param(row, id=row.name) for row in load_rows() if row.is_simulated]


@pytest.mark.parametrize("row", SIMULATED)
def test_the_simulator_answers_by_the_examples_shape(row: Row) -> None:
    situation = make_situation(row.simulator["state"])

    answer = ask(situation, row)

    assert answer.status_code == row.status, answer.text
    assert missing_headers(answer, row, situation) == []
    found = dict(differences_of_shape(*spelled(row, body_of(answer, row))))
    allowed = {*row.leaves_out, *row.is_null}
    assert {path: what for path, what in found.items() if path not in spelled_names(row, allowed)} == {}
    assert spelled_names(row, allowed) - set(found) == set(), "these are not left out any more"


def test_every_state_is_used() -> None:
    assert set(STATES) == {row.simulator["state"] for row in load_rows() if row.is_simulated}


def ask(situation: Situation, row: Row) -> httpx.Response:
    instead = situation.instead | {
        "{client_id}": credentials.CLIENT_ID,
        "{client_secret}": credentials.CLIENT_SECRET,
        "{refresh_token}": credentials.REFRESH_TOKEN,
    }
    headers: dict[str, str] = filled(row.headers, instead)
    if "Authorization" in row.headers or not row.path.endswith("/token"):
        headers = headers | {"Authorization": f"Bearer {ask_token(situation, path=row.path)}"}
    body = filled(row.body, instead)
    content = body if isinstance(body, str) or body is None else json.dumps(body)
    path, query = filled(row.path, instead), filled(row.query, instead)
    return situation.world.client.request(row.method, path, params=query, headers=headers, content=content)


def body_of(answer: httpx.Response, row: Row) -> Any:
    if isinstance(row.answer, str):
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            return columns_of(packed.read(packed.namelist()[0]).decode("utf-8-sig"))
    return answer.json() if answer.content else None


def columns_of(sheet: str) -> dict[str, str]:
    return dict.fromkeys(next(csv.reader(io.StringIO(sheet))), "a column")


def spelled(row: Row, body: Any) -> tuple[Any, Any]:
    """The example's body and the simulator's, with names in small letters where the page mixes them."""
    example = columns_of(row.answer) if isinstance(row.answer, str) else row.answer
    if row.simulator.get("spelling") == "either":
        return with_small_names(example), with_small_names(body)
    return example, body


def spelled_names(row: Row, paths: set[str]) -> set[str]:
    return {path.casefold() for path in paths} if row.simulator.get("spelling") == "either" else paths


def missing_headers(answer: httpx.Response, row: Row, situation: Situation) -> list[str]:
    return [
        f"{name}: {answer.headers.get(name)}"
        for name, value in row.answer_headers.items()
        if not is_such_a_header(name, answer.headers.get(name), filled(value, situation.instead))
    ]


def is_such_a_header(name: str, value: str | None, example: str) -> bool:
    match name.lower():
        case "content-type":
            return (value or "").partition(";")[0] == example.partition(";")[0]
        case "location" | "retry-after":
            return value == example
        case _:
            return bool(value)
