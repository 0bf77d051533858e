"""Totals that people type: what was meant, or a sentence that says what to do instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from perseat.journeys.figures import EditionFigure

_DIGITS = re.compile(r"[0-9]{1,9}")
_NEGATIVE = re.compile(r"[-−–]\s*[0-9]+([.,][0-9]+)?")
_FRACTION = re.compile(r"[0-9]*[.,][0-9]+")
_LONG = re.compile(r"[0-9]{10,}")


class TotalNotUsable(ValueError):
    """What was typed is no total; the text is the sentence to show beside the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTotal:
    """What one field held: the text as typed, the number meant (None when unusable), and the sentence if so.

    `is_typed`: whether it differs from what the page had filled in; an edition not typed keeps its plan.
    """

    code: str
    text: str
    filled_in: str
    number: int | None
    error: str

    @property
    def is_typed(self) -> bool:
        return self.text.strip() != self.filled_in


def read_totals(posted: Mapping[str, str], *, editions: Sequence[EditionFigure]) -> tuple[TypedTotal, ...]:
    """Read the fields `total-CODE` and, beside each, `was-CODE`: what the page had filled in."""
    return tuple(_read(posted, edition=edition) for edition in editions)


def total_to_fill_in(edition: EditionFigure) -> int:
    """What the field holds at first: what is planned, else what is held."""
    return edition.held if edition.planned is None else edition.planned


def _read(posted: Mapping[str, str], *, edition: EditionFigure) -> TypedTotal:
    text = posted.get(f"total-{edition.code}")
    if text is None:
        text = filled_in = str(total_to_fill_in(edition))
    else:
        filled_in = posted.get(f"was-{edition.code}", "")
    number, error = None, ""
    try:
        number = parse_total(text, name=edition.name, maximum=edition.maximum_seats)
    except TotalNotUsable as problem:
        error = str(problem)
    return TypedTotal(code=edition.code, text=text, filled_in=filled_in, number=number, error=error)


def parse_total(text: str, *, name: str, maximum: int) -> int:
    """The whole number of seats that was typed.

    >>> parse_total(" 4 ", name="Business Basic", maximum=300)
    4

    :raises TotalNotUsable: with a sentence for the person who typed it.
    """
    typed = text.strip()
    if _DIGITS.fullmatch(typed):
        if int(typed) > maximum:
            raise TotalNotUsable(_too_many(name, maximum=maximum))
        return int(typed)
    raise TotalNotUsable(_what_to_do(typed, name=name, maximum=maximum))


def _what_to_do(typed: str, *, name: str, maximum: int) -> str:
    if not typed:
        return "Type the total you want, such as 4. For none, type 0."
    if _LONG.fullmatch(typed):
        return _too_many(name, maximum=maximum)
    if _NEGATIVE.fullmatch(typed):
        return "A total cannot be below 0. For no seats, type 0."
    if _FRACTION.fullmatch(typed):
        return "Seats come whole. Type a whole number, such as 4."
    if any(character.isdigit() and not character.isascii() for character in typed):
        return "Type the number with the digits 0 to 9."
    return "Type the total as a whole number, such as 4."


def _too_many(name: str, *, maximum: int) -> str:
    return f"At most {maximum} seats of {name} fit in one Microsoft tenant, whoever sold them. Type {maximum} or fewer."
