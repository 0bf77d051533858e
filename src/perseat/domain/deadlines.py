"""Deadlines: until when seats can be given back at the supplier, and until when a plan can be changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from perseat.domain.calendar import get_zone, local_day


class SeatsUntil(NamedTuple):
    """Seats with the moment until which (not included) they can be given back; None: they cannot."""

    seats: int
    until: datetime | None


def assign_deadlines(batches: Sequence[int], *, returnable: Iterable[SeatsUntil]) -> tuple[tuple[SeatsUntil, ...], ...]:
    """The supplier's deadlines laid over our batches: for each batch its parts, the one without deadline first.

    `batches`: seats left, the newest batch first. The supplier does not tell our batches apart, so its latest deadline
    goes to our newest seats, and what it does not mention has none.

    >>> noon = datetime(2026, 11, 29, 12, tzinfo=UTC)
    >>> [[part.seats for part in parts] for parts in assign_deadlines([2, 4], returnable=[SeatsUntil(3, noon)])]
    [[2], [3, 1]]
    """
    earliest_first = sorted((each for each in returnable if each.seats > 0), key=_until_of)
    found = []
    for seats in batches:
        parts: list[SeatsUntil] = []
        left = seats
        while left and earliest_first:
            latest = earliest_first.pop()
            taken = min(left, latest.seats)
            parts.append(SeatsUntil(taken, latest.until))
            left -= taken
            if latest.seats > taken:
                earliest_first.append(SeatsUntil(latest.seats - taken, latest.until))
        if left:
            parts.append(SeatsUntil(left, None))
        found.append(_merged(reversed(parts)))
    return tuple(found)


def last_day_before(until: datetime, *, zone_name: str) -> date:
    """The last local day that lies wholly before a deadline: a day is the smallest thing that we sell."""
    return local_day(until, zone_name) - timedelta(days=1)


def plan_changeable_until(renews_on: date, *, zone_name: str, supplier_term_ends_on: date | None) -> datetime:
    """The moment (not included) until which a plan for our renewal can be changed: ours or the supplier's, if earlier.

    Ours is the local midnight at which `renews_on` begins. The supplier renews when the UTC day after the last day of
    its term begins (Microsoft's NCE rule 26, read 2026-11-22); None when its term is not known.
    """
    ours = datetime.combine(renews_on, time(), tzinfo=get_zone(zone_name))
    if supplier_term_ends_on is None:
        return ours
    return min(ours, datetime.combine(supplier_term_ends_on + timedelta(days=1), time(), tzinfo=UTC))


def _until_of(each: SeatsUntil) -> datetime:
    return each.until or datetime.min.replace(tzinfo=UTC)


def _merged(parts: Iterable[SeatsUntil]) -> tuple[SeatsUntil, ...]:
    found: list[SeatsUntil] = []
    for part in parts:
        if found and found[-1].until == part.until:
            found[-1] = SeatsUntil(found[-1].seats + part.seats, part.until)
        else:
            found.append(part)
    return tuple(found)
