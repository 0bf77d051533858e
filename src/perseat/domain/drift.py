"""Drift: what the supplier holds is not what was promised, and nothing of ours explains it: it was changed elsewhere.

Source: billing rules, "Decreases" (the supplier's seats may go later than the customer's); Microsoft's NCE rules 27, 28
and 35 to 37, read 2026-11-23.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DriftKind(StrEnum):
    """How the supplier differs from what was promised."""

    MORE_SEATS = "more_seats"
    FEWER_SEATS = "fewer_seats"
    RENEWAL = "renewal"  # it would renew with another number of seats, or not at all
    SUSPENDED = "suspended"
    ENDED = "ended"
    NOT_OURS = "not_ours"  # a subscription that was bought elsewhere


class DriftState(StrEnum):
    """Open: staff decide. Waiting: they let it be until a day. Undoing: the supplier is driven back. Ended."""

    OPEN = "open"
    WAITING = "waiting"
    UNDOING = "undoing"
    ENDED = "ended"


class DriftEnd(StrEnum):
    """How a drift ended."""

    GONE = "gone"  # what differed is equal again, by whomever
    ADOPTED = "adopted"  # an order made it the promise
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedSeats:
    """What was accepted: seats now, and from the renewal on."""

    seats: int
    renewal_seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSeats:
    """What the supplier holds. `renewal_seats`: what it renews with, 0 when it does not renew."""

    seats: int
    renewal_seats: int
    is_suspended: bool = False
    is_ended: bool = False


def find_drift(promised: PromisedSeats, found: FoundSeats) -> DriftKind | None:
    """How they differ, the gravest kind first; None when they agree, or when the rest goes with the renewal anyway.

    Seats above the promise are no drift where the renewal brings them down to it: the supplier took them back too
    late, and staff see their cost.

    >>> find_drift(PromisedSeats(seats=4, renewal_seats=4), FoundSeats(seats=7, renewal_seats=7)).value
    'more_seats'
    >>> find_drift(PromisedSeats(seats=4, renewal_seats=4), FoundSeats(seats=7, renewal_seats=4)) is None
    True
    """
    if found.is_ended:
        return DriftKind.ENDED if promised.seats else None
    if found.is_suspended and promised.seats:
        return DriftKind.SUSPENDED
    if found.seats < promised.seats:
        return DriftKind.FEWER_SEATS
    if found.renewal_seats == promised.renewal_seats:
        return None
    return DriftKind.MORE_SEATS if found.seats > promised.seats else DriftKind.RENEWAL


def is_changed_elsewhere(*, found: int, last_read: int, wanted: int) -> bool:
    """Whether driving on to `wanted` seats would take away what somebody else added since the supplier was read last.

    >>> is_changed_elsewhere(found=7, last_read=4, wanted=5)
    True
    >>> is_changed_elsewhere(found=7, last_read=7, wanted=5)
    False
    """
    return found > max(last_read, wanted)


def describe_drift(kind: DriftKind, *, promised: PromisedSeats, found: FoundSeats) -> str:
    """One sentence for the staff."""
    match kind:
        case DriftKind.MORE_SEATS | DriftKind.FEWER_SEATS:
            return f"Microsoft holds {found.seats}, sold are {promised.seats}."
        case DriftKind.RENEWAL if not found.renewal_seats:
            return f"It would not renew at Microsoft; promised are {promised.renewal_seats} from the renewal on."
        case DriftKind.RENEWAL:
            return (
                f"It would renew with {found.renewal_seats} at Microsoft; promised are {promised.renewal_seats} from"
                " the renewal on."
            )
        case DriftKind.SUSPENDED:
            return f"It is suspended at Microsoft; {promised.seats} are sold, and nobody can work with them."
        case DriftKind.ENDED:
            return f"It has ended at Microsoft; {promised.seats} are sold."
        case DriftKind.NOT_OURS:
            return f"{found.seats} were bought elsewhere; nobody is billed for them here."
