"""Quoting: from the totals a customer wants to the lines, the plans and the recurring charge they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter, itemgetter
from typing import NamedTuple

from perseat.domain.calendar import aligned_period, charge_period, term_end
from perseat.domain.proration import ChargedDays, GivenBack, charge_line, credit_newest_first, restore_of_the_day
from perseat.domain.quote_values import (
    Decrease,
    EditionState,
    Line,
    LineReason,
    Outcome,
    QuotedChange,
    ServiceState,
    Totals,
    Upgrade,
    Wanted,
)
from perseat.domain.renewal import HeldWithoutTerm, Standing, recurring_charges
from perseat.domain.seats import Fewer, check_seats, decide_decrease
from perseat.domain.tax import document_totals
from perseat.domain.upgrades import pair_upgrades


class EditionUnknown(ValueError):
    """A total was typed for an edition that the service does not offer."""

    def __init__(self, edition: str) -> None:
        super().__init__(f"The service has no edition {edition!r}.")
        self.edition = edition


class DayBeforeStart(ValueError):
    """A service cannot change before its first day."""

    def __init__(self, day: date, started_on: date) -> None:
        super().__init__(f"The service starts on {started_on}; {day} is before it.")
        self.day = day
        self.started_on = started_on


_NO_DECREASE = Fewer()
_POSITION = attrgetter("position")
_ISSUED_ORDER = itemgetter(0)


class _Part(NamedTuple):
    """What the quote does with one edition: the total `now` held, and the one planned from the term's end."""

    state: EditionState
    wanted: int
    now: int
    planned: int | None = None
    fewer: Fewer = _NO_DECREASE
    credits: Sequence[tuple[int, Line]] = ()
    charges: Sequence[Line] = ()


class _Setting(NamedTuple):
    """What all charges of one quote share."""

    state: ServiceState
    day: date
    charged: ChargedDays


def quote_change(state: ServiceState, *, day: date, wanted: Wanted, with_recurring: bool = True) -> QuotedChange:
    """What the totals `wanted` mean on `day`, which belongs to the new state; all amounts in minor units.

    Lines: credits by their original line, newest first, ties in catalog order; then charges in catalog order, of one
    edition the undone credits of the day first, then upgraded seats (one line a pair), then added ones. The state must
    already hold the renewals of that day. An edition that is not named keeps its total and its plan. Who needs the
    day's document only can do `with_recurring=False`.

    :raises EditionUnknown: for a total of an edition that the service lacks.
    :raises SeatsNotCountable: for a total that is not a whole number from 0 to 1,000,000.
    :raises DayBeforeStart: for a day before the service's first.
    :raises SeatsNotBilled: when seats are given back that were never charged.
    """
    if day < state.started_on:
        raise DayBeforeStart(day, state.started_on)
    _check_wanted(state, wanted)
    upgrades = pair_upgrades(state, wanted=wanted)
    aligned = aligned_period(state.rhythm, day)
    charged = ChargedDays(day, aligned.end, (aligned.end - day).days, aligned.days)
    setting = _Setting(state, day, charged)
    parts = [
        _decide_edition(setting, edition, wanted.get(edition.edition), upgrades)
        for edition in sorted(state.editions, key=_POSITION)
    ]
    lines = _in_order(parts)
    totals = _totals(state, lines)
    standings = [_standing(setting, part) for part in parts]
    outcomes = tuple(map(_outcome, parts, standings))
    decreases = _decreases(parts, standings, day=day)
    running = [standing for standing in standings if standing] if with_recurring else ()
    recurring = recurring_charges(state, running, day=day)
    period = charge_period(state.rhythm, state.started_on, day)
    return QuotedChange(day, period, lines, totals, outcomes, decreases, upgrades, recurring)


def _check_wanted(state: ServiceState, wanted: Wanted) -> None:
    offered = {edition.edition for edition in state.editions}
    for edition, seats in wanted.items():
        if edition not in offered:
            raise EditionUnknown(edition)
        check_seats(seats, edition=edition)


def _decide_edition(setting: _Setting, edition: EditionState, wanted: int | None, upgrades: Sequence[Upgrade]) -> _Part:
    """A total that is typed replaces the plan, also when it is what is held (rule 10)."""
    if wanted is None:
        planned = edition.planned
        return _Part(edition, edition.held if planned is None else planned, edition.held, planned)
    if wanted == edition.held:
        return _Part(edition, wanted, wanted)
    if wanted > edition.held:
        arrivals = [upgrade for upgrade in upgrades if upgrade.target == edition.edition]
        charges = _charges(setting, edition, arrivals, wanted - edition.held)
        return _Part(edition, wanted, wanted, None, _NO_DECREASE, (), charges)
    moved, given_back = 0, []
    for upgrade in upgrades:
        if upgrade.source == edition.edition:
            moved += upgrade.seats
            given_back.append(GivenBack(upgrade.seats, LineReason.EXCHANGED, upgrade.target))
    fewer, ended = _NO_DECREASE, edition.held - wanted - moved
    if ended:
        fewer = decide_decrease(edition, day=setting.day, seats=ended, moved=moved)
    if fewer.credited:
        given_back.append(GivenBack(fewer.credited, LineReason.RETURNED))
    credits_ = list(credit_newest_first(edition.billed, day=setting.day, parts=given_back)) if given_back else ()
    planned = wanted if fewer.scheduled else None
    return _Part(edition, wanted, wanted + fewer.scheduled, planned, fewer, credits_)


def _charges(setting: _Setting, edition: EditionState, arrivals: Iterable[Upgrade], seats: int) -> Sequence[Line]:
    """Undone credits of the day, then one line for each pair, then one for the rest (rules 6, 7, 9)."""
    lines = restore_of_the_day(edition.billed, day=setting.day, seats=seats)
    undone = sum([line.seats for line in lines])
    for upgrade in arrivals:
        seats -= upgrade.seats
        covered = min(undone, upgrade.seats)
        undone -= covered
        if upgrade.seats > covered:
            lines.append(_charge(setting, edition, LineReason.UPGRADED, upgrade.seats - covered, upgrade.source))
    if seats > undone:
        reason = LineReason.ADDED if edition.held else LineReason.NEW
        lines.append(_charge(setting, edition, reason, seats - undone, None))
    return lines


def _charge(setting: _Setting, edition: EditionState, reason: LineReason, seats: int, partner: str | None) -> Line:
    return charge_line(
        setting.state,
        edition,
        setting.charged,
        reason=reason,
        seats=seats,
        unit_price=edition.unit_price,
        partner=partner,
    )


def _in_order(parts: Iterable[_Part]) -> tuple[Line, ...]:
    credits_ = [credit for part in parts for credit in part.credits]
    if len(credits_) > 1:
        credits_.sort(key=_ISSUED_ORDER, reverse=True)
    lines = [line for _, line in credits_]
    for part in parts:
        lines += part.charges
    return tuple(lines)


def _totals(state: ServiceState, lines: Sequence[Line]) -> Totals | None:
    if not lines:
        return None
    billed = (line for edition in state.editions for line in edition.billed)
    return document_totals(lines, billed=billed, prices_include_tax=state.prices_include_tax)


def _standing(setting: _Setting, part: _Part) -> Standing | None:
    """The edition after the change; the first seats of one begin a term on the day."""
    if not part.now:
        return None
    term_start = part.state.term_start
    if term_start is None:
        if part.state.held:
            raise HeldWithoutTerm(part.state.edition)
        term_start = setting.day
    return Standing(part.state, part.now, part.planned, term_end(setting.state.rhythm, term_start))


def _outcome(part: _Part, standing: Standing | None) -> Outcome:
    edition = part.state
    planned_on = standing.renews_on if standing and part.planned is not None else None
    return Outcome(edition.edition, edition.held, part.wanted, part.now, part.planned, planned_on)


def _decreases(parts: Iterable[_Part], standings: Iterable[Standing | None], *, day: date) -> tuple[Decrease, ...]:
    """For each edition what is refunded today, then what waits; seats that go to another edition are no decrease."""
    decreases: list[Decrease] = []
    for part, standing in zip(parts, standings, strict=True):
        if part.fewer.credited:
            decreases.append(_refunded(part, day))
        if part.fewer.scheduled and standing:
            decreases.append(
                Decrease(
                    edition=part.state.edition,
                    seats=part.fewer.scheduled,
                    effective_on=standing.renews_on,
                    refund_minor=0,
                    until=None,
                )
            )
    return tuple(decreases)


def _refunded(part: _Part, day: date) -> Decrease:
    returned = (line for _, line in part.credits if line.reason is LineReason.RETURNED)
    return Decrease(
        edition=part.state.edition,
        seats=part.fewer.credited,
        effective_on=day,
        refund_minor=-sum(line.amount_minor for line in returned),
        until=part.fewer.until,
    )
