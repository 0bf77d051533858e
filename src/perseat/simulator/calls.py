"""A call in the simulated world, and the record that is kept of it."""

from __future__ import annotations

import dataclasses
import datetime

from perseat.simulator.messages import Request
from perseat.simulator.store import Store
from perseat.simulator.tokens import AccessToken


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """One request in the simulated world: what a handler needs to answer it.

    With an `update_delay` a change of a subscription is only accepted (202) and happens after it.
    """

    request: Request
    store: Store
    now: datetime.datetime
    token: AccessToken
    names: dict[str, str]
    request_id: str
    update_delay: datetime.timedelta | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class CallRecord:
    """One call as it went. `was_done`: acted upon, whatever was answered; `was_repeated`: an earlier answer again."""

    at: datetime.datetime
    method: str
    path: str
    request_id: str
    status: int
    was_done: bool
    was_repeated: bool
