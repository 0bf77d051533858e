"""People as the pages show them: initials, licenses as chips, whether they can sign in."""

from __future__ import annotations

from dataclasses import dataclass

from perseat.journeys.people import PersonLicense, PersonRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A license. `note`: where it comes from, or what is wrong with it."""

    label: str
    note: str
    is_wrong: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user in a list. `label` and `tone`: the state of signing in."""

    person_id: str
    name: str
    initials: str
    address: str
    chips: tuple[Chip, ...]
    label: str
    tone: str
    is_enabled: bool
    is_guest: bool


def user_row(person: PersonRow) -> UserRow:
    """A person as the pages show them."""
    return UserRow(
        person_id=person.person_id,
        name=person.display_name or person.sign_in_name,
        initials=initials(person.display_name or person.sign_in_name),
        address=person.sign_in_name,
        chips=_chips(person.licenses),
        label="Can sign in" if person.is_enabled else "Blocked",
        tone="good" if person.is_enabled else "bad",
        is_enabled=person.is_enabled,
        is_guest=person.is_guest,
    )


def initials(name: str) -> str:
    """The first letters of the first and the last word: "Ada Lovelace" gives "AL"."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    letters = [words[0][0], *([words[-1][0]] if words[1:] else [])] if words else []
    return "".join(letters).upper()


def _chips(licenses: tuple[PersonLicense, ...]) -> tuple[Chip, ...]:
    """One chip a license, also when it is given twice: by hand and by a group."""
    by_sku: dict[str, list[PersonLicense]] = {}
    for each in licenses:
        by_sku.setdefault(each.sku_id, []).append(each)
    return tuple(_chip(held) for held in by_sku.values())


def _chip(held: list[PersonLicense]) -> Chip:
    is_wrong = any(each.problem for each in held)
    from_group = all(each.is_from_group for each in held)
    return Chip(
        label=held[0].name,
        note="Microsoft could not give all of it" if is_wrong else "from a group" if from_group else "",
        is_wrong=is_wrong,
    )
