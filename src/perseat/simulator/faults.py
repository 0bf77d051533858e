"""Misbehavior on demand: armed faults, each for the next calls that fit it."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from perseat.simulator.chances import Chances
from perseat.simulator.fault_kinds import FaultKind
from perseat.simulator.messages import JsonObject

__all__ = ["Fault", "FaultKind", "FaultList", "read_fault"]


@dataclasses.dataclass(kw_only=True)
class Fault:
    """A fault for `times` calls of a method and path, once `skip` such calls have gone by.

    `seconds`: Retry-After of 429 and 503, the wait of `slow` and of a `timeout`, the delay of an accepted change (202),
    of a `late` call and of seats that show late.
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
        return self.kind in {FaultKind.FAIL_AFTER, FaultKind.DROP_AFTER, FaultKind.TIMEOUT_AFTER}

    def fits(self, *, method: str, path: str) -> bool:
        """Whether the call is one of those the fault is for."""
        return self.method in {"", method} and re.search(self.path_pattern, path) is not None


class FaultList:
    """The armed faults, and the chances of others; each call takes at most one."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []
        self.chances = Chances()

    def arm(self, fault: Fault) -> None:
        """Let the fault happen."""
        self._armed.append(fault)

    def disarm_all(self) -> None:
        """Behave again."""
        self._armed.clear()
        self.chances = Chances(seed=self.chances.seed)

    def armed(self) -> tuple[Fault, ...]:
        """What is still to happen."""
        return tuple(self._armed)

    def take(self, *, method: str, path: str, about: str = "") -> Fault | None:
        """The fault of this call, if one is due; an armed one is used up by one time.

        `about`: the tenant that the call concerns, where the path does not say so.
        """
        for fault in self._armed:
            if not fault.fits(method=method, path=path):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            self._armed = [one for one in self._armed if one.times > 0]
            return fault
        drawn = self.chances.draw(method=method, path=path, about=about)
        return None if drawn is None else Fault(kind=drawn.kind, seconds=drawn.seconds)


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
