"""`perseat replay`: worked lives."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from perseat.entrypoints.cli.replay import main

WORKED = sorted((Path(__file__).parent / "scenarios").glob("*.json"))
COLUMNS = ["edition", "kind", "from", "to", "days", "period_days", "seats", "amount", "credits"]

GOOD: dict[str, Any] = {
    "id": "good",
    "currency": "USD",
    "cycle": "P1M",
    "start": "2026-11-15",
    "editions": {"basic": {"unit_price": "7.00", "decrease": "anytime"}},
    "seats": {"basic": 1},
    "changes": [],
    "through": "2026-12-14",
}


def replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str], given: object) -> Any:
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    assert main([str(file)]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("file", WORKED, ids=lambda file: file.stem)
def test_a_worked_life_leads_to_its_documents(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worked = json.loads(file.read_text(encoding="utf-8"))

    answer = replayed(tmp_path, capsys, worked["scenario"])

    for document, expected in zip(answer["documents"], worked["documents"], strict=True):
        assert [[line[column] for column in COLUMNS] for line in document["lines"]] == expected.pop("lines")
        assert {key: document[key] for key in expected} == expected
    assert answer["periods"] == worked["periods"]
    assert answer["scheduled"] == worked["scheduled"]


def test_a_list_of_scenarios_gives_a_list_of_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = replayed(tmp_path, capsys, [GOOD, {**GOOD, "id": "other"}])

    assert [answer["id"] for answer in answers] == ["good", "other"]


def test_many_scenarios_are_answered_in_their_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = replayed(tmp_path, capsys, [{**GOOD, "id": number, "seats": {"basic": number}} for number in range(1100)])

    assert [answer["id"] for answer in answers] == list(range(1100))
    assert [answer["documents"][0]["total"] for answer in answers[1:]] == [
        f"{seats * 7}.00" for seats in range(1, 1100)
    ]


def test_of_many_scenarios_the_first_unusable_one_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "scenario.json"
    given = [{**GOOD, "id": None, "currency": "XXX" if number in {777, 1005} else "USD"} for number in range(1100)]
    file.write_text(json.dumps(given), encoding="utf-8")

    assert main([str(file)]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("scenario 777: currency: ")


def test_a_dash_reads_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(GOOD).encode())))

    assert main(["-"]) == 0

    assert json.loads(capsys.readouterr().out)["documents"][0]["total"] == "7.00"


@pytest.mark.parametrize("name", ["Größe", "席", "\ud800", None, 7])
def test_any_id_comes_back_as_it_was_given(name: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replayed(tmp_path, capsys, {**GOOD, "id": name})["id"] == name


def test_all_changes_of_a_day_are_one_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = "2026-11-20"
    changes = [{"on": day, "seats": {"basic": 9}}, {"on": day, "seats": {"basic": 2}}]

    answer = replayed(tmp_path, capsys, {**GOOD, "changes": changes})

    assert [line["seats"] for document in answer["documents"] for line in document["lines"]] == [1, 1]


def test_after_its_end_an_edition_is_bought_anew_at_the_days_price(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = [
        {"on": "2026-11-20", "cancel": True},
        {"on": "2026-11-25", "prices": {"basic": "9.00"}},
        {"on": "2027-01-20", "seats": {"basic": 1}},
    ]

    answer = replayed(tmp_path, capsys, {**GOOD, "term": "P1Y", "changes": changes, "through": "2027-02-15"})

    assert [document["date"] for document in answer["documents"]] == [
        "2026-11-15",
        "2026-11-20",
        "2027-01-20",
        "2027-02-15",
    ]
    assert answer["documents"][2]["lines"][0]["unit_price"] == "9.00"
    assert answer["periods"][1] == ["2027-01-15", "2027-02-15"]
