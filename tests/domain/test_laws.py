"""Laws that hold for every life of a service, against an independent reckoning."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from tests.domain.lives import scenarios
from tests.domain.oracle import Oracle
from tests.domain.oracle_values import DIGITS

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


@many
@given(scenario=scenarios())
def test_typing_what_is_held_costs_nothing(scenario: dict[str, Any]) -> None:
    held = scenario["seats"]
    once = {**scenario, "changes": []}
    again = {**scenario, "changes": [{"on": scenario["through"], "seats": held}]}

    assert lived(again) == lived(once)
