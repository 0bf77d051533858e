"""Laws that hold for every life of a service, against an independent reckoning."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.domain.differences import compared_quotes
from tests.domain.laws import broken_laws
from tests.domain.lives import scenarios
from tests.domain.oracle import Oracle
from tests.domain.oracle_values import DIGITS
from tests.domain.random_lives import random_life

from perseat.entrypoints.cli.replay_life import replay
from perseat.entrypoints.cli.replay_scenario import read_scenario

many = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def lived(scenario: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(json.dumps(replay(read_scenario(scenario))))
    return answer


def minor(amount: str, scenario: dict[str, Any]) -> int:
    digits = DIGITS[scenario["currency"]]
    whole, _, decimals = amount.partition(".")
    assert len(decimals) == digits
    return int(whole + decimals)


@many
@given(scenario=scenarios())
def test_every_document_is_what_counting_seat_by_seat_and_day_by_day_gives(scenario: dict[str, Any]) -> None:
    reckoned = Oracle(scenario).live()

    documents = lived(scenario)["documents"]

    seen = [
        (
            document["date"],
            minor(document["net"], scenario),
            minor(document["tax"], scenario),
            [
                (
                    line["edition"],
                    line["kind"],
                    line["from"],
                    line["to"],
                    line["period_days"],
                    line["seats"],
                    minor(line["amount"], scenario),
                    line["credits"],
                )
                for line in document["lines"]
            ],
        )
        for document in documents
    ]
    assert seen == [
        (
            str(document.day),
            document.net,
            document.tax,
            [
                (
                    line["edition"],
                    line["kind"],
                    str(line["from"]),
                    str(line["to"]),
                    line["period_days"],
                    line["seats"],
                    line["amount"],
                    line["credits"],
                )
                for line in document.lines
            ],
        )
        for document in reckoned
    ]


@many
@given(scenario=scenarios())
def test_every_quote_foresees_what_counting_foresees(scenario: dict[str, Any]) -> None:
    assert "".join(compared_quotes(scenario, far=True)) == ""


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_wider_lives_differ_nowhere_and_break_no_law(first: int) -> None:
    for number in range(first, first + 100):
        scenario = random_life(1, number)

        assert "".join(compared_quotes(scenario, far=True)) == ""
        assert broken_laws(scenario, Random(number)) == []


@many
@given(scenario=scenarios())
def test_net_and_tax_make_the_total_and_the_kind_tells_its_sign(scenario: dict[str, Any]) -> None:
    for document in lived(scenario)["documents"]:
        net, tax, total = (minor(document[name], scenario) for name in ("net", "tax", "total"))
        amounts = sum(minor(line["amount"], scenario) for line in document["lines"])

        assert net + tax == total
        assert amounts == (total if scenario["prices_include_tax"] else net)
        assert document["kind"] == ("invoice" if net >= 0 else "credit_note")


@many
@given(scenario=scenarios())
def test_no_line_is_credited_beyond_its_amount_or_its_seat_days(scenario: dict[str, Any]) -> None:
    documents = lived(scenario)["documents"]
    amounts: dict[tuple[int, int], int] = defaultdict(int)
    seat_days: dict[tuple[int, int], int] = defaultdict(int)
    for document in documents:
        for line in document["lines"]:
            if line["credits"]:
                original = tuple(line["credits"])
                amounts[original] -= minor(line["amount"], scenario)
                seat_days[original] += line["seats"] * line["days"]

    for (number, index), credited in amounts.items():
        line = documents[number]["lines"][index]
        assert 0 <= credited <= minor(line["amount"], scenario)
        assert seat_days[number, index] <= line["seats"] * line["days"]


@many
@given(scenario=scenarios())
def test_periods_do_not_overlap_and_every_charge_lies_in_one(scenario: dict[str, Any]) -> None:
    answer = lived(scenario)
    periods = answer["periods"]

    for (start, end), (next_start, _) in itertools.pairwise(periods):
        assert start < end <= next_start
    for document in answer["documents"]:
        for line in document["lines"]:
            assert any(start <= line["from"] < line["to"] == end for start, end in periods)


@many
@given(scenario=scenarios(cancelled=True))
def test_seats_bought_and_given_back_on_one_day_cost_nothing(scenario: dict[str, Any]) -> None:
    scenario = {**scenario, "changes": [{"on": scenario["start"], "prices": {}}], "seats": {}}
    name = next(iter(scenario["editions"]))
    scenario["changes"].append({"on": scenario["start"], "seats": {name: 9}})
    renewed = lived({**scenario, "changes": [*scenario["changes"], {"on": scenario["through"], "seats": {name: 9}}]})

    for document in renewed["documents"]:
        ended = {**scenario, "through": document["date"]}
        ended["changes"] = [*scenario["changes"], {"on": document["date"], "cancel": True}]
        last = lived(ended)["documents"]
        if document["date"] != scenario["start"]:
            assert minor(last[-1]["total"], scenario) == -minor(last[-2]["total"], scenario)
        else:
            assert last == []


def cut(scenario: dict[str, Any], day: date) -> dict[str, Any]:
    """The same life up to that day, with only what happened before it."""
    changes = [change for change in scenario["changes"] if change["on"] < str(day)]
    return {**scenario, "changes": changes, "through": str(day)}


def and_then(scenario: dict[str, Any], seats: dict[str, int]) -> dict[str, Any]:
    """The life with one more checkout on its last day."""
    return {**scenario, "changes": [*scenario["changes"], {"on": scenario["through"], "seats": seats}]}


def held(scenario: dict[str, Any]) -> dict[str, int]:
    """The totals on the last day of a life, counted by the oracle."""
    oracle = Oracle(scenario)
    oracle.live()
    return {name: oracle.count(name) for name in scenario["editions"]}


def due(scenario: dict[str, Any], seats: dict[str, int]) -> int:
    """The total of the checkout that asks for these seats on the life's last day; 0 without a document."""
    before, after = lived(scenario)["documents"], lived(and_then(scenario, seats))["documents"]
    assert after[: len(before)] == before
    return sum(minor(document["total"], scenario) for document in after[len(before) :])


# A day after the start: on the start's own day the first totals and the typed ones would be one checkout.
days_later = st.integers(1, 130)


def a_day_of(scenario: dict[str, Any], days: int) -> date:
    return date.fromisoformat(scenario["start"]) + timedelta(days=days)


@many
@given(scenario=scenarios(), days=days_later)
def test_typing_what_is_held_costs_nothing(scenario: dict[str, Any], days: int) -> None:
    life = cut(scenario, a_day_of(scenario, days))

    assert lived(and_then(life, held(life)))["documents"] == lived(life)["documents"]


@many
@given(scenario=scenarios(), days=days_later, data=st.data())
def test_more_seats_of_one_edition_never_cost_less(scenario: dict[str, Any], days: int, data: st.DataObject) -> None:
    life = cut(scenario, a_day_of(scenario, days))
    name = data.draw(st.sampled_from(list(life["editions"])))
    fewer = data.draw(st.integers(0, 12))

    assert due(life, {name: fewer}) <= due(life, {name: fewer + 1})


@many
@given(scenario=scenarios(), days=days_later, pause=st.integers(1, 30), data=st.data())
def test_a_later_increase_never_costs_more_within_the_period(
    scenario: dict[str, Any], days: int, pause: int, data: st.DataObject
) -> None:
    early, late = (cut(scenario, a_day_of(scenario, day)) for day in (days, days + pause))
    late["changes"] = early["changes"]
    at_a_period = Oracle(scenario)
    if at_a_period.period(a_day_of(scenario, days)) != at_a_period.period(a_day_of(scenario, days + pause)):
        return
    more = {name: seats + data.draw(st.integers(0, 5)) for name, seats in held(early).items()}
    assert held(late) == held(early)

    assert due(late, more) <= due(early, more)


@many
@given(scenario=scenarios())
def test_what_was_used_and_what_came_back_make_what_was_billed(scenario: dict[str, Any]) -> None:
    documents = lived(scenario)["documents"]
    unused: dict[tuple[int, int], int] = defaultdict(int)
    credited: dict[tuple[int, int], int] = defaultdict(int)
    for document in documents:
        for line in document["lines"]:
            if line["credits"]:
                unused[tuple(line["credits"])] += line["seats"] * line["days"]
                credited[tuple(line["credits"])] -= minor(line["amount"], scenario)

    for original, seat_days in unused.items():
        line = documents[original[0]]["lines"][original[1]]
        amount, total = minor(line["amount"], scenario), line["seats"] * line["days"]
        assert nearest_half_up(Fraction(amount * (total - seat_days), total)) + credited[original] == amount


def nearest_half_up(value: Fraction) -> int:
    """The whole number nearest to a value of zero or more."""
    return int(value + Fraction(1, 2))


@many
@given(scenario=scenarios())
def test_while_seats_are_held_periods_tile_without_a_gap(scenario: dict[str, Any]) -> None:
    always = next(iter(scenario["editions"]))
    scenario["changes"] = [change for change in scenario["changes"] if "cancel" not in change]
    for totals in (scenario["seats"], *(change.get("seats", {}) for change in scenario["changes"])):
        totals[always] = max(1, totals.get(always, 1))

    periods = lived(scenario)["periods"]

    assert periods[0][0] == scenario["start"]
    assert [end for _, end in periods[:-1]] == [start for start, _ in periods[1:]]
    assert periods[-1][0] <= scenario["through"] < periods[-1][1]
