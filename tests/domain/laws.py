"""The laws that hold for every life, told as the sentences that were broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from tests.domain.oracle_values import DIGITS, nearest
from tests.domain.services import after

from perseat.domain.calendar import aligned_period
from perseat.domain.quote import DocumentKind, Line, QuotedChange, ServiceState, Totals, quote_change
from perseat.entrypoints.cli.replay_life import Life
from perseat.entrypoints.cli.replay_scenario import read_scenario

Step = tuple[ServiceState, QuotedChange]


def broken_laws(scenario: dict[str, Any], random: Random) -> list[str]:
    """A sentence for each law that the life breaks. What asks for further quotes is tried on one checkout of it."""
    life = Life(read_scenario(scenario), with_recurring=True)
    steps = list(life.quotes())
    broken = [f"{quoted.day}: {law}" for state, quoted in steps for law in _of_one_quote(state, quoted)]
    broken += [f"{later[1].day}: {law}" for step, later in pairwise(steps) for law in _of_two(step, later)]
    checkouts = [step for step, before in zip(steps, [None, *steps], strict=False) if not _renews(step, before)]
    state, quoted = random.choice(checkouts)
    broken += [f"{quoted.day}: {law}" for law in _of_further_quotes(state, quoted, random)]
    broken += _of_documents(life.documents, scenario)
    broken += _of_periods(sorted(life.periods), life.documents)
    return broken


def _renews(step: Step, before: Step | None) -> bool:
    """The first quote of a day on which an aligned period begins is the renewal, when seats were held."""
    state, quoted = step
    if before is None or before[1].day == quoted.day or not any(edition.held for edition in state.editions):
        return False
    return aligned_period(state.rhythm, quoted.day).start == quoted.day


def _of_one_quote(state: ServiceState, quoted: QuotedChange) -> Iterator[str]:
    if (quoted.totals is None) != (not quoted.lines):
        yield "a document without lines, or lines without a document"
    if quoted.totals:
        yield from _of_totals(quoted.totals, quoted.lines, state)
    for outcome in quoted.outcomes:
        if outcome.now < outcome.wanted:
            yield f"{outcome.edition} has fewer seats than were asked for"
        if outcome.now > outcome.wanted and outcome.planned != outcome.wanted:
            yield f"{outcome.edition} keeps seats that nothing plans to end"
    if quoted.recurring and quoted.recurring[0].on != quoted.period.end:
        yield "the next charge is not at the end of the period"


def _of_totals(totals: Totals, lines: Sequence[Line], state: ServiceState) -> Iterator[str]:
    amounts = sum(line.amount_minor for line in lines)
    if totals.net_minor + totals.tax_minor != totals.total_minor:
        yield "net and tax do not make the total"
    if amounts != (totals.total_minor if state.prices_include_tax else totals.net_minor):
        yield "the lines do not make the document"
    if not sum(totals.line_taxes) == totals.tax_minor == sum(each.tax_minor for each in totals.taxes):
        yield "the tax of the lines does not make the tax"
    if (totals.kind is DocumentKind.INVOICE) != (totals.net_minor >= 0):
        yield "the kind does not tell the sign"


def _of_two(step: Step, later: Step) -> Iterator[str]:
    (state, quoted), (next_state, next_quoted) = step, later
    now = {outcome.edition: outcome.now for outcome in quoted.outcomes if outcome.now}
    held = {edition.edition: edition.held for edition in next_state.editions if edition.held}
    if now != held:
        yield f"what the last quote led to is not what is held: {now}, {held}"
    if next_quoted.period != quoted.period and next_quoted.period.start < quoted.period.end:
        yield "periods overlap"
    if not _renews(later, step):
        yield from _seats_without_a_charge(next_state, next_quoted.day)
    elif _prices(state) == _prices(next_state) and not _keeps_promise(quoted, next_quoted):
        yield f"the renewal is not what the last quote foresaw: {quoted.recurring[:1]}, {next_quoted.lines}"


def _seats_without_a_charge(state: ServiceState, day: date) -> Iterator[str]:
    for edition in state.editions:
        running = [line for line in edition.billed if line.start <= day < line.end]
        if edition.held != sum(line.seats - line.credited_seats for line in running):
            yield f"{edition.edition} has seats that no charge covers, or charges that no seat has"


def _prices(state: ServiceState) -> list[Any]:
    return [edition.renewal_unit_price for edition in state.editions]


def _keeps_promise(quoted: QuotedChange, renewal: QuotedChange) -> bool:
    if not quoted.recurring:
        return not renewal.lines
    foreseen, totals = quoted.recurring[0], renewal.totals
    if foreseen.on != renewal.day or foreseen.lines != renewal.lines or totals is None:
        return False
    return foreseen.totals._replace(line_taxes=totals.line_taxes) == totals


def _of_further_quotes(state: ServiceState, quoted: QuotedChange, random: Random) -> Iterator[str]:
    day, held = quoted.day, {edition.edition: edition.held for edition in state.editions}
    if quote_change(state, day=day, wanted=held).lines:
        yield "changing nothing costs something"
    name = random.choice(list(held))
    more = {name: held[name] + random.randint(1, 5)}
    later = day + timedelta(days=random.randrange((quoted.period.end - day).days))
    if _cost(state, later, more) > _cost(state, day, more):
        yield f"{more} costs more on {later} than on {day}"
    fewer = random.randint(0, held[name] + 3)
    if _cost(state, day, {name: fewer}) > _cost(state, day, {name: fewer + 1}):
        yield f"{fewer + 1} of {name} cost less than {fewer}"
    yield from _undone(state, quoted, held)


def _cost(state: ServiceState, day: date, wanted: Mapping[str, int]) -> int:
    return sum(line.amount_minor for line in quote_change(state, day=day, wanted=wanted).lines)


def _undone(state: ServiceState, quoted: QuotedChange, held: Mapping[str, int]) -> Iterator[str]:
    """Back to what was held on the same day: zero, when the policies let all go back at once."""
    if quoted.totals is None:
        return
    back = quote_change(after(state, quoted), day=quoted.day, wanted=held)
    if all(outcome.now == held[outcome.edition] for outcome in back.outcomes):
        total = back.totals.total_minor if back.totals else 0
        if total + quoted.totals.total_minor:
            yield f"undone on the same day is not zero: {quoted.totals.total_minor}, {total}"


def _of_documents(documents: list[dict[str, Any]], scenario: dict[str, Any]) -> Iterator[str]:
    """Used + credited = billed; credits never exceed a line's amount, nor its seat-days, nor its tax."""
    digits = DIGITS[scenario["currency"]]
    credited: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for number, document in enumerate(documents):
        for line in document["lines"]:
            if line["kind"] == "credit":
                sums = credited[tuple(line["credits"])]
                sums[0] -= _minor(line["amount"], digits)
                sums[1] += line["seats"] * line["days"]
                if line["credits"][0] >= number:
                    yield f"document {number} credits a later one"
    for (number, index), (amount, seat_days) in credited.items():
        line = documents[number]["lines"][index]
        billed, covered = _minor(line["amount"], digits), line["seats"] * line["days"]
        if not 0 <= amount <= billed or not 0 <= seat_days <= covered:
            yield f"line {index} of document {number} is credited beyond what was billed"
        elif amount + nearest(Fraction(billed * (covered - seat_days), covered)) != billed:
            yield f"used and credited do not make what was billed on line {index} of document {number}"


def _minor(amount: str, digits: int) -> int:
    whole, _, decimals = amount.partition(".")
    if len(decimals) != digits:
        raise AssertionError(f"{amount} does not have {digits} decimals")
    return int(whole + decimals)


def _of_periods(periods: list[Any], documents: list[dict[str, Any]]) -> Iterator[str]:
    for (start, end), (next_start, _) in pairwise(periods):
        if not start < end <= next_start:
            yield f"the periods from {start} and from {next_start} overlap"
    ends = {end.isoformat(): start.isoformat() for start, end in periods}
    for document in documents:
        for line in document["lines"]:
            if not ends.get(line["to"], "9999") <= line["from"] < line["to"]:
                yield f"a line from {line['from']} to {line['to']} lies in no period"
