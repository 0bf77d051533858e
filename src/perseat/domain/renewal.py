"""Renewal: the recurring charges of a day, decided before that day's changes (rule 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from perseat.domain.calendar import Period, aligned_period, is_day_of_business, next_period, term_end
from perseat.domain.proration import ChargedDays, charge_line
from perseat.domain.quote_values import (
    EditionState,
    Line,
    LineReason,
    Outcome,
    QuotedChange,
    RecurringCharge,
    ServiceState,
)
from perseat.domain.tax import document_totals, totals_of_charges

_RENEWED = LineReason.RENEWED


class NotARenewalDay(ValueError):
    """Recurring charges are made only on the first day of an aligned period."""

    def __init__(self, day: date, period: Period) -> None:
        super().__init__(f"No charge period begins on {day}: it is in the one from {period.start} to {period.end}.")
        self.day = day
        self.period = period


class HeldWithoutTerm(ValueError):
    """Seats are held, but the day their term began is not known."""

    def __init__(self, edition: str) -> None:
        super().__init__(f"Seats of {edition} are held without a term.")
        self.edition = edition


class Standing(NamedTuple):
    """One edition from now on: its seats until `renews_on`, and `planned` (None: the same) from then."""

    state: EditionState
    seats: int
    planned: int | None
    renews_on: date


def quote_renewal(state: ServiceState, *, day: date, with_recurring: bool = True) -> QuotedChange:
    """The renewal document of `day`: one charge line per edition held, for the whole period that begins then.

    Where a term ends on that day, its plan takes effect and the new term's price counts; elsewhere both stay as they
    are. Tax at the day's rates. The same arithmetic as a quote's (rule 15). Who needs the day's document only can do
    `with_recurring=False`.

    :raises NotARenewalDay: when no aligned period begins on `day`.
    """
    period, standings = _renewing(state, day)
    lines = recurring_lines(state, standings, period=period)
    return QuotedChange(
        day=day,
        period=period,
        lines=lines,
        totals=document_totals(lines, prices_include_tax=state.prices_include_tax) if lines else None,
        outcomes=tuple(_outcome_of_renewal(standing, day) for standing in standings),
        decreases=(),
        upgrades=(),
        recurring=recurring_charges(state, standings if with_recurring else (), day=day),
    )


def renewal_lines(state: ServiceState, *, day: date) -> tuple[Line, ...]:
    """The lines of `quote_renewal` alone, without what is charged after them. Raises the same."""
    period, standings = _renewing(state, day)
    return recurring_lines(state, standings, period=period)


def _renewing(state: ServiceState, day: date) -> tuple[Period, list[Standing]]:
    period = aligned_period(state.rhythm, day)
    if period.start != day:
        raise NotARenewalDay(day, period)
    editions = sorted(state.editions, key=attrgetter("position"))
    return period, [standing for edition in editions if (standing := standing_of(state, edition))]


def standing_of(state: ServiceState, edition: EditionState) -> Standing | None:
    """An edition as it stands, None when nothing of it is held.

    :raises HeldWithoutTerm: when seats are held and `term_start` is not given.
    """
    if not edition.held:
        return None
    if edition.term_start is None:
        raise HeldWithoutTerm(edition.edition)
    return Standing(edition, edition.held, edition.planned, term_end(state.rhythm, edition.term_start))


def recurring_charges(state: ServiceState, standings: Sequence[Standing], *, day: date) -> tuple[RecurringCharge, ...]:
    """The next renewal document after `day`, then each later one that differs by a plan, a price or a rate."""
    if not standings:
        return ()
    first = _recurring_charge(state, standings, next_period(state.rhythm, day))
    if not first.lines:
        return ()
    charges = [first]
    for event in _later_events(state, standings, first.on):
        period = aligned_period(state.rhythm, event)
        if period.start < event:
            period = next_period(state.rhythm, event)
        charge = _recurring_charge(state, standings, period)
        if charge.totals.total_minor != charges[-1].totals.total_minor:
            charges.append(charge)
    return tuple(charges)


def recurring_lines(state: ServiceState, standings: Iterable[Standing], *, period: Period) -> tuple[Line, ...]:
    """One line per edition held in that whole aligned period, in the order of the standings."""
    lines: list[Line] = []
    first, days = period.start, period.days
    charged = ChargedDays(first, period.end, days, days)
    for edition, held, planned, renews_on in standings:
        renewed = first >= renews_on
        seats = planned if renewed and planned is not None else held
        if seats:
            price = edition.renewal_unit_price if renewed else edition.unit_price
            lines.append(charge_line(state, edition, charged, reason=_RENEWED, seats=seats, unit_price=price))
    return tuple(lines)


def _recurring_charge(state: ServiceState, standings: Iterable[Standing], period: Period) -> RecurringCharge:
    lines = recurring_lines(state, standings, period=period)
    totals = totals_of_charges(lines, prices_include_tax=state.prices_include_tax)
    return RecurringCharge(period.start, period, lines, totals)


def _later_events(state: ServiceState, standings: Iterable[Standing], first: date) -> list[date]:
    """Days after the first renewal on which a recurring charge may come to differ, in order."""
    begins = [rate.starts_on for rate in state.tax_rates if rate.starts_on > first]
    events = [day for day in begins if is_day_of_business(day)]  # a year mistyped as 9999 has no period after it
    for edition, _, planned, renews_on in standings:
        if renews_on > first and (planned is not None or edition.unit_price != edition.renewal_unit_price):
            events.append(renews_on)
    return sorted(set(events)) if events else events


def _outcome_of_renewal(standing: Standing, day: date) -> Outcome:
    renewed = day >= standing.renews_on
    wanted = standing.seats if standing.planned is None else standing.planned
    return Outcome(
        edition=standing.state.edition,
        held=standing.seats,
        wanted=wanted,
        now=wanted if renewed else standing.seats,
        planned=None if renewed else standing.planned,
        planned_on=None if renewed or standing.planned is None else standing.renews_on,
    )
