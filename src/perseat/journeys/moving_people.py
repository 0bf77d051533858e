"""Moving people: whose license changes with a quote, by name."""

from __future__ import annotations

from dataclasses import dataclass

from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.ordering.models import Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFigure:
    """A person whose license changes with the order.

    `loses` and `gets` (empty for none) are names of editions, `remove` and `add` their codes.
    """

    person_id: str
    name: str
    loses: str
    gets: str
    remove: str
    add: str


def people_of_quote(quote: Quote) -> tuple[PersonFigure, ...]:
    """The people that the quote names, in its order."""
    names = dict(Edition.objects.values_list("code", "name"))
    return tuple(
        PersonFigure(
            person_id=person["person_id"],
            name=person.get("name") or person["person_id"],
            loses=names.get(person["remove"], ""),
            gets=names.get(person["add"], ""),
            remove=person["remove"],
            add=person["add"],
        )
        for person in quote.people
    )
