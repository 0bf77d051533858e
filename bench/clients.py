"""Clients: processes with a connection of their own that begin together and share the work."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

CLIENTS = 4
_LONGEST_SECONDS = 300
_fork = multiprocessing.get_context("fork")

Work = TypeVar("Work")


def per_second(work: Sequence[Work], *, client: Callable[[], Callable[[Work], object]]) -> float:
    """How much of the work is done in a second, from the common start to the end of the last client.

    `client` runs in each process before the start: it connects, and gives what does one piece of work. Nothing may be
    connected in this process, because the clients are forks of it.
    """
    start = _fork.Barrier(CLIENTS)
    spans: Any = _fork.SimpleQueue()
    processes = [
        _fork.Process(target=_run, args=(client, work[index::CLIENTS], start, spans)) for index in range(CLIENTS)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(_LONGEST_SECONDS)
    if any(process.exitcode != 0 for process in processes):
        raise RuntimeError("A client of the benchmark failed; what it said is above.")
    begun, ended = zip(*(spans.get() for _ in processes), strict=True)
    return len(work) / float(max(ended) - min(begun))


def _run(client: Callable[[], Callable[[Work], object]], work: Sequence[Work], start: Any, spans: Any) -> None:
    do = client()
    start.wait(_LONGEST_SECONDS)
    begun = time.monotonic()
    for piece in work:
        do(piece)
    spans.put((begun, time.monotonic()))
