"""Queries of the pages that list things, with 10,000 rows less with 10: however much there is, a page asks as often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from bench import databases
from bench.rows import Row

if TYPE_CHECKING:
    from bench._filling import Filling

FEW, MANY = 10, 10_000
_DATABASE = "bench_queries"
_LISTS = ("customers", "orders", "invoices", "payments", "deliveries", "questions", "staff")
# These show the same few rows however many there are.
_NO_LISTS = frozenset({"summary", "office home"})


class _Seen(NamedTuple):
    """What a page took, and how much it showed."""

    queries: int
    size: int


def measure() -> list[Row]:
    """The page that grows most; the note names every page with its queries."""
    with databases.migrated_database(_DATABASE):
        few, many = _count_all()
    growth = {name: many[name].queries - few[name].queries for name in few}
    for name in few.keys() - _NO_LISTS:
        if many[name].size < 2 * few[name].size:
            raise RuntimeError(f"{name} does not show more with {MANY:,} rows, so its queries prove nothing.")
    note = f"queries at {MANY:,} rows: " + ", ".join(
        f"{name} {seen.queries}" + (f" ({growth[name]:+})" if growth[name] else "") for name, seen in many.items()
    )
    return [Row(name="queries_growth", value=max(growth.values()), unit="queries", limit=0, note=note)]


def _count_all() -> tuple[Mapping[str, _Seen], Mapping[str, _Seen]]:
    from django.test.utils import setup_test_environment, teardown_test_environment  # noqa: PLC0415

    from bench._filling import Filling  # noqa: PLC0415 - Django is set up only now

    setup_test_environment()
    try:
        filling = Filling()
        filling.fill(FEW)
        few = _count_pages(filling)
        filling.fill(MANY)
        return few, _count_pages(filling)
    finally:
        teardown_test_environment()


def _count_pages(filling: Filling) -> dict[str, _Seen]:
    service = f"/services/{filling.service_id}/"
    pages = {"Active Services": "/services/", "summary": service, "Active users": f"{service}users/"}
    counts = {name: _count(filling, filling.owner_id, address) for name, address in pages.items()}
    office = {"home": "/backoffice/", **{name: f"/backoffice/{name}/" for name in _LISTS}}
    return counts | {f"office {name}": _count(filling, filling.clerk_id, address) for name, address in office.items()}


def _count(filling: Filling, user_id: int, address: str) -> _Seen:
    """Of the second visit: the first one may still read what stays the same for everybody.

    :raises RuntimeError: when the page is not shown.
    """
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    browser = filling.browser_of(user_id)
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}.")
    return _Seen(queries=len(captured), size=len(answer.content))
