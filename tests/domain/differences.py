"""Where the product and the oracle disagree about a life: quote by quote, with all that a quote promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from typing import Any

from tests.domain.oracle import Oracle
from tests.domain.oracle_values import Answer, Document

from perseat.domain.quote import QuotedChange
from perseat.entrypoints.cli.replay_life import Life
from perseat.entrypoints.cli.replay_scenario import read_scenario


def compared_quotes(scenario: dict[str, Any], *, far: bool) -> Iterator[str]:
    """For each renewal and each checkout of the life what differs; nothing when the two agree.

    `far`: all later renewal documents are compared that a quote foresees, not the next one only.
    """
    life = Life(read_scenario(scenario), with_recurring=True)
    for ours, theirs in zip_longest(_quotes(life), Oracle(scenario).answers(far=far)):
        if isinstance(ours, Exception):
            yield f"ours is {ours!r}"
            return
        if ours is None or theirs is None:
            yield f"only {'the oracle' if ours is None else 'ours'} has a quote: {ours or theirs}"
            return
        yield _difference(_of_quote(ours, life, far=far), _of_answer(theirs))


def _quotes(life: Life) -> Iterator[QuotedChange | Exception]:
    try:
        for _, quoted in life.quotes():
            yield quoted
    except Exception as trouble:  # noqa: BLE001 - whatever it is, it is a difference
        yield trouble


def _difference(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    if ours == theirs:
        return ""
    wrong = [name for name in theirs if ours[name] != theirs[name]]
    told = [f"{name}: ours {ours[name]}, the oracle's {theirs[name]}" for name in wrong]
    return f"{theirs['day']}: " + "; ".join(told)


def _of_quote(quoted: QuotedChange, life: Life, *, far: bool) -> dict[str, Any]:
    held = [outcome for outcome in quoted.outcomes if outcome.now]
    return {
        "day": quoted.day,
        "document": _of_ours(life.documents[-1]) if quoted.totals else None,
        "due": quoted.totals.total_minor if quoted.totals else 0,
        "now": {outcome.edition: outcome.now for outcome in held},
        "planned": {o.edition: (o.planned, o.planned_on) for o in held if o.planned is not None},
        "foreseen": [
            (
                charge.on,
                [(line.edition, line.seats, line.start, line.end, line.amount_minor) for line in charge.lines],
                charge.totals.total_minor,
            )
            for charge in (quoted.recurring if far else quoted.recurring[:1])
        ],
    }


def _of_ours(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "day": document["date"],
        "net": _minor(document["net"]),
        "tax": _minor(document["tax"]),
        "lines": [
            (
                line["edition"],
                line["kind"],
                line["from"],
                line["to"],
                line["period_days"],
                line["seats"],
                _minor(line["amount"]),
                line["credits"],
            )
            for line in document["lines"]
        ],
    }


def _of_answer(answer: Answer) -> dict[str, Any]:
    document = answer.document
    return {
        "day": answer.day,
        "document": _of_theirs(document) if document else None,
        "due": _total(document) if document else 0,
        "now": answer.now,
        "planned": answer.planned,
        "foreseen": [
            (day, [(line["edition"], line["seats"], line["from"], line["to"], line["amount"]) for line in lines], total)
            for day, lines, total in answer.foreseen
        ],
    }


def _of_theirs(document: Document) -> dict[str, Any]:
    return {
        "day": _text(document.day),
        "net": document.net,
        "tax": document.tax,
        "lines": [
            (
                line["edition"],
                line["kind"],
                _text(line["from"]),
                _text(line["to"]),
                line["period_days"],
                line["seats"],
                line["amount"],
                line["credits"],
            )
            for line in document.lines
        ],
    }


def _total(document: Document) -> int:
    return document.net + document.tax


def _text(day: date) -> str:
    return day.isoformat()


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))
