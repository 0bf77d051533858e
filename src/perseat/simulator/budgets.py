"""What may be asked in a time, as documented for Graph's directory and Partner Center's subscriptions; by the clock.

A bucket holds the whole of a budget and fills up again evenly over its time; who finds too little in it is told when
there will be enough.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import re

from perseat.simulator.messages import Request

# Resource units in ten seconds for one application in one tenant, by the number of users.
SMALL_BELOW, LARGE_ABOVE = 50, 500
SMALL_UNITS, MEDIUM_UNITS, LARGE_UNITS = 3_500, 5_000, 8_000
_READS = frozenset({"GET", "HEAD"})
_SUBSCRIPTIONS = re.compile(r"^/v1/customers/([^/]+)/subscriptions(/|$)", re.IGNORECASE)
_TEN_SECONDS, _TWENTY_SECONDS, _TWO_AND_A_HALF_MINUTES, _FIVE_MINUTES, _MINUTE = 10, 20, 150, 300, 60
_WRITES, _UNITS = "WriteLimitExceeded", "ResourceUnitLimitExceeded"
_TOLD_FROM = 0.8
_FEW_ON_A_PAGE = 20
_COSTS = (
    (re.compile(r"/users(/delta(\(\))?)?$", re.IGNORECASE), 2),
    (re.compile(r"/subscribedskus(/[^/]+)?$", re.IGNORECASE), 3),
    (re.compile(r"/licensedetails$", re.IGNORECASE), 2),
    (re.compile(r"/groups/[^/]+/members$", re.IGNORECASE), 3),
)


@dataclasses.dataclass(kw_only=True)
class _Bucket:
    capacity: int
    seconds: int
    left: float
    at: datetime.datetime

    def fill(self, *, now: datetime.datetime) -> None:
        """A clock that was moved back fills nothing."""
        passed = max((now - self.at).total_seconds(), 0.0)
        self.left = min(float(self.capacity), self.left + passed * self.capacity / self.seconds)
        self.at = now

    def wait_for(self, cost: int) -> float:
        return max(cost - self.left, 0.0) * self.seconds / self.capacity


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spent:
    """What one call came to. With a `retry_after` (seconds) it is refused and nothing was taken.

    `percentage`: of the budget that is used, from 0.8 on, else 0.
    """

    units: int
    retry_after: int = 0
    scope: str = ""
    information: str = ""
    percentage: float = 0.0


class Budgets:
    """All buckets, made when they are first needed."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def spend_at_graph(self, request: Request, *, tenant_id: str, users: int, now: datetime.datetime) -> Spent:
        """Take a call's cost out of every bucket it concerns, or out of none."""
        units = resource_units(request)
        pair = f"Tenant_Application/{{}}/simulator/{tenant_id}"
        wanted = [
            (pair.format("ReadWrite"), _UNITS, units_for(users), _TEN_SECONDS, units),
            ("Application/ReadWrite/simulator", _UNITS, 150_000, _TWENTY_SECONDS, units),
        ]
        if request.method not in _READS:
            wanted += [
                (pair.format("Write"), _WRITES, 3_000, _TWO_AND_A_HALF_MINUTES, 1),
                ("Application/Write/simulator", _WRITES, 70_000, _FIVE_MINUTES, 1),
                (f"Tenant/Write/{tenant_id}", _WRITES, 18_000, _FIVE_MINUTES, 1),
            ]
        return self._spend(wanted, units=units, now=now)

    def spend_at_partner_center(self, request: Request, *, now: datetime.datetime) -> Spent:
        """The one limit that Partner Center names: 500 calls a minute about a customer's subscriptions."""
        found = _SUBSCRIPTIONS.match(request.path)
        if found is None:
            return Spent(units=0)
        return self._spend([(f"subscriptions {found[1].lower()}", "", 500, _MINUTE, 1)], units=1, now=now)

    def _spend(self, wanted: list[tuple[str, str, int, int, int]], *, units: int, now: datetime.datetime) -> Spent:
        fullest = 0.0
        for scope, information, capacity, seconds, cost in wanted:
            bucket = self._bucket(scope, capacity=capacity, seconds=seconds, now=now)
            wait = bucket.wait_for(cost)
            if wait > 0:
                retry_after = max(math.ceil(wait), 1)
                return Spent(units=units, retry_after=retry_after, scope=scope, information=information, percentage=1.0)
            fullest = max(fullest, 1 - (bucket.left - cost) / bucket.capacity)
        for scope, _information, _capacity, _seconds, cost in wanted:
            self._buckets[scope].left -= cost
        return Spent(units=units, percentage=round(fullest, 2) if fullest >= _TOLD_FROM else 0.0)

    def _bucket(self, scope: str, *, capacity: int, seconds: int, now: datetime.datetime) -> _Bucket:
        bucket = self._buckets.get(scope)
        if bucket is None or bucket.capacity != capacity:
            bucket = self._buckets[scope] = _Bucket(capacity=capacity, seconds=seconds, left=capacity, at=now)
        bucket.fill(now=now)
        return bucket


def units_for(users: int) -> int:
    """The resource units of ten seconds for a tenant of so many users."""
    if users < SMALL_BELOW:
        return SMALL_UNITS
    return MEDIUM_UNITS if users <= LARGE_ABOVE else LARGE_UNITS


def resource_units(request: Request) -> int:
    """What a call costs: by its address, one less with $select or on a short page, one more with $expand."""
    if request.method not in _READS:
        return 1
    path = request.path.removeprefix("/v1.0")
    units = next((cost for pattern, cost in _COSTS if pattern.search(path)), 1)
    top = request.query.get("$top", "")
    units -= "$select" in request.query
    units += "$expand" in request.query
    units -= top.isdigit() and int(top) < _FEW_ON_A_PAGE
    return max(units, 1)
