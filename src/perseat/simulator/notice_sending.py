"""Sending notices over the network, from a thread of the simulator's own process; ten attempts, then one is dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import httpx

from perseat.simulator.partner_notices import Notice

_EVERY_SECONDS = 1.0
_ATTEMPTS = 10


def send_notices_for_ever(take: Callable[[], Sequence[Notice]]) -> None:
    """Start the thread that sends whatever `take` gives; it ends with the process."""
    threading.Thread(target=_send_for_ever, args=(take,), name="notices", daemon=True).start()


def _send_for_ever(take: Callable[[], Sequence[Notice]]) -> None:
    waiting: list[tuple[Notice, int]] = []
    pause = threading.Event()
    with httpx.Client(timeout=10.0, trust_env=False) as http:
        while not pause.wait(_EVERY_SECONDS):
            waiting += [(notice, _ATTEMPTS) for notice in take()]
            waiting = [(notice, left - 1) for notice, left in waiting if not _is_taken(http, notice) and left > 1]


def _is_taken(http: httpx.Client, notice: Notice) -> bool:
    try:
        return http.post(notice.address, content=notice.body, headers=notice.headers).is_success
    except httpx.HTTPError:
        return False
