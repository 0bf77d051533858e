"""Seats: totals that can be counted, batches with their deadlines, and what a decrease comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from perseat.domain.quote_values import Batch, DecreasePolicy, EditionState

MOST_SEATS = 1_000_000


class SeatsNotCountable(ValueError):
    """A total of seats is a whole number from 0 to 1,000,000."""

    def __init__(self, edition: str, seats: object) -> None:
        super().__init__(f"The seats of {edition} must be a whole number from 0 to {MOST_SEATS:,}, not {seats!r}.")
        self.edition = edition
        self.seats = seats


class Fewer(NamedTuple):
    """A decrease by its edition's policy: seats credited today, and seats that wait for the term's end.

    `until`: the last day on which the credited seats could be given back; None when any day would do.
    """

    credited: int = 0
    scheduled: int = 0
    until: date | None = None


def check_seats(seats: object, *, edition: str) -> int:
    """The total itself, when it is a counting number we sell (0 to 1,000,000).

    :raises SeatsNotCountable: for anything else, truth values included.
    """
    if type(seats) is not int or not 0 <= seats <= MOST_SEATS:
        raise SeatsNotCountable(edition, seats)
    return seats


def decide_decrease(state: EditionState, *, day: date, seats: int, moved: int = 0) -> Fewer:
    """How many of `seats` are credited today and how many wait for the term's end (billing rule: Decreases).

    `moved`: seats that leave the edition in the same checkout for another one; they take the newest batches first.
    Deadlines include their day.
    """
    match state.policy:
        case DecreasePolicy.ANYTIME:
            return Fewer(credited=seats)
        case DecreasePolicy.RENEWAL:
            return Fewer(scheduled=seats)
        case DecreasePolicy.WINDOW:
            return _decide_in_window(remove_newest(state.batches, seats=moved), day, seats)


def remove_newest(batches: Iterable[Batch], *, seats: int) -> tuple[Batch, ...]:
    """The batches, oldest first, that are left when `seats` leave the newest ones."""
    kept: list[Batch] = []
    for batch in reversed(_oldest_first(batches)):
        taken = min(seats, batch.seats)
        seats -= taken
        if batch.seats > taken:
            kept.append(replace(batch, seats=batch.seats - taken) if taken else batch)
    return tuple(reversed(kept))


def remove_returned(batches: Iterable[Batch], *, day: date, seats: int) -> tuple[Batch, ...]:
    """The batches, oldest first, when `seats` are given back: first those that may go on `day`, newest first."""
    ordered = _oldest_first(batches)
    returnable = [batch for batch in ordered if _is_returnable(batch, day)]
    in_window = min(seats, sum(batch.seats for batch in returnable))
    kept = list(remove_newest(returnable, seats=in_window))
    others = remove_newest([batch for batch in ordered if not _is_returnable(batch, day)], seats=seats - in_window)
    return tuple(_oldest_first([*kept, *others]))


def _decide_in_window(batches: tuple[Batch, ...], day: date, seats: int) -> Fewer:
    credited, until = 0, None
    for batch in reversed(_oldest_first(batches)):
        if credited < seats and batch.seats and _is_returnable(batch, day):
            credited += min(batch.seats, seats - credited)
            until = batch.returnable_through if until is None else min(until, batch.returnable_through or until)
    return Fewer(credited=credited, scheduled=seats - credited, until=until)


def _oldest_first(batches: Iterable[Batch]) -> list[Batch]:
    return sorted(batches, key=lambda batch: batch.added_on)


def _is_returnable(batch: Batch, day: date) -> bool:
    return batch.returnable_through is not None and day <= batch.returnable_through
