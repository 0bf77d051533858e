"""Misbehavior by chance: each kind with a percentage, drawn from a seed, so that a run can be repeated."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import re
from collections.abc import Callable, Mapping

from perseat.simulator.fault_kinds import FaultKind

EVERY_KIND = "all"
_WHOLE = 100.0
_ID_IN_PATH = re.compile(r"(/(?:carts|orders|subscriptions)/)[^/]+", re.IGNORECASE)
_TOKEN = re.compile(r"/oauth2(/v2\.0)?/token$", re.IGNORECASE)
_SUBSCRIPTION = re.compile(r"/subscriptions/[^/]+$", re.IGNORECASE)
_SEATS = re.compile(r"/(checkout|transitions|subscriptions/[^/]+)$", re.IGNORECASE)
_COUNTS = re.compile(r"/subscribedskus$", re.IGNORECASE)
# Calls that differ in what can befall them.
_SAMPLES = (
    ("GET", "/v1.0/users"),
    ("GET", "/v1.0/subscribedSkus"),
    ("POST", "/v1/customers/1/carts/1/checkout"),
    ("PATCH", "/v1/customers/1/subscriptions/1"),
    ("POST", "/1/oauth2/v2.0/token"),
)
_ROUNDING = 1e-9
_READS = frozenset({"GET", "HEAD"})

Fits = Callable[[str, str], bool]


def _anything(_method: str, _path: str) -> bool:
    return True


def _is_token(_method: str, path: str) -> bool:
    return _TOKEN.search(path) is not None


def _is_write(method: str, path: str) -> bool:
    return method not in _READS and not _is_token(method, path)


# What each kind can befall; `error` needs an answer of its own and never comes by chance.
_BEFALLS: Mapping[FaultKind, Fits] = {
    FaultKind.FAIL_BEFORE: _anything,
    FaultKind.FAIL_AFTER: _anything,
    FaultKind.UNAVAILABLE: _anything,
    FaultKind.THROTTLED: _anything,
    FaultKind.DROP_BEFORE: _anything,
    FaultKind.DROP_AFTER: _anything,
    FaultKind.TIMEOUT_BEFORE: _anything,
    FaultKind.TIMEOUT_AFTER: _anything,
    FaultKind.SLOW: _anything,
    FaultKind.ACCEPTED: lambda method, path: method == "PATCH" and _SUBSCRIPTION.search(path) is not None,
    FaultKind.DUPLICATE: _anything,
    FaultKind.LATE: _is_write,
    FaultKind.STALE_ETAG: lambda method, path: method == "PATCH" and _SUBSCRIPTION.search(path) is not None,
    FaultKind.TOKEN_EXPIRED: lambda method, path: not _is_token(method, path),
    FaultKind.CONSENT_REVOKED: _is_token,
    FaultKind.SEATS_SHOW_LATE: lambda method, path: method not in _READS and _SEATS.search(path) is not None,
    FaultKind.STALE_READ: lambda method, path: method == "GET" and _COUNTS.search(path) is not None,
}
# How long each kind takes, in seconds, one of them by chance.
_SECONDS: Mapping[FaultKind, tuple[int, ...]] = {
    FaultKind.UNAVAILABLE: (1, 5, 30, 120),
    FaultKind.THROTTLED: (1, 5, 30, 120),
    FaultKind.TIMEOUT_BEFORE: (90,),
    FaultKind.TIMEOUT_AFTER: (90,),
    FaultKind.SLOW: (1, 2),
    FaultKind.ACCEPTED: (1, 5, 30),
    FaultKind.LATE: (2, 20, 200),
    FaultKind.SEATS_SHOW_LATE: (10, 60, 300),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Drawn:
    """A fault that chance has chosen for a call, and how long it takes."""

    kind: FaultKind
    seconds: int


class Chances:
    """Percentages by kind of those calls that the kind can befall; `all`: shared out by the kinds that are not named.

    The draw of a call depends on the seed, on what is asked about which tenant, and on how often that was asked
    before: calls about other tenants in between change nothing. Ids that are made anew in each run do not count.
    `timeout_seconds`: how long a time-out keeps silent, more than a client's patience.
    """

    def __init__(
        self, *, seed: int = 0, percents: Mapping[str, float] | None = None, timeout_seconds: int | None = None
    ) -> None:
        self.seed = seed
        self.percents = dict(percents or {})
        self.drawn: collections.Counter[str] = collections.Counter()
        self._timeout_seconds = timeout_seconds
        self._asked: collections.Counter[str] = collections.Counter()

    def draw(self, *, method: str, path: str, about: str = "") -> Drawn | None:
        """What befalls the next call of that kind, if anything."""
        if not self.percents:
            return None
        where = _ID_IN_PATH.sub(r"\1*", path)
        key = f"{method} {about} {where}".lower()
        self._asked[key] += 1
        lot = hashlib.sha256(f"{self.seed} {key} {self._asked[key]}".encode()).digest()
        at = int.from_bytes(lot[:8]) / 2**64 * _WHOLE
        for kind, percent in _percents_of_call(self.percents, method=method, path=path):
            if at < percent:
                self.drawn[kind] += 1
                return Drawn(kind=kind, seconds=self._seconds(kind, lot=lot[8]))
            at -= percent
        return None

    def _seconds(self, kind: FaultKind, *, lot: int) -> int:
        if self._timeout_seconds is not None and kind in {FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER}:
            return self._timeout_seconds
        spans = _SECONDS.get(kind, (0,))
        return spans[lot % len(spans)]


def read_percents(given: Mapping[str, object]) -> dict[str, float]:
    """The percentages as Chances takes them.

    :raises ValueError: for an unknown kind, one that never comes by chance, no percentage, or more than 100 in all.
    """
    percents = {name if name == EVERY_KIND else _kind(name): _percent(name, value) for name, value in given.items()}
    for method, path in _SAMPLES:
        whole = sum(percent for _kind, percent in _percents_of_call(percents, method=method, path=path))
        if whole > _WHOLE + _ROUNDING:
            raise ValueError(f"The percentages of one call add up to {whole:g}, which is more than 100.")
    return percents


def _percents_of_call(percents: Mapping[str, float], *, method: str, path: str) -> list[tuple[FaultKind, float]]:
    kinds = [kind for kind, befalls in _BEFALLS.items() if befalls(method, path)]
    unnamed = sum(kind not in percents for kind in kinds)
    share = percents.get(EVERY_KIND, 0.0) / max(unnamed, 1)
    return [(kind, percents.get(kind, share)) for kind in kinds]


def _kind(name: str) -> FaultKind:
    try:
        kind = FaultKind(name)
    except ValueError:
        kind = FaultKind.REFUSED
    if kind not in _BEFALLS:
        known = ", ".join(_BEFALLS)
        raise ValueError(f"{name!r} is no fault that can come by chance; those are: {EVERY_KIND}, {known}.")
    return kind


def _percent(name: str, value: object) -> float:
    try:
        percent = float(str(value))
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= _WHOLE:
        raise ValueError(f"{name}: a percentage from 0 to 100 is needed, not {value!r}.")
    return percent
