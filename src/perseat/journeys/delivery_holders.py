"""Delivery holders: who holds an edition in the tenant, by their own license or by a group's."""

from __future__ import annotations

from collections.abc import Iterator

from perseat.capabilities.provisioning.queries import Work
from perseat.ports.directory import Person
from perseat.ports.outside import Outside

_PAGE_SIZE = 200


def list_direct_holders(outside: Outside, work: Work, *, sku_id: str) -> list[Person]:
    """People who hold the edition themselves (not by a group), by name."""
    return [person for person in _everybody(outside, work) if _holds(person, sku_id=sku_id, by_group=False)]


def count_group_holders(outside: Outside, work: Work, *, sku_id: str) -> int:
    """How many people a group gives the edition to; nobody but the group's owner can move them."""
    return sum(_holds(person, sku_id=sku_id, by_group=True) for person in _everybody(outside, work))


def _everybody(outside: Outside, work: Work) -> Iterator[Person]:
    """The tenant's people, read page by page."""
    page = None
    while True:
        people = outside.directory.list_people(work.tenant_id, page=page, page_size=_PAGE_SIZE)
        yield from people.people
        page = people.next_page
        if page is None:
            return


def _holds(person: Person, *, sku_id: str, by_group: bool) -> bool:
    return any(held.sku_id == sku_id and (held.from_group is not None) == by_group for held in person.licenses)
