"""How many of a million random quotes differ from what an independent reckoning gives: zero."""

from __future__ import annotations

import json
import time
from itertools import count

from bench._shares import PROCESSES, Faults, Found, new_seed, search
from bench.rows import Row

QUOTES = 1_000_000
_FAR_OF = 8  # all that is foreseen takes the oracle long, so one life in eight is asked for it


def measure() -> list[Row]:
    """Renewals and checkouts of random lives: lines, tax, what is held and planned, and the renewals foreseen."""
    seed, begun = new_seed(), time.monotonic()
    found = search(_share, seed)
    note = f"of {found.looked_at:,} quotes; seed {seed}; {time.monotonic() - begun:.0f} s"
    return [Row(name="oracle_differences", value=found.faults, unit="quotes", limit=0, note=note)]


def _share(number: int, seed: int) -> Found:
    from tests.domain.differences import compared_quotes  # noqa: PLC0415 - in the processes that search only
    from tests.domain.random_lives import random_life  # noqa: PLC0415

    looked_at, faults = 0, Faults()
    for life in count(number, PROCESSES):
        scenario = random_life(seed, life)
        for difference in compared_quotes(scenario, far=life % _FAR_OF < PROCESSES):
            looked_at += 1
            if difference:
                faults.add(f"oracle_differences: {difference}\n  in {json.dumps(scenario)}")
        if looked_at >= QUOTES // PROCESSES:
            return faults.found(looked_at)
    raise AssertionError("There are lives without end.")
