"""Option people: who moves to another edition or loses a license, asked where fewer seats leave a choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.http import QueryDict

from perseat.entrypoints.portal.seat_counts import SeatsInTenant
from perseat.journeys.figures import EditionFigure, QuoteFigures
from perseat.journeys.people import PersonRow
from perseat.journeys.seat_change import MovingPerson

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """So many holders of `source` go: to `target`, or, when that is empty, without a license of it."""

    source: str
    source_name: str
    target: str
    target_name: str
    at_least: int
    at_most: int

    @property
    def field(self) -> str:
        return f"people-{self.source}-{self.target or 'none'}"

    @property
    def size(self) -> str:
        """What was asked; totals that were changed since ask anew."""
        return f"{self.at_least}-{self.at_most}"

    @property
    def how_many(self) -> str:
        """In words, to be put after "Choose"."""
        if self.at_least < self.at_most:
            return (
                f"up to {_people(self.at_most)}" if not self.at_least else f"{self.at_least} to {self.at_most} people"
            )
        return _people(self.at_least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A holder to tick. `hint`: what speaks for choosing them."""

    person_id: str
    name: str
    address: str
    hint: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A list to tick. `is_new`: not asked before, so what is ticked is our suggestion."""

    need: Need
    candidates: tuple[Candidate, ...]
    is_new: bool
    error: str

    @property
    def stands_in_the_way(self) -> bool:
        """Whether it must be looked at (again) before the checkout."""
        return bool(self.error) or (self.is_new and self.need.at_least > 0)


def needs_of(figures: QuoteFigures, *, counts: Mapping[str, SeatsInTenant]) -> tuple[Need, ...]:
    """Who has to go, edition by edition; upgrades first, then those who lose their license."""
    return tuple(
        need
        for edition in figures.editions
        if edition.code in counts
        for need in _needs_of(edition, figures=figures, tenant=counts[edition.code])
    )


def ask_about(
    needs: Sequence[Need], *, holders: Mapping[str, Sequence[PersonRow]], posted: Mapping[str, str]
) -> tuple[Question, ...]:
    """The questions with what was ticked, or with a suggestion; none where everybody goes the same way."""
    open_needs = [need for need in needs if _is_a_choice(need, needs=needs, holders=holders[need.source])]
    taken: dict[str, set[str]] = {}
    found = {}
    for need in sorted(open_needs, key=lambda each: bool(each.target)):  # who loses a license is suggested first
        used = taken.setdefault(need.source, set())
        found[need] = _question(need, holders=holders[need.source], posted=posted, used=used)
        used.update(each.person_id for each in found[need].candidates if each.is_chosen)
    return _nobody_twice(tuple(found[need] for need in open_needs))


def moving_people(questions: Sequence[Question]) -> tuple[MovingPerson, ...]:
    """Who was chosen, as the quote keeps them."""
    return tuple(
        MovingPerson(person_id=each.person_id, name=each.name, add=question.need.target, remove=question.need.source)
        for question in questions
        for each in question.candidates
        if each.is_chosen
    )


def _needs_of(edition: EditionFigure, *, figures: QuoteFigures, tenant: SeatsInTenant) -> list[Need]:
    """Seats that other sellers provide in the same tenant stay, so they are counted, too."""
    if edition.now >= edition.held:
        return []
    from_others = max(0, tenant.purchased - edition.held)
    leaving = max(0, tenant.assigned - edition.now - from_others)
    upgrades = [each for each in figures.upgrades if each.source == edition.code]
    losing = max(0, leaving - sum(each.seats for each in upgrades))
    moving = leaving - losing
    needs = []
    for upgrade in upgrades:
        needs.append(
            Need(
                source=edition.code,
                source_name=edition.name,
                target=upgrade.target,
                target_name=upgrade.target_name,
                at_least=min(upgrade.seats, moving),
                at_most=upgrade.seats,
            )
        )
        moving -= needs[-1].at_least
    if losing:
        needs.append(
            Need(
                source=edition.code,
                source_name=edition.name,
                target="",
                target_name="",
                at_least=losing,
                at_most=losing,
            )
        )
    return needs


def _is_a_choice(need: Need, *, needs: Sequence[Need], holders: Sequence[PersonRow]) -> bool:
    """Losing a license is always asked; an upgrade only if not every holder has to go to the same edition."""
    is_alone = all(each is need or each.source != need.source for each in needs)
    return bool(holders) and not (need.target and is_alone and len(holders) <= need.at_least)


def _question(need: Need, *, holders: Sequence[PersonRow], posted: Mapping[str, str], used: set[str]) -> Question:
    is_new = posted.get(f"asked-{need.field}") != need.size
    ids = _suggested(need, holders=holders, used=used) if is_new else _ticked(posted, need.field)
    candidates = tuple(
        Candidate(
            person_id=each.person_id,
            name=each.display_name,
            address=each.sign_in_name,
            hint="" if each.is_enabled else "sign-in blocked",
            is_chosen=each.person_id in ids,
        )
        for each in holders
    )
    chosen = sum(each.is_chosen for each in candidates)
    error = "" if need.at_least <= chosen <= need.at_most else f"Choose {need.how_many}; {chosen} chosen so far."
    return Question(need=need, candidates=candidates, is_new=is_new, error=error)


def _ticked(posted: Mapping[str, str], field: str) -> set[str]:
    return set(posted.getlist(field)) if isinstance(posted, QueryDict) else set()


def _suggested(need: Need, *, holders: Sequence[PersonRow], used: set[str]) -> set[str]:
    """Upgrades in the order of names; licenses are lost by the blocked, then by who was away longest."""
    free = [each for each in holders if each.person_id not in used]
    if not need.target:
        free.sort(key=lambda each: (each.is_enabled, each.last_sign_in_at or _LONG_AGO))
    return {each.person_id for each in free[: need.at_least]}


def _nobody_twice(questions: tuple[Question, ...]) -> tuple[Question, ...]:
    seen: dict[tuple[str, str], str] = {}
    checked = []
    for question in questions:
        twice = ""
        for each in question.candidates:
            key = (question.need.source, each.person_id)
            if each.is_chosen and key in seen:
                twice = f"{each.name} is ticked twice: choose one or the other."
            elif each.is_chosen:
                seen[key] = question.need.field
        checked.append(replace(question, error=question.error or twice))
    return tuple(checked)


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"
