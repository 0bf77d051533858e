"""Misbehavior on demand: armed faults, each for the next calls that fit it."""

from __future__ import annotations

import dataclasses
import enum
import re
from typing import Any

from perseat.simulator.messages import JsonObject


class FaultKind(enum.StrEnum):
    """What goes wrong. `before` leaves the call undone, `after` does it and answers wrongly."""

    FAIL_BEFORE = "500_before"
    FAIL_AFTER = "500_after"
    UNAVAILABLE = "503"
    THROTTLED = "429"
    DROP_BEFORE = "drop_before"
    DROP_AFTER = "drop_after"
    SLOW = "slow"
    ACCEPTED = "202"
    REFUSED = "error"


@dataclasses.dataclass(kw_only=True)
class Fault:
    """A fault for `times` calls of a method and path, once `skip` such calls have gone by.

    `seconds`: Retry-After of 429 and 503, the wait of `slow`, the delay of an accepted change (202).
    `answer`: for `error`, the status and body to give: {"status": 409, "body": {...}}.
    """

    kind: FaultKind
    method: str = ""
    path_pattern: str = ".*"
    times: int = 1
    skip: int = 0
    seconds: int = 0
    answer: JsonObject = dataclasses.field(default_factory=dict)

    @property
    def is_done_first(self) -> bool:
        """Whether the call is acted upon although its answer is lost."""
        return self.kind in {FaultKind.FAIL_AFTER, FaultKind.DROP_AFTER}

    def fits(self, *, method: str, path: str) -> bool:
        """Whether the call is one of those the fault is for."""
        return self.method in {"", method} and re.search(self.path_pattern, path) is not None


class FaultList:
    """The armed faults; each call takes at most one."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []

    def arm(self, fault: Fault) -> None:
        """Let the fault happen."""
        self._armed.append(fault)

    def disarm_all(self) -> None:
        """Behave again."""
        self._armed.clear()

    def armed(self) -> tuple[Fault, ...]:
        """What is still to happen."""
        return tuple(self._armed)

    def take(self, *, method: str, path: str) -> Fault | None:
        """The fault of this call, if one is due; it is used up by one time."""
        for fault in self._armed:
            if not fault.fits(method=method, path=path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            self._armed = [one for one in self._armed if one.times > 0]
            return fault
        return None


def read_fault(body: JsonObject) -> Fault:
    """The fault of a control call: {kind, match: {method, path_prefix or path_regex}, times, after, ...}.

    :raises ValueError: when a part of it is wrong.
    """
    match = body.get("match") or {}
    prefix = re.escape(str(match.get("path_prefix") or ""))
    pattern = str(match.get("path_regex") or f"^{prefix}")
    re.compile(pattern)
    return Fault(
        kind=FaultKind(str(body.get("kind"))),
        method=str(match.get("method") or "").upper(),
        path_pattern=pattern,
        times=_count(body.get("times", 1), "times"),
        skip=_count(body.get("after", 0), "after"),
        seconds=_count(body.get("retry_after", body.get("seconds", 0)), "seconds"),
        answer=body.get("answer") or {},
    )


def _count(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"`{name}` must be a whole number, not {value!r}.")
    return value
