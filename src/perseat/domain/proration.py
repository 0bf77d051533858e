"""Proration: charges for the days left, and credits by complement (rules 6 to 9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from perseat.domain.calendar import Period
from perseat.domain.money import charge_minor, round_half_away
from perseat.domain.quote_values import (
    Basis,
    BilledCredit,
    BilledLine,
    EditionState,
    Line,
    LineKind,
    LineReason,
    ServiceState,
)
from perseat.domain.tax import rate_on

_CHARGE, _CREDIT = LineKind.CHARGE, LineKind.CREDIT


class SeatsNotBilled(ValueError):
    """More seats are given back than the running period's charges cover: the books do not hold."""

    def __init__(self, edition: str, seats: int) -> None:
        super().__init__(f"{seats} seats of {edition} are given back that no charge of the running period covers.")
        self.edition = edition
        self.seats = seats


class CreditedBeyondBilled(ValueError):
    """More seat-days would be given back than the line covers: the books do not hold."""

    def __init__(self, billed: BilledLine, given_back_seat_days: int) -> None:
        super().__init__(f"{given_back_seat_days} seat-days are given back of the line {billed.reference}.")
        self.reference = billed.reference
        self.given_back_seat_days = given_back_seat_days


class GivenBack(NamedTuple):
    """Seats of one edition that are credited together. `partner`: the edition they go to, None when they end."""

    seats: int
    reason: LineReason
    partner: str | None = None


class ChargedDays(NamedTuple):
    """The days from `start` to `end` (not included), and the length of the aligned period they are a share of."""

    start: date
    end: date
    days: int
    period_days: int


def charge_line(
    service: ServiceState,
    edition: EditionState,
    charged: ChargedDays,
    *,
    reason: LineReason,
    seats: int,
    unit_price: Decimal,
    partner: str | None = None,
) -> Line:
    """A charge for `seats` over those days, with the tax rate of the first of them (rules 3, 5, 6, 11)."""
    start, end, days, period_days = charged
    amount_minor = charge_minor(
        seats=seats, unit_price=unit_price, days=days, period_days=period_days, currency=service.currency
    )
    name, category = edition.edition, edition.tax_category
    rate = rate_on(category, day=start, rates=service.tax_rates)
    # In the order of Line's fields: by their names it would take twice as long, and a quote makes many.
    return Line(
        _CHARGE, reason, name, seats, start, end, days, period_days, unit_price, amount_minor, category, rate,
        None, None, partner,
    )  # fmt: skip


def credited_by_complement(billed: BilledLine, *, given_back_seat_days: int) -> int:
    """What is credited in all, positive, once so many of the line's seat-days have been given back (rule 8).

    `billed - round(billed * kept / total)`: used and credited always make up what was billed, and all of it comes back
    when nothing was used. It depends on the seat-days only, never on the path that led to them.

    :raises CreditedBeyondBilled: when more is given back than the line covers, or less than nothing.
    """
    total = billed.seats * (billed.end - billed.start).days
    kept = total - given_back_seat_days
    if not 0 <= kept <= total:
        raise CreditedBeyondBilled(billed, given_back_seat_days)
    return billed.amount_minor - round_half_away(billed.amount_minor * kept, total)


def credit_newest_first(
    billed: Sequence[BilledLine], *, day: date, parts: Iterable[GivenBack]
) -> Iterator[tuple[int, Line]]:
    """Credit lines from `day` on, the newest original line first, each with its original's `issued_order`.

    `billed`: the lines of one edition; of one document the later one counts as newer. Parts are taken in order.

    :raises SeatsNotBilled: when the lines cover fewer seats than the parts give back.
    """
    newest_first = [line for line in reversed(billed) if line.end > day]
    if len(newest_first) > 1:
        newest_first.sort(key=lambda line: -line.issued_order)
    open_lines = [_Remainder(line) for line in newest_first]
    for part in parts:
        wanted = part.seats
        for remainder in open_lines:
            seats = min(wanted, remainder.seats)
            if seats:
                wanted -= seats
                yield remainder.billed.issued_order, remainder.credit(day, seats, part)
        if wanted:
            raise SeatsNotBilled(billed[0].edition if billed else "an edition", wanted)


def basis_of(billed: BilledLine, *, given_back_seat_days: int, credited_minor: int) -> Basis:
    """What a line on `billed` starts from: `given_back_seat_days` once it counts, `credited_minor` before it."""
    days = (billed.end - billed.start).days
    return Basis(
        billed_minor=billed.amount_minor,
        seats=billed.seats,
        days=days,
        kept_seat_days=billed.seats * days - given_back_seat_days,
        credited_minor=credited_minor,
    )


def credit_line(
    billed: BilledLine,
    *,
    reason: LineReason,
    seats: int,
    span: Period,
    amount_minor: int,
    basis: Basis,
    partner: str | None = None,
) -> Line:
    """A line that takes back `amount_minor` (positive) of a billed line, at its price, tax and period."""
    return Line(
        _CREDIT, reason, billed.edition, seats, span.start, span.end, span.days, billed.period_days,
        billed.unit_price, -amount_minor, billed.tax_category, billed.tax_rate, billed.reference, None, partner,
        basis,
    )  # fmt: skip


def restore_of_the_day(billed: Sequence[BilledLine], *, day: date, seats: int) -> list[Line]:
    """Lines that undo the day's credits of one edition, the last one made first, for at most `seats` (rule 9).

    A credit undone as a whole comes back at its exact amount; a part of it by complement.
    """
    lines: list[Line] = []
    credited_today = [line for line in billed if line.credits_of_the_day]
    if not credited_today:
        return lines
    for line in sorted(credited_today, key=lambda line: line.issued_order):
        given_back, credited = line.credited_seat_days, line.credited_minor
        for credit in reversed(line.credits_of_the_day):
            taken = min(seats, credit.seats)
            if not taken:
                break
            seats -= taken
            seat_days = credit.seat_days * taken // credit.seats
            given_back -= seat_days
            amount, basis = credit.amount_minor, None
            if taken < credit.seats:
                amount = credited - credited_by_complement(line, given_back_seat_days=given_back)
                basis = basis_of(line, given_back_seat_days=given_back, credited_minor=credited)
            credited -= amount
            span = Period(day, line.end)
            lines.append(restored_line(line, credit, span=span, seats=taken, amount_minor=amount, basis=basis))
    return lines


def restored_line(
    billed: BilledLine,
    credit: BilledCredit,
    *,
    span: Period,
    seats: int,
    amount_minor: int,
    basis: Basis | None = None,
) -> Line:
    """A line that takes back `amount_minor` (positive) of a credit; without `basis`, the credit as it was."""
    return Line(
        _CHARGE, LineReason.RESTORED, billed.edition, seats, span.start, span.end, span.days, billed.period_days,
        billed.unit_price, amount_minor, billed.tax_category, billed.tax_rate, billed.reference, credit.reference,
        None, basis,
    )  # fmt: skip


class _Remainder:
    """What can still be given back of a billed line while one quote is made."""

    __slots__ = ("billed", "credited_minor", "given_back_seat_days", "seats")

    def __init__(self, billed: BilledLine) -> None:
        self.billed = billed
        self.seats = billed.seats - billed.credited_seats
        self.given_back_seat_days = billed.credited_seat_days
        self.credited_minor = billed.credited_minor

    def credit(self, day: date, seats: int, part: GivenBack) -> Line:
        span = Period(max(day, self.billed.start), self.billed.end)
        self.seats -= seats
        self.given_back_seat_days += seats * span.days
        given_back, before = self.given_back_seat_days, self.credited_minor
        self.credited_minor = credited_by_complement(self.billed, given_back_seat_days=given_back)
        return credit_line(
            self.billed,
            reason=part.reason,
            seats=seats,
            span=span,
            amount_minor=self.credited_minor - before,
            basis=basis_of(self.billed, given_back_seat_days=given_back, credited_minor=before),
            partner=part.partner,
        )
