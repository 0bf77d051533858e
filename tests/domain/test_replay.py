"""`perseat replay`: worked lives, and what it says to unusable input."""

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


def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> str:
    file = tmp_path / "scenario.json"
    file.write_text(text, encoding="utf-8")
    assert main([str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


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


WRONG = [
    ("currency", {"currency": "BTC"}),
    ("cycle", {"cycle": "P2M"}),
    ("term", {"cycle": "P3M", "term": "P1M"}),
    ("term", {"term": "forever"}),
    ("time_zone", {"time_zone": "Mars/Olympus"}),
    ("anchor_day", {"anchor_day": 32}),
    ("anchor_day", {"cycle": "P1Y", "anchor_day": 1}),
    ("anchor", {"anchor": "soon"}),
    ("start", {"start": "2026-02-30"}),
    ("start", {"start": "20260201"}),
    ("through", {"through": None}),
    ("window_days", {"window_days": -1}),
    ("prices_include_tax", {"prices_include_tax": "no"}),
    ("tax[0].rate", {"tax": [{"category": "S", "rate": "-1", "from": "2026-01-01"}]}),
    ("tax[0].from", {"tax": [{"category": "S", "rate": "1"}]}),
    ("editions", {"editions": {}}),
    ("editions.basic.unit_price", {"editions": {"basic": {"unit_price": "-7", "decrease": "anytime"}}}),
    ("editions.basic.unit_price", {"editions": {"basic": {"unit_price": "7.123456789", "decrease": "anytime"}}}),
    ("editions.basic.decrease", {"editions": {"basic": {"unit_price": "7", "decrease": "never"}}}),
    ("editions.basic.decrease", {"editions": {"basic": {"unit_price": "7"}}}),
    ("upgrades[0]", {"upgrades": [["basic", "gold"]]}),
    ("upgrades[0]", {"upgrades": [["basic", "basic"]]}),
    ("seats.basic", {"seats": {"basic": -1}}),
    ("seats.basic", {"seats": {"basic": 1_000_001}}),
    ("seats.basic", {"seats": {"basic": 1.5}}),
    ("seats.basic", {"seats": {"basic": True}}),
    ("seats.gold", {"seats": {"gold": 1}}),
    ("changes[0].on", {"changes": [{"on": "2026-11-14", "seats": {"basic": 1}}]}),
    ("changes[0]", {"changes": [{"on": "2026-11-16"}]}),
    ("changes[0].prices.basic", {"changes": [{"on": "2026-11-16", "prices": {"basic": "cheap"}}]}),
    ("changes[0].set", {"changes": [{"on": "2026-11-16", "set": {}}]}),
    ("change", {"change": []}),
]


@pytest.mark.parametrize(("field", "wrong"), WRONG)
def test_a_wrong_field_is_named_in_one_sentence(
    field: str, wrong: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(tmp_path, capsys, json.dumps({**GOOD, **wrong}))

    assert f": {field}: " in said


@pytest.mark.parametrize("field", ["currency", "cycle", "start", "editions", "seats", "changes", "through"])
def test_a_missing_field_is_named(field: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(tmp_path, capsys, json.dumps({key: value for key, value in GOOD.items() if key != field}))

    assert said == f"good: {field}: is missing.\n"


@pytest.mark.parametrize("text", ["", "{", "[1]", "7", '{"id": 1, "id": 2}', '{"seats": NaN}', "[" * 100_000])
def test_what_is_no_scenario_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(tmp_path, capsys, text)


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/no/such/file.json"]) == 2

    assert "/no/such/file.json" in capsys.readouterr().err
