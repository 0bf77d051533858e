"""Delivery plan: which acts at the supplier make an order true, and in which order. Never the old before the new.

Source: billing rules, "Change of edition" and "Decreases"; Microsoft's NCE rules 16 to 21, 28 and 39 to 45, read
2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from perseat.domain.fulfillment import DeliveryAct


class Step(IntEnum):
    """Deliveries of an order run in this order; a step waits until all of the one before are done."""

    UPGRADES = 0
    INCREASES = 1
    PEOPLE = 2
    DECREASES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatChange:
    """An order line as delivery sees it: the totals of one edition before and after, and the plan for its renewal.

    `is_bought`: the supplier has (or is about to have) a subscription of ours for it. `had_plan`: the order replaces
    or withdraws a plan that the supplier was told of.
    """

    edition: str
    seats_before: int
    seats_now: int
    planned_seats: int | None
    is_bought: bool
    had_plan: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """`seats` that went from one edition to another in the order."""

    source: str
    target: str
    seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPerson:
    """A person named in the quote, who gets `add` and loses `remove` (edition codes, "" for none)."""

    person_id: str
    add: str
    remove: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDelivery:
    """An act to record. `seats` is absolute. `people`: for MOVE_PEOPLE only.

    `exchanges`: for MOVE_PEOPLE, and for UPGRADE its single one.
    """

    edition: str
    act: DeliveryAct
    step: Step
    seats: int
    seats_before: int
    people: tuple[NamedPerson, ...] = ()
    exchanges: tuple[Exchange, ...] = ()


def plan_deliveries(
    changes: Sequence[SeatChange], *, exchanges: Sequence[Exchange] = (), people: Sequence[NamedPerson] = ()
) -> tuple[PlannedDelivery, ...]:
    """The acts of an order: upgrades, increases, people, then decreases and plans; each in the order of `changes`.

    An upgrade is tried for every exchange of seats that the supplier has. What it does not bring, the acts behind it
    do: each of them drives to its own total.

    >>> basic = SeatChange(edition="basic", seats_before=1, seats_now=0, planned_seats=None, is_bought=True)
    >>> premium = SeatChange(edition="premium", seats_before=0, seats_now=1, planned_seats=None, is_bought=False)
    >>> plan = plan_deliveries([basic, premium], exchanges=[Exchange(source="basic", target="premium", seats=1)])
    >>> [(each.act.value, each.edition, each.seats) for each in plan]
    [('upgrade', 'premium', 1), ('buy', 'premium', 1), ('move_people', 'premium', 1), ('end', 'basic', 0)]
    """
    return (
        *_upgrades(changes, exchanges),
        *_increases(changes),
        *_people(changes, exchanges, people),
        *_decreases(changes),
    )


def is_only_planned(plan: Iterable[DeliveryAct]) -> bool:
    """Whether nothing happens before a renewal; False for an empty plan."""
    acts = tuple(plan)
    return bool(acts) and all(act is DeliveryAct.PLAN_RENEWAL for act in acts)


def _upgrades(changes: Sequence[SeatChange], exchanges: Sequence[Exchange]) -> Iterable[PlannedDelivery]:
    """One act for each exchange, on the edition that gains; its totals grow from one to the next."""
    by_edition = {change.edition: change for change in changes}
    reached = {change.edition: change.seats_before for change in changes}
    for exchange in exchanges:
        source, target = by_edition.get(exchange.source), by_edition.get(exchange.target)
        if source is None or target is None or not source.is_bought:
            continue
        before = reached[exchange.target]
        reached[exchange.target] = before + exchange.seats
        yield PlannedDelivery(
            edition=exchange.target,
            act=DeliveryAct.UPGRADE,
            step=Step.UPGRADES,
            seats=before + exchange.seats,
            seats_before=before,
            exchanges=(exchange,),
        )


def _increases(changes: Sequence[SeatChange]) -> Iterable[PlannedDelivery]:
    for change in changes:
        if change.seats_now > change.seats_before:
            act = DeliveryAct.SET_SEATS if change.is_bought else DeliveryAct.BUY
            yield _planned(change, act, Step.INCREASES, change.seats_now)


def _people(
    changes: Sequence[SeatChange], exchanges: Sequence[Exchange], people: Sequence[NamedPerson]
) -> Iterable[PlannedDelivery]:
    """One act for all people of the order, on the edition that they go to (or that they leave)."""
    if not exchanges and not people:
        return
    named = exchanges[0].target if exchanges else next(code for each in people for code in (each.add, each.remove))
    change = next((each for each in changes if each.edition == named), None) or changes[0]
    yield PlannedDelivery(
        edition=change.edition,
        act=DeliveryAct.MOVE_PEOPLE,
        step=Step.PEOPLE,
        seats=change.seats_now,
        seats_before=change.seats_before,
        people=tuple(people),
        exchanges=tuple(exchanges),
    )


def _decreases(changes: Sequence[SeatChange]) -> Iterable[PlannedDelivery]:
    for change in changes:
        if change.seats_now < change.seats_before:
            act = DeliveryAct.SET_SEATS if change.seats_now else DeliveryAct.END
            yield _planned(change, act, Step.DECREASES, change.seats_now)
        if change.planned_seats is not None:
            yield _planned(change, DeliveryAct.PLAN_RENEWAL, Step.DECREASES, change.planned_seats)
        elif change.had_plan and change.seats_now == change.seats_before:  # else the change of seats sees to it
            yield _planned(change, DeliveryAct.PLAN_RENEWAL, Step.DECREASES, change.seats_now)


def _planned(change: SeatChange, act: DeliveryAct, step: Step, seats: int) -> PlannedDelivery:
    return PlannedDelivery(edition=change.edition, act=act, step=step, seats=seats, seats_before=change.seats_before)


class SupplierMove(StrEnum):
    """What to say to the supplier next about one subscription."""

    SET_SEATS = "set_seats"
    END = "end"
    PLAN_RENEWAL = "plan_renewal"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppliedSeats:
    """What the supplier holds. `renewal_seats`: None when it renews as it is. `returnable`: still refundable now."""

    seats: int
    renewal_seats: int | None
    returnable: int
    is_ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMove:
    """One thing to say. `seats` is absolute; `is_lower`: it gives seats back, which the supplier may refuse."""

    move: SupplierMove
    seats: int
    is_lower: bool = False


def next_move(supplied: SuppliedSeats, *, seats: int, renewal_seats: int) -> NextMove:
    """The next thing to say so that the supplier holds `seats` now and `renewal_seats` from its renewal.

    Reading first and then moving towards a total makes every repetition safe. Seats whose window has passed cannot
    go before the renewal, so they are planned away. An ended subscription stays ended: seats of 0 need nothing.

    >>> next_move(SuppliedSeats(seats=1, renewal_seats=None, returnable=0), seats=4, renewal_seats=4).move.value
    'set_seats'
    >>> next_move(SuppliedSeats(seats=4, renewal_seats=None, returnable=2), seats=1, renewal_seats=1).seats
    2
    >>> next_move(SuppliedSeats(seats=2, renewal_seats=None, returnable=0), seats=1, renewal_seats=1).move.value
    'plan_renewal'
    """
    if supplied.is_ended:
        return NextMove(move=SupplierMove.NOTHING, seats=0)
    if supplied.seats < seats:
        return NextMove(move=SupplierMove.SET_SEATS, seats=seats)
    reachable = max(seats, supplied.seats - supplied.returnable)
    if reachable < supplied.seats:
        return NextMove(move=SupplierMove.SET_SEATS if reachable else SupplierMove.END, seats=reachable, is_lower=True)
    known = supplied.seats if supplied.renewal_seats is None else supplied.renewal_seats
    move = SupplierMove.NOTHING if known == renewal_seats else SupplierMove.PLAN_RENEWAL
    return NextMove(move=move, seats=renewal_seats)


def retry_delay(attempts: int, *, spread_percent: int) -> timedelta:
    """How long to wait before asking again: doubling from 2 seconds to 15 minutes, less up to a quarter.

    `spread_percent`, from 0 to 100, differs between deliveries, so that they do not all come back at one moment.
    """
    longest = timedelta(seconds=min(2 ** min(max(attempts, 1), 13), 900))
    return longest - longest * spread_percent // 400


GIVE_UP_AFTER = timedelta(hours=24)


def is_worth_asking(*, first_asked_at: datetime, now: datetime) -> bool:
    """Whether to go on by ourselves; after a day a person of the staff decides."""
    return now - first_asked_at < GIVE_UP_AFTER
