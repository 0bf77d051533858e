"""`perseat replay` and input it cannot use: exit 2, one sentence that names the field, and never a traceback."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.domain.lives import scenarios
from tests.domain.test_replay import GOOD

from perseat.entrypoints.cli.replay import main

many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# What no field of a scenario takes, as it stands in the file.
NEVER_GOOD = [
    *("NaN", "Infinity", "-Infinity", "-1.5", "1e400", "1e999999999", "1e99999999999999999999", "9" * 5000),
    *("[" * 300 + "]" * 300, '{"a":' * 300 + "{}" + "}" * 300),
]
PLACE = "the wrong one"


def replay_text(text: str | bytes) -> tuple[int, str, str]:
    """The exit, standard output and standard error of one run on a file with that text."""
    said, refused = io.StringIO(), io.StringIO()
    with TemporaryDirectory() as folder, redirect_stdout(said), redirect_stderr(refused):
        file = Path(folder) / "scenario.json"
        file.write_bytes(text if isinstance(text, bytes) else text.encode(errors="surrogatepass"))
        return main([str(file)]), said.getvalue(), refused.getvalue()


def refusal_of(text: str | bytes) -> str:
    """The one sentence it is refused with."""
    left, said, refused = replay_text(text)
    assert (left, said) == (2, "")
    assert refused.endswith((".\n", "…\n"))
    assert refused[:-1].isprintable()
    assert len(refused) < 500
    return refused


def change(**fields: object) -> dict[str, Any]:
    return {"changes": [{"on": "2026-11-20", **fields}]}


def edition(**fields: object) -> dict[str, Any]:
    return {"editions": {"basic": {"unit_price": "7", "decrease": "anytime", **fields}}}


def rates(*first_days: str, **fields: object) -> dict[str, Any]:
    return {"tax": [{"category": "S", "rate": "10", "from": begins, **fields} for begins in first_days]}


WRONG = [
    ("id", {"id": 1.5}),
    ("id", {"id": ["a"]}),
    ("id", {"id": True}),
    ("currency", {"currency": "BTC"}),
    ("currency", {"currency": "usd"}),
    ("currency", {"currency": "BGN"}),
    ("currency", {"currency": None}),
    ("currency", {"currency": "X\nY" * 1000}),
    ("cycle", {"cycle": "P2M"}),
    ("cycle", {"cycle": ["P1M"]}),
    ("cycle", {"cycle": "P12M"}),
    ("term", {"cycle": "P3M", "term": "P1M"}),
    ("term", {"cycle": "P1Y", "term": "P18M"}),
    ("term", {"cycle": "P3Y", "term": "P1Y"}),
    ("term", {"term": "forever"}),
    ("term", {"term": "P0M"}),
    ("term", {"term": "P9999Y"}),
    ("term", {"term": None}),
    ("time_zone", {"time_zone": "Mars/Olympus"}),
    ("time_zone", {"time_zone": "../../etc/passwd"}),
    ("time_zone", {"time_zone": "x" * 5000}),
    ("anchor_day", {"anchor_day": 32}),
    ("anchor_day", {"anchor_day": 0}),
    ("anchor_day", {"anchor_day": "15"}),
    ("anchor_day", {"anchor_day": True}),
    ("anchor_day", {"cycle": "P1Y", "anchor_day": 1}),
    ("anchor_day", {"anchor_day": 15, "anchor": "2026-11-15"}),
    ("anchor", {"anchor": "soon"}),
    ("anchor", {"anchor": None}),
    ("start", {"start": "2026-02-30"}),
    ("start", {"start": "2027-02-29"}),
    ("start", {"start": "20260201"}),
    ("start", {"start": "2026-11-15T00:00:00"}),
    ("start", {"start": "0001-01-01"}),
    ("start", {"start": "\uff12026-11-15"}),
    ("start", {"start": 20261115}),
    ("through", {"through": None}),
    ("through", {"through": "2026-11-14"}),
    ("window_days", {"window_days": -1}),
    ("window_days", {"window_days": 7.0}),
    ("window_days", {"window_days": False}),
    ("prices_include_tax", {"prices_include_tax": "no"}),
    ("prices_include_tax", {"prices_include_tax": 0}),
    ("tax", {"tax": {"category": "S"}}),
    ("tax[0]", {"tax": ["10"]}),
    ("tax[0].rate", rates("2026-01-01", rate="-1")),
    ("tax[0].rate", rates("2026-01-01", rate="10%")),
    ("tax[0].rate", rates("2026-01-01", rate=None)),
    ("tax[0].category", rates("2026-01-01", category="")),
    ("tax[0].from", {"tax": [{"category": "S", "rate": "1"}]}),
    ("tax[1].from", rates("2026-01-01", "2026-01-01")),
    ("tax[0].country", rates("2026-01-01", country="AU")),
    ("editions", {"editions": {}}),
    ("editions", {"editions": ["basic"]}),
    ("editions", {"editions": {"": {"unit_price": "7", "decrease": "anytime"}}}),
    ("editions.basic", {"editions": {"basic": "7.00"}}),
    ("editions.basic.unit_price", edition(unit_price="-7")),
    ("editions.basic.unit_price", edition(unit_price=-7)),
    ("editions.basic.unit_price", edition(unit_price="7.123456789")),
    ("editions.basic.unit_price", edition(unit_price=7.123456789)),
    ("editions.basic.unit_price", edition(unit_price="7,00")),
    ("editions.basic.unit_price", edition(unit_price="7e0")),
    ("editions.basic.unit_price", edition(unit_price="7\n8")),
    ("editions.basic.unit_price", edition(unit_price="1" * 13)),
    ("editions.basic.unit_price", edition(unit_price="\u0667")),
    ("editions.basic.unit_price", edition(unit_price=True)),
    ("editions.basic.unit_price", edition(unit_price=None)),
    ("editions.basic.decrease", edition(decrease="never")),
    ("editions.basic.decrease", {"editions": {"basic": {"unit_price": "7"}}}),
    ("editions.basic.tax", {**edition(tax="Z"), **rates("2026-01-01")}),
    ("editions.basic.price", edition(price="7")),
    ("upgrades[0]", {"upgrades": [["basic", "gold"]]}),
    ("upgrades[0]", {"upgrades": [["basic", "basic"]]}),
    ("upgrades[0]", {"upgrades": ["basic"]}),
    ("upgrades", {"upgrades": "basic"}),
    ("seats", {"seats": [1]}),
    ("seats", {"seats": 1}),
    ("seats.basic", {"seats": {"basic": -1}}),
    ("seats.basic", {"seats": {"basic": 1_000_001}}),
    ("seats.basic", {"seats": {"basic": 10**4000}}),
    ("seats.basic", {"seats": {"basic": 1.5}}),
    ("seats.basic", {"seats": {"basic": 1.0}}),
    ("seats.basic", {"seats": {"basic": True}}),
    ("seats.basic", {"seats": {"basic": "1"}}),
    ("seats.basic", {"seats": {"basic": None}}),
    ("seats.gold", {"seats": {"gold": 1}}),
    ("seats.Basic", {"seats": {"Basic": 1}}),
    ("changes", {"changes": {}}),
    ("changes[0]", {"changes": [None]}),
    ("changes[0]", {"changes": [{"on": "2026-11-16"}]}),
    ("changes[0].on", {"changes": [{"on": "2026-11-14", "seats": {"basic": 1}}]}),
    ("changes[0].on", {"changes": [{"seats": {"basic": 1}}]}),
    ("changes[1].on", {"changes": [{"on": "2026-11-20", "cancel": True}, {"on": "2026-11-19", "cancel": True}]}),
    ("changes[0].seats.basic", change(seats={"basic": -3})),
    ("changes[0].seats.gold", change(seats={"gold": 3})),
    ("changes[0].prices.basic", change(prices={"basic": "cheap"})),
    ("changes[0].prices.basic", change(prices={"basic": "0.123456789"})),
    ("changes[0].prices.gold", change(prices={"gold": "1"})),
    ("changes[0].cancel", change(cancel="yes")),
    ("changes[0].set", change(set={})),
    ("change", {"change": []}),
]


@pytest.mark.parametrize(("field", "wrong"), WRONG)
def test_a_wrong_field_is_named_in_one_sentence(field: str, wrong: dict[str, Any]) -> None:
    said = refusal_of(json.dumps({**GOOD, **wrong}))

    assert f": {field}: " in said


@pytest.mark.parametrize("field", ["currency", "cycle", "start", "editions", "seats", "changes", "through"])
def test_a_missing_field_is_named(field: str) -> None:
    said = refusal_of(json.dumps({key: value for key, value in GOOD.items() if key != field}))

    assert said == f"good: {field}: is missing.\n"


@pytest.mark.parametrize("text", ["", " \n", "{", "[1]", "[[]]", "7", "null", "NaN", '"a"', "[" * 100_000, "\0", "{}x"])
def test_what_is_no_scenario_is_refused(text: str) -> None:
    assert refusal_of(text)


@pytest.mark.parametrize("text", [b"\xff\xfe{\0}\0", b'{"id": "\xe4"}'], ids=["utf-16", "latin-1"])
def test_what_is_no_text_is_refused(text: bytes) -> None:
    assert "not UTF-8" in refusal_of(text)


@pytest.mark.parametrize("twin", ["id", "seats", "start"])
def test_a_field_that_is_given_twice_is_named(twin: str) -> None:
    text = json.dumps(GOOD)

    assert f"the field '{twin}' is given twice" in refusal_of(f'{text[:-1]}, "{twin}": 1}}')


def test_of_several_scenarios_the_wrong_one_is_named() -> None:
    wrong = {**GOOD, "currency": "BTC"}

    assert refusal_of(json.dumps([GOOD, {**wrong, "id": 7}])).startswith("7: currency: ")
    assert refusal_of(json.dumps([GOOD, {**wrong, "id": None}])).startswith("scenario 1: currency: ")


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/no/such/file.json"]) == 2

    assert "/no/such/file.json" in capsys.readouterr().err


def places(value: object, path: str = "") -> Iterator[str]:
    """The name of each place in the scenario, as a refusal writes it."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, f"{path}.{name}" if path else name)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, f"{path}[{index}]")


def put(value: Any, place: str, new: object, path: str = "") -> Any:
    """The scenario with something else in that place."""
    if path == place:
        return new
    if isinstance(value, dict):
        return {name: put(item, place, new, f"{path}.{name}" if path else name) for name, item in value.items()}
    if isinstance(value, list):
        return [put(item, place, new, f"{path}[{index}]") for index, item in enumerate(value)]
    return value


@many
@given(scenario=scenarios(), token=st.sampled_from(NEVER_GOOD), data=st.data())
def test_what_no_field_takes_is_refused_by_the_name_of_its_place(
    scenario: dict[str, Any], token: str, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(list(places(scenario))))
    text = json.dumps(put(scenario, place, PLACE)).replace(f'"{PLACE}"', token)

    field = refusal_of(text).split(": ")[1]

    assert field.startswith(place) or place.startswith(field)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["2027-03-01", "P1M", "basic", "anytime", "AUD", "7.00", "S"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@many
@given(scenario=scenarios(), data=st.data())
def test_whatever_stands_in_a_field_leads_to_documents_or_to_one_sentence(
    scenario: dict[str, Any], data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(list(places(scenario)) or [""]))
        scenario = put(scenario, place, data.draw(json_values))
    text = json.dumps(scenario)

    left, said, _ = replay_text(text)

    if left:
        refusal_of(text)
    else:
        json.loads(said)


@many
@given(scenario=scenarios(), data=st.data())
def test_a_file_cut_or_changed_anywhere_leads_to_documents_or_to_one_sentence(
    scenario: dict[str, Any], data: st.DataObject
) -> None:
    text = json.dumps(scenario).encode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    text = text[:start] + data.draw(st.binary(max_size=4)) + text[end:]

    left, said, _ = replay_text(text)

    if left:
        refusal_of(text)
    else:
        json.loads(said)
