"""Manage product licenses: the choices on the page, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from perseat.entrypoints.portal.forms import country_choices
from perseat.journeys.people import PersonRow
from perseat.journeys.seat_counts import LicenseCount, SeatCounts

LEAVE, GIVE, TAKE = "leave", "give", "take"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionChoice:
    """An edition on the page. `available`: in words; `is_fixed`: cannot be changed here, `note` says why.

    For one person `is_ticked` is the choice, for a selection `act` (leave, give, take) and `holders` of `people`.
    """

    code: str
    name: str
    available: str
    has_none: bool
    is_held: bool
    is_ticked: bool
    is_fixed: bool
    note: str
    apps: tuple[str, ...]
    error: str
    act: str
    holders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a form asks for, as edition codes. `country`: for people who have none."""

    add: tuple[str, ...]
    remove: tuple[str, ...]
    country: str

    @property
    def is_nothing(self) -> bool:
        """Whether every license stays as it is."""
        return not self.add and not self.remove


def read_boxes(form: QueryDict) -> Wanted:
    """Ticked and shown as held against each other: what somebody else changed meanwhile stays as it is."""
    ticked, held = set(form.getlist("edition")), set(form.getlist("held"))
    return Wanted(add=tuple(sorted(ticked - held)), remove=tuple(sorted(held - ticked)), country=_country(form))


def read_acts(form: QueryDict, *, codes: Iterable[str]) -> Wanted:
    """Per edition: leave as it is, give, or take."""
    acts = {code: form.get(f"act-{code}", LEAVE) for code in codes}
    return Wanted(
        add=tuple(code for code, act in acts.items() if act == GIVE),
        remove=tuple(code for code, act in acts.items() if act == TAKE),
        country=_country(form),
    )


def sku_ids(codes: Sequence[str], *, counts: SeatCounts) -> list[str]:
    """The directory's ids of editions; a code that we do not sell passes as it is and is refused by the journey."""
    by_code = {each.edition: each.sku_id for each in counts.rows}
    return [by_code.get(code, code) for code in codes]


def choices_for_one(
    person: PersonRow, *, counts: SeatCounts, wanted: Wanted | None, errors: dict[str, str]
) -> tuple[EditionChoice, ...]:
    """The editions of the catalog; `wanted`: what was chosen already, None at first."""
    rows = []
    for count in counts.rows:
        held = [each for each in person.licenses if each.sku_id == count.sku_id]
        from_group = any(each.is_from_group for each in held)
        has_none = counts.is_current and count.available <= 0
        is_ticked = bool(held)
        if wanted and not from_group:
            is_ticked = count.edition in wanted.add or (bool(held) and count.edition not in wanted.remove)
        rows.append(
            EditionChoice(
                code=count.edition,
                name=count.edition_name,
                available=_available(count, counts=counts),
                has_none=has_none,
                is_held=bool(held),
                is_ticked=is_ticked,
                is_fixed=from_group or (has_none and not held),
                note=_note(held_by_group=from_group, problems=[each.problem for each in held if each.problem]),
                apps=count.apps,
                error=errors.get(count.edition, ""),
                act=LEAVE,
                holders=len(held),
            )
        )
    return tuple(rows)


def choices_for_many(
    people: Sequence[PersonRow], *, counts: SeatCounts, wanted: Wanted | None, errors: dict[str, str]
) -> tuple[EditionChoice, ...]:
    """The editions of the catalog, with how many of the people hold each."""
    rows = []
    for count in counts.rows:
        holders = sum(any(held.sku_id == count.sku_id for held in each.licenses) for each in people)
        by_group = sum(
            any(held.sku_id == count.sku_id and held.is_from_group for held in each.licenses) for each in people
        )
        act = LEAVE
        if wanted:
            act = GIVE if count.edition in wanted.add else TAKE if count.edition in wanted.remove else LEAVE
        rows.append(
            EditionChoice(
                code=count.edition,
                name=count.edition_name,
                available=_available(count, counts=counts),
                has_none=counts.is_current and count.available <= 0,
                is_held=holders > 0,
                is_ticked=False,
                is_fixed=False,
                note=f"{by_group} of them from a group, which only the group can take away" if by_group else "",
                apps=count.apps,
                error=errors.get(count.edition, ""),
                act=act,
                holders=holders,
            )
        )
    return tuple(rows)


def other_licenses(people: Iterable[PersonRow]) -> bool:
    """Whether somebody holds a license that we do not sell and so leave alone."""
    return any(not held.edition for each in people for held in each.licenses)


def country_problem(wanted: Wanted, *, people: Iterable[PersonRow]) -> str:
    """A sentence when a license is to be given to somebody without a country and none was chosen."""
    if not wanted.add or wanted.country in dict(country_choices()):
        return ""
    return "" if all(each.country for each in people) else "Please choose a country from the list."


def _country(form: QueryDict) -> str:
    return form.get("country", "").strip().upper()


def _available(count: LicenseCount, *, counts: SeatCounts) -> str:
    return f"{max(count.available, 0)} available" if counts.read_at else "availability not known"


def _note(*, held_by_group: bool, problems: Sequence[str]) -> str:
    if held_by_group:
        return "Comes from a group. To take it away, take the person out of the group at Microsoft."
    return "Microsoft could not give all of this license. Take it away, save, and give it again." if problems else ""
