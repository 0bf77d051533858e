"""Returns: seats given back inside their window, credited for the day the customer accepted (billing rule: Decreases).

Every function returns lines for one document; `document_totals(lines, billed=...)` gives its figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter

from perseat.domain.proration import GivenBack, credit_newest_first
from perseat.domain.quote_values import BilledLine, Line, LineKind, LineReason

_ISSUED_ORDER = itemgetter(0)


def is_return(lines: Sequence[Line]) -> bool:
    """Whether a document would only credit seats that are given back: nothing is charged, changed or undone by it."""
    return bool(lines) and all(line.kind is LineKind.CREDIT and line.reason is LineReason.RETURNED for line in lines)


def credit_returned(
    billed: Mapping[str, Sequence[BilledLine]], *, seats: Mapping[str, int], day: date
) -> tuple[Line, ...]:
    """Credits from `day` on for `seats` by edition, in the order of a quote: newest original first, then catalog order.

    `billed`: in catalog order, all that was charged by now; lines of periods that began after `day` are left alone.

    :raises SeatsNotBilled: (perseat.domain.proration) when the lines cover fewer seats.
    """
    found: list[tuple[int, Line]] = []
    for edition, lines in billed.items():
        begun = [line for line in lines if line.start <= day]
        if seats.get(edition):
            found += credit_newest_first(begun, day=day, parts=[_part(seats[edition])])
    found.sort(key=_ISSUED_ORDER, reverse=True)
    return tuple(line for _, line in found)


def credit_charged_since(
    billed: Mapping[str, Sequence[BilledLine]], *, seats: Mapping[str, int], day: date
) -> tuple[Line, ...]:
    """Credits for periods that began after `day` and were charged with the seats, because no answer had come yet.

    `billed` as in `credit_returned`, without terms in which the seats were no longer charged. Oldest period first.
    """
    found: list[Line] = []
    for edition, lines in billed.items():
        later = sorted((line for line in lines if line.start > day), key=lambda line: line.start)
        for start, of_period in groupby(later, key=lambda line: line.start):
            if seats.get(edition):
                credits_ = credit_newest_first(list(of_period), day=start, parts=[_part(seats[edition])])
                found += [line for _, line in credits_]
    return tuple(sorted(found, key=lambda line: line.start))


def seats_taken_back(*, asked: int, held_there_before: int, held_there_now: int, total: int) -> int:
    """How many of the `asked` seats the supplier took back, driven to `total`; 0 to `asked`.

    It may have held more than was sold all along: those do not count against the customer.

    >>> seats_taken_back(asked=3, held_there_before=8, held_there_now=5, total=5)
    3
    >>> seats_taken_back(asked=3, held_there_before=10, held_there_now=7, total=5)
    3
    >>> seats_taken_back(asked=3, held_there_before=8, held_there_now=7, total=5)
    1
    """
    if held_there_now <= total:
        return asked
    return max(0, min(asked, held_there_before - held_there_now))


def _part(seats: int) -> GivenBack:
    return GivenBack(seats, LineReason.RETURNED)
