"""Runners for more tables of docs/rules: renewals, quotes, laws, and what several lines of one history come to."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from tests.docs.decrease_rules import (
    a_plan_can_be_changed_until,
    deadlines_are_laid_over_batches,
    only_whole_days_count,
    the_supplier_takes_seats_back,
)
from tests.domain.services import START, after, billed, change, edition, service

from perseat.domain.calendar import local_day
from perseat.domain.checkout import returnable_minor
from perseat.domain.money import get_currency, to_minor
from perseat.domain.quote import DecreasePolicy, Line, LineKind, ServiceState, quote_renewal
from perseat.domain.tax import document_totals
from perseat.entrypoints.cli.replay_life import replay
from perseat.entrypoints.cli.replay_scenario import read_scenario

Row = dict[str, str]
ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 22)


def minor(text: str) -> int:
    return to_minor(text, get_currency("AUD"))


def amounts(lines: tuple[Line, ...], *, of: str | None = None) -> str:
    return ", ".join(f"{line.amount_minor / 100:.2f}" for line in lines if of in (None, line.credits)) or "none"


def a_moment_is_a_day(row: Row) -> None:
    assert local_day(datetime.fromisoformat(row["moment"]), row["zone"]) == date.fromisoformat(row["day"])


def a_renewal_charges(row: Row) -> None:
    planned = None if row["planned"] == "none" else int(row["planned"])
    basic = edition("basic", 5, planned=planned, renewal_price=row["price of the day"])

    lines = quote_renewal(service(basic, term_cycles=int(row["periods in a term"])), day=date(2026, 12, 15)).lines

    assert sum(line.seats for line in lines) == int(row["seats charged"])
    assert sum(line.amount_minor for line in lines) == minor(row["amount"])
    assert (str(lines[0].unit_price) if lines else "none") == row["unit price"]


def an_edition_begins_anew(row: Row) -> None:
    """Five seats at 7.00 in a term of one year, ended and bought again."""
    answer = replay(
        read_scenario(
            {
                "currency": "AUD",
                "cycle": "P1M",
                "term": "P1Y",
                "start": str(START),
                "editions": {"basic": {"unit_price": "7.00", "decrease": "anytime"}},
                "seats": {"basic": 5},
                "changes": [
                    {"on": row["ended on"], "seats": {"basic": 0}},
                    {"on": row["bought again on"], "prices": {"basic": row["price of that day"]}},
                    {"on": row["bought again on"], "seats": {"basic": 5}},
                    # A later price tells the day of renewal: it counts from there and not before.
                    {"on": row["bought again on"], "prices": {}},
                    {"on": str(date.fromisoformat(row["bought again on"]).replace(day=28)), "prices": {"basic": "99"}},
                ],
                "through": row["renews"],
            }
        )
    )

    documents = answer["documents"]
    assert isinstance(documents, list)
    bought = next(each for each in documents if each["date"] == row["bought again on"])
    assert bought["lines"][0]["unit_price"] == row["unit price"]
    assert [each["date"] for each in documents if each["lines"][0]["unit_price"] == "99"] == [row["renews"]]


def a_quote_says_what_comes(row: Row) -> None:
    basic = edition("basic", 5, policy=DecreasePolicy(row["policy"]), renewal_price=row["price from the renewal"])
    now = service(basic, term_cycles=int(row["periods in a term"]), tax_rates=())

    first, *later = change(now, DAY, basic=3).recurring

    assert str(first.on) == row["next charge"]
    assert first.totals.total_minor == minor(row["new recurring total"])
    assert ", ".join(f"{each.totals.total_minor / 100:.2f} from {each.on}" for each in later) == row["then"]


def the_newest_line_comes_first(row: Row) -> None:
    lines = (billed("basic", 5), billed("basic", 3, start=DAY, order=1))

    quoted = change(
        service(edition("basic", 8, lines=lines)), date.fromisoformat(row["day"]), basic=int(row["total wanted"])
    )

    assert amounts(quoted.lines, of="basic-1") == row["of the three"]
    assert amounts(quoted.lines, of="basic-0") == row["of the five"]


def a_day_is_undone(row: Row) -> None:
    held = service(edition("basic", 5))
    first = change(held, DAY, basic=int(row["first"]))

    second = change(after(held, first), DAY, basic=int(row["then"]))

    assert amounts(first.lines) == row["credited"]
    said = ", ".join(f"{line.amount_minor / 100:.2f} {line.reason}" for line in second.lines)
    assert said == row["lines of the second document"]


def mixed(row: Row) -> list[Line]:
    """A credit and a charge, those that are not zero."""
    state: ServiceState = service()
    [line] = change(state, START, basic=1).lines
    line = line._replace(tax_rate=Decimal(row.get("rate", "10")))
    charge = line._replace(amount_minor=minor(row["charged"]))
    credit = line._replace(kind=LineKind.CREDIT, credits="original", amount_minor=-minor(row["credited"]))
    return [each for each in (credit, charge) if each.amount_minor]


def tax_is_credited_by_remainder(row: Row) -> None:
    credit, charge = mixed(row)

    totals = document_totals([credit, charge], billed=[replace(billed("basic"), reference="original")])

    assert totals.tax_minor == minor(row["tax of the document"])
    assert document_totals([charge]).tax_minor == minor(row["tax of the charges alone"]) == totals.line_taxes[1]
    assert -totals.line_taxes[0] == minor(row["tax credited"])


def a_document_has_a_kind(row: Row) -> None:
    totals = document_totals(mixed(row))

    assert totals.net_minor == minor(row["net"])
    assert totals.kind.replace("_", " ") == row["kind"]


def money_goes_back(row: Row) -> None:
    returnable = returnable_minor(
        minor(row["balance"]), received_minor=minor(row["received"]), returned_minor=minor(row["returned before"])
    )

    assert returnable == minor(row["may be returned"])


def a_law_has_a_test(row: Row) -> None:
    file, name = re.fullmatch(r"`(tests/[\w/]+\.py)::(\w+)`", row["held by"]).groups()  # type: ignore[union-attr]
    text = (ROOT / file).read_text(encoding="utf-8")

    assert f"\ndef {name}(" in text
    assert "@given(" in text


MORE_RULES = {
    ("asked for", "there before", "there now", "wanted there", "taken back"): the_supplier_takes_seats_back,
    ("our batches, newest first", "the supplier's deadlines", "what they come to"): deadlines_are_laid_over_batches,
    ("zone", "deadline", "last day"): only_whole_days_count,
    ("zone", "our renewal", "last day of the supplier's term", "changeable until"): a_plan_can_be_changed_until,
    ("moment", "zone", "day"): a_moment_is_a_day,
    ("periods in a term", "planned", "price of the day", "seats charged", "unit price", "amount"): a_renewal_charges,
    ("ended on", "bought again on", "price of that day", "unit price", "renews"): an_edition_begins_anew,
    (
        "policy",
        "periods in a term",
        "price from the renewal",
        "next charge",
        "new recurring total",
        "then",
    ): a_quote_says_what_comes,
    ("day", "total wanted", "of the three", "of the five"): the_newest_line_comes_first,
    ("first", "credited", "then", "lines of the second document"): a_day_is_undone,
    (
        "charged",
        "credited",
        "rate",
        "tax of the document",
        "tax of the charges alone",
        "tax credited",
    ): tax_is_credited_by_remainder,
    ("charged", "credited", "net", "kind"): a_document_has_a_kind,
    ("balance", "received", "returned before", "may be returned"): money_goes_back,
    ("law", "held by"): a_law_has_a_test,
}
