"""People choice: who moves to another edition or loses a license, asked where fewer seats leave a choice.

The options page and programs are asked the same and checked the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from perseat.journeys.figures import EditionFigure, QuoteFigures
from perseat.journeys.people import PersonRow, TooManyPeople, list_holders
from perseat.journeys.seat_change import MovingPerson, preview_change
from perseat.journeys.seat_counts import LicenseCount, get_last_seat_counts
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.ports.outside import Outside

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class SeatsInUse(ValueError):
    """People hold licenses that would go. `edition` is its code; the message says what to do."""

    def __init__(self, sentence: str, *, edition: str) -> None:
        super().__init__(sentence)
        self.edition = edition


class PeopleNotUsable(ValueError):
    """The people named do not fit the totals. `field`: which part of what was sent is to blame."""

    def __init__(self, sentence: str, *, field: str = "people") -> None:
        super().__init__(sentence)
        self.field = field


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleChoice:
    """Whose licenses go with the seats. `problems`: by edition code, where people cannot be asked about at all."""

    questions: tuple[Question, ...]
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPerson:
    """Who is to lose `remove` and to get `add` (edition codes, "" for none), by id or sign-in name."""

    person: str
    remove: str
    add: str


Ticked = Callable[[Need], frozenset[str] | None]  # ids chosen for a need; None when it was not asked before


def ask_for_people(
    outside: Outside, figures: QuoteFigures, *, customer_id: int, service_id: int, ticked: Ticked
) -> PeopleChoice:
    """The questions that a change of seats raises. Microsoft is asked only when people have to be chosen.

    Unknown counts are in nobody's way.
    """
    counts = _last_counts(customer_id=customer_id, service_id=service_id)
    needs = _needs(figures, counts=counts)
    try:
        holders = _holders(outside, needs, customer_id=customer_id, service_id=service_id)
    except (Unanswered, Refused, CredentialsRefused, TooManyPeople):
        holders = {}
    problems = _cannot_be_chosen(needs, holders=holders, counts=counts)
    questions = () if problems or not holders else _ask_about(needs, holders=holders, ticked=ticked)
    return PeopleChoice(questions=questions, problems=problems)


def choose_people(
    outside: Outside,
    *,
    customer_id: int,
    service_id: int,
    wanted: Mapping[str, int],
    named: Sequence[NamedPerson] | None,
    now: datetime,
) -> tuple[MovingPerson, ...]:
    """Who moves or loses a license, as a program names them; None when it names nobody and may not have to.

    :raises SeatsInUse: when people would lose their license and nobody is named.
    :raises PeopleNotUsable: for people who are missing, too many, twice, or not concerned.
    :raises DoesNotBelong, SeatsOutOfRange, EditionUnknown, SeatsNotCountable: as preview_change.
    :raises Unanswered, Refused, CredentialsRefused: when people are named, and Microsoft says nothing of them.
    """
    figures = preview_change(customer_id=customer_id, service_id=service_id, wanted=wanted, now=now).figures
    where = {"customer_id": customer_id, "service_id": service_id}
    if named is None:
        choice = ask_for_people(outside, figures, **where, ticked=lambda _need: None)
        for edition, sentence in choice.problems.items():
            raise SeatsInUse(sentence, edition=edition)
        _check_nobody_is_asked_for(choice.questions, counts=_last_counts(**where))
        return ()
    needs = _needs(figures, counts=_last_counts(**where))
    try:
        holders = _holders(outside, needs, **where)
    except TooManyPeople as refusal:
        raise PeopleNotUsable(str(refusal)) from None
    chosen = _match(named, needs=needs, holders=holders)
    questions = _ask_about(needs, holders=holders, ticked=lambda need: frozenset(chosen.get(need, ())))
    for question in questions:
        if question.error:
            raise PeopleNotUsable(_name_instead(question))
    return moving_people(questions)


def _check_nobody_is_asked_for(questions: Sequence[Question], *, counts: Mapping[str, LicenseCount]) -> None:
    """A suggestion is for who looks at it; a program says whom it means."""
    for question in questions:
        need = question.need
        if need.at_least and not need.target:
            raise SeatsInUse(
                f"{counts[need.source].assigned} of these licenses are given to people. Name in `people` who loses "
                f"theirs, or take the license from {need.how_many} first, under Users.",
                edition=need.source,
            )
        if need.at_least:
            raise PeopleNotUsable(f"Name {need.how_many} to {_act(need)}.")


def _match(
    named: Sequence[NamedPerson], *, needs: Sequence[Need], holders: Mapping[str, Sequence[PersonRow]]
) -> dict[Need, list[str]]:
    """The ids of those named, by what they are named for."""
    by_pair = {(each.source, each.target): each for each in needs}
    chosen: dict[Need, list[str]] = {}
    taken: set[tuple[str, str]] = set()
    for index, each in enumerate(named):
        need = by_pair.get((each.remove, each.add))
        if need is None:
            raise PeopleNotUsable(
                "With these totals nobody has to go that way; name only those who do.", field=f"people.{index}"
            )
        names = {
            name: row.person_id for row in holders.get(need.source, ()) for name in (row.person_id, row.sign_in_name)
        }
        person_id = names.get(each.person)
        if person_id is None:
            raise PeopleNotUsable(
                f"This is nobody of the tenant who holds {need.source_name} other than by a group.",
                field=f"people.{index}.id",
            )
        if (need.source, person_id) in taken:
            raise PeopleNotUsable("This person is named twice.", field=f"people.{index}.id")
        taken.add((need.source, person_id))
        chosen.setdefault(need, []).append(person_id)
    return chosen


def _name_instead(question: Question) -> str:
    chosen = sum(each.is_chosen for each in question.candidates)
    return f"Name {question.need.how_many} to {_act(question.need)}; {chosen} named so far."


def _act(need: Need) -> str:
    return f"get {need.target_name} instead of {need.source_name}" if need.target else f"lose {need.source_name}"


def _last_counts(*, customer_id: int, service_id: int) -> dict[str, LicenseCount]:
    """By edition code; empty while Microsoft was never reached."""
    counts = get_last_seat_counts(customer_id=customer_id, service_id=service_id)
    return {} if counts.read_at is None else {each.edition: each for each in counts.rows}


def _holders(
    outside: Outside, needs: Sequence[Need], *, customer_id: int, service_id: int
) -> Mapping[str, Sequence[PersonRow]]:
    """Who can be chosen; empty when nobody has to be. Raises as list_holders."""
    if not needs:
        return {}
    return list_holders(
        outside, customer_id=customer_id, service_id=service_id, editions={each.source for each in needs}
    )


def _cannot_be_chosen(
    needs: Sequence[Need],
    *,
    holders: Mapping[str, Sequence[PersonRow]],
    counts: Mapping[str, LicenseCount],
) -> dict[str, str]:
    """Where people would lose their license and cannot be asked about here, by edition code."""
    errors = {}
    for code in dict.fromkeys(each.source for each in needs if not each.target):
        leaving = sum(each.at_least for each in needs if each.source == code)
        losing = sum(each.at_least for each in needs if each.source == code and not each.target)
        if leaving > len(holders.get(code, ())):
            errors[code] = (
                f"{counts[code].assigned} of these licenses are given to people, and who loses theirs cannot be "
                f"chosen here right now. Take the license from {_people(losing)} first, under Users, then come back."
            )
    return errors


def _needs(figures: QuoteFigures, *, counts: Mapping[str, LicenseCount]) -> tuple[Need, ...]:
    """Who has to go, edition by edition; upgrades first, then those who lose their license."""
    return tuple(
        need
        for edition in figures.editions
        if edition.code in counts
        for need in _needs_of(edition, figures=figures, tenant=counts[edition.code])
    )


def _ask_about(
    needs: Sequence[Need], *, holders: Mapping[str, Sequence[PersonRow]], ticked: Ticked
) -> tuple[Question, ...]:
    """The questions with what was ticked, or with a suggestion; none where everybody goes the same way."""
    open_needs = [
        need for need in needs if ticked(need) or _is_a_choice(need, needs=needs, holders=holders[need.source])
    ]
    taken: dict[str, set[str]] = {}
    found = {}
    for need in sorted(open_needs, key=lambda each: bool(each.target)):  # who loses a license is suggested first
        used = taken.setdefault(need.source, set())
        found[need] = _question(need, holders=holders[need.source], ticked=ticked(need), used=used)
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


def _needs_of(edition: EditionFigure, *, figures: QuoteFigures, tenant: LicenseCount) -> list[Need]:
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


def _question(need: Need, *, holders: Sequence[PersonRow], ticked: frozenset[str] | None, used: set[str]) -> Question:
    is_new = ticked is None
    ids = _suggested(need, holders=holders, used=used) if ticked is None else ticked
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


def _suggested(need: Need, *, holders: Sequence[PersonRow], used: set[str]) -> frozenset[str]:
    """Upgrades in the order of names; licenses are lost by the blocked, then by who was away longest."""
    free = [each for each in holders if each.person_id not in used]
    if not need.target:
        free.sort(key=lambda each: (each.is_enabled, each.last_sign_in_at or _LONG_AGO))
    return frozenset(each.person_id for each in free[: need.at_least])


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
