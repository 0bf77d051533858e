"""Random changes of seats and people, as customers accept them: the same for the same seed, whatever happens around."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from perseat.domain.quote import DecreasePolicy

EDITIONS = ("basic", "standard", "premium")
UPGRADES = (("basic", "standard"), ("basic", "premium"), ("standard", "premium"))
MOST_SEATS = 30
SEATS_TO_BEGIN_WITH: Mapping[str, int] = {"basic": 6, "standard": 3}
PEOPLE_TO_BEGIN_WITH: Mapping[str, str] = {"Ada": "basic", "Ben": "basic", "Cleo": "basic", "Dora": "standard"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A person, named in the change, who goes from one edition to another."""

    person: str
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Totals by edition, as a customer types them, and the people who are named with them."""

    kind: str
    wanted: Mapping[str, int]
    moves: tuple[Move, ...] = ()


@dataclass(slots=True, kw_only=True)
class Customer:
    """What one customer holds and who holds what, once everything accepted so far is delivered."""

    policy: DecreasePolicy
    draw: random.Random
    seats: dict[str, int] = field(default_factory=lambda: dict(SEATS_TO_BEGIN_WITH))
    plans: dict[str, int] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=lambda: dict(PEOPLE_TO_BEGIN_WITH))

    def next_change(self) -> Change:
        """The next change that makes a difference; nobody's seat is given away from under them."""
        while True:
            change = self.draw.choice((self._raise, self._raise, self._lower, self._exchange, self._exchange))()
            if change is not None:
                return change

    def take_up(self, change: Change) -> None:
        """It was accepted."""
        before = dict(self.seats)
        for edition, total in change.wanted.items():
            self._set(edition, total, is_exchanged=change.kind == "exchange")
        for move in change.moves:
            self.people[move.person] = move.target
        if change.kind == "exchange" and not change.moves:
            self._move_who_is_left(change, before)

    def _set(self, edition: str, total: int, *, is_exchanged: bool) -> None:
        held = self.seats.get(edition, 0)
        self.plans.pop(edition, None)
        if total < held and self.policy is DecreasePolicy.RENEWAL and not is_exchanged:
            self.plans[edition] = total
        else:
            self.seats[edition] = total

    def _move_who_is_left(self, change: Change, before: Mapping[str, int]) -> None:
        """Whoever nobody named moves by name, as many as there are no seats for."""
        source = next(each for each, total in change.wanted.items() if total < before.get(each, 0))
        target = next(each for each in change.wanted if each != source)
        holders = self._holders(source)
        for person in holders[: max(len(holders) - change.wanted[source], 0)]:
            self.people[person] = target

    def _holders(self, edition: str) -> list[str]:
        return sorted(person for person, held in self.people.items() if held == edition)

    def _raise(self) -> Change | None:
        edition = self.draw.choice(EDITIONS)
        total = self.seats.get(edition, 0) + self.draw.randint(1, 3)
        return Change(kind="raise", wanted={edition: total}) if total <= MOST_SEATS else None

    def _lower(self) -> Change | None:
        edition = self.draw.choice(EDITIONS)
        held, needed = self.seats.get(edition, 0), len(self._holders(edition))
        total = max(held - self.draw.randint(1, 3), needed)
        if edition in self.plans:
            return Change(kind="keep after all", wanted={edition: held})
        return Change(kind="lower", wanted={edition: total}) if total < held else None

    def _exchange(self) -> Change | None:
        source, target = self.draw.choice(UPGRADES)
        held = self.seats.get(source, 0)
        if not held or source in self.plans or target in self.plans:
            return None
        count = self.draw.randint(1, min(held, 3))
        wanted = {source: held - count, target: self.seats.get(target, 0) + count}
        holders = self._holders(source)
        needed = max(len(holders) - wanted[source], 0)
        if self.draw.random() < 0.5:
            return Change(kind="exchange", wanted=wanted)
        chosen = self.draw.sample(holders, max(needed, min(count, len(holders))))
        moves = tuple(Move(person=person, source=source, target=target) for person in sorted(chosen))
        return Change(kind="exchange", wanted=wanted, moves=moves)
