"""Delivery holders: who holds an edition in the tenant, by their own license or by a group's, and whose its seats are.

The directory's counts lag behind a change of seats, so nothing that could cost anybody a license is decided by them:
people are counted one by one, our seats are asked of the supplier, and only other sellers' of the directory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.provisioning.queries import Work
from perseat.ports.directory import Person
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import SupplierStatus

_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """People who hold an edition. `direct`: themselves, by name; `by_group`: how many a group gives it to; `all`."""

    direct: tuple[Person, ...]
    by_group: int
    all: int


def list_holders(outside: Outside, work: Work, *, sku_id: str) -> Holders:
    """Everybody who holds it; one who has it both ways is counted in both, and once in `all`."""
    holders = [each for each in _everybody(outside, work) if any(held.sku_id == sku_id for held in each.licenses)]
    direct = tuple(each for each in holders if _holds(each, sku_id=sku_id, by_group=False))
    by_group = sum(_holds(each, sku_id=sku_id, by_group=True) for each in holders)
    return Holders(direct=direct, by_group=by_group, all=len(holders))


def read_seats_there(outside: Outside, work: Work) -> Counter[str]:
    """Seats in the tenant by directory SKU: ours as the supplier holds them now, other sellers' as the directory shows.

    Those of a subscription that is suspended or over are nobody's.
    """
    ours = outside.seats.list_subscriptions(work.tenant_id)
    sku_ids = {
        (product_id, supplier_sku_id): str(sku_id)
        for product_id, supplier_sku_id, sku_id in Edition.objects.values_list(
            "supplier_product_id", "supplier_sku_id", "directory_sku_id"
        )
    }
    seats: Counter[str] = Counter()
    for each in ours:
        if each.status is SupplierStatus.ACTIVE:
            seats[sku_ids.get((each.product_id, each.sku_id), "")] += each.seats
    known = {each.subscription_id.lower() for each in ours}
    for shown in outside.directory.list_shown_subscriptions(work.tenant_id):
        if shown.supplier_subscription_id not in known:
            seats[shown.sku_id] += shown.seats
    return seats


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
