"""Shares of a long search for faults, each in a process of its own; every fault found is told on standard error."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

PROCESSES = 2
_TOLD = 10


class Found(NamedTuple):
    """What one share looked at, and how many faults it found, with the first of them in words."""

    looked_at: int
    faults: int
    told: tuple[str, ...]


class Faults:
    """Counts faults, and keeps words for the first few."""

    def __init__(self) -> None:
        self.count = 0
        self._told: list[str] = []

    def add(self, words: str) -> None:
        """One more fault."""
        self.count += 1
        if len(self._told) < _TOLD:
            self._told.append(words)

    def found(self, looked_at: int) -> Found:
        """All of them, for the process that asked."""
        return Found(looked_at, self.count, tuple(self._told))


def new_seed() -> int:
    """Another one each time, so that every run looks elsewhere; `SEED=number` repeats a run."""
    return int(os.environ.get("SEED") or secrets.randbelow(10**9))


def search(share: Callable[..., Found], *arguments: object) -> Found:
    """`share(number, *arguments)` for each of two processes; faults are printed with what repeats them."""
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as apart:
        shares: Iterable[Found] = [
            each.result() for each in [apart.submit(share, number, *arguments) for number in range(PROCESSES)]
        ]
    told = [words for each in shares for words in each.told]
    for words in told[:_TOLD]:
        print(words, file=sys.stderr)
    return Found(sum(each.looked_at for each in shares), sum(each.faults for each in shares), tuple(told))
