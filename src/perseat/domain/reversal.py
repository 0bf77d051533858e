"""Reversal: what goes back when seats start late or the supplier refuses them (billing rule: Payment gates).

Every function returns lines for one document; `document_totals(lines, billed=...)` gives its figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from perseat.domain.calendar import Period
from perseat.domain.proration import basis_of, credit_line, credited_by_complement, restored_line
from perseat.domain.quote_values import BilledCredit, BilledLine, Line, LineReason


def credit_late_start(billed: Sequence[BilledLine], *, day: date) -> tuple[Line, ...]:
    """Credits by complement for the days from each line's start to `day`, on which its seats begin (not included).

    For charge lines of one order, once each, before anything else is credited for those days. Lines that had begun are
    left alone. Afterwards `credited_seat_days` grows by seats x days, `credited_seats` does not: the seats live on.
    """
    lines: list[Line] = []
    for line in billed:
        seats = line.seats - line.credited_seats
        span = Period(line.start, min(day, line.end))
        if seats and span.days > 0:
            given_back = line.credited_seat_days + seats * span.days
            amount = credited_by_complement(line, given_back_seat_days=given_back) - line.credited_minor
            basis = basis_of(line, given_back_seat_days=given_back, credited_minor=line.credited_minor)
            lines.append(
                credit_line(
                    line, reason=LineReason.LATE_START, seats=seats, span=span, amount_minor=amount, basis=basis
                )
            )
    return tuple(lines)


def charge_late_exchange(billed: Sequence[BilledLine], *, day: date) -> tuple[Line, ...]:
    """The other side of a late change of edition: the old seats were used until `day`, so their credit shrinks.

    `billed`: the lines of the old edition, with only the order's own exchange credits in `credits_of_the_day`. By
    complement, so that the line ends as if it had been credited on `day` in the first place.
    """
    lines: list[Line] = []
    for line in billed:
        given_back, credited = line.credited_seat_days, line.credited_minor
        for credit in line.credits_of_the_day:
            span = Period(_credited_from(line, credit), min(day, line.end))
            if span.days > 0:
                given_back -= credit.seats * span.days
                amount = credited - credited_by_complement(line, given_back_seat_days=given_back)
                basis = basis_of(line, given_back_seat_days=given_back, credited_minor=credited)
                credited -= amount
                lines.append(
                    restored_line(line, credit, span=span, seats=credit.seats, amount_minor=amount, basis=basis)
                )
    return tuple(lines)


def credit_refused(billed: Sequence[BilledLine]) -> tuple[Line, ...]:
    """Credits for all that is left of each line, which the supplier has refused: the amount not credited so far.

    Afterwards the whole line counts as given back. Reverse the companion credit of an upgrade with `undo_credits`.
    """
    return tuple(
        credit_line(
            line,
            reason=LineReason.REFUSED,
            seats=line.seats - line.credited_seats,
            span=Period(line.start, line.end),
            amount_minor=line.amount_minor - line.credited_minor,
            basis=basis_of(
                line,
                given_back_seat_days=line.seats * (line.end - line.start).days,
                credited_minor=line.credited_minor,
            ),
        )
        for line in billed
        if line.seats > line.credited_seats or line.amount_minor > line.credited_minor
    )


def credit_refused_renewal(line: BilledLine, *, seats: int) -> tuple[Line, ...]:
    """A credit by complement for `seats` of a renewal that was charged before the supplier refused them.

    The line's other seats stand. At most what is left of the line; nothing when nothing is left.
    """
    seats = min(seats, line.seats - line.credited_seats)
    if not seats:
        return ()
    span = Period(line.start, line.end)
    given_back = line.credited_seat_days + seats * span.days
    amount = credited_by_complement(line, given_back_seat_days=given_back) - line.credited_minor
    basis = basis_of(line, given_back_seat_days=given_back, credited_minor=line.credited_minor)
    return (credit_line(line, reason=LineReason.REFUSED, seats=seats, span=span, amount_minor=amount, basis=basis),)


def is_refused_whole(original: LineReason) -> bool:
    """Whether a refusal takes lines of that reason back as a whole: the order's own; of a renewal only its seats."""
    return original is not LineReason.RENEWED


def undo_credits(billed: Sequence[BilledLine]) -> tuple[Line, ...]:
    """Lines that take back every credit in `credits_of_the_day` at its exact amount, whatever its day was."""
    return tuple(
        restored_line(
            line,
            credit,
            span=Period(_credited_from(line, credit), line.end),
            seats=credit.seats,
            amount_minor=credit.amount_minor,
        )
        for line in billed
        for credit in line.credits_of_the_day
    )


def _credited_from(line: BilledLine, credit: BilledCredit) -> date:
    return line.end - timedelta(days=credit.seat_days // credit.seats)
