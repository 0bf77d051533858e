"""How often 200,000 random lives break a law of billing: never."""

from __future__ import annotations

import json
import time
from random import Random

from bench._shares import PROCESSES, Faults, Found, new_seed, search
from bench.rows import Row

LIVES = 200_000


def measure() -> list[Row]:
    """Changes, renewals and cancellations in all policies, cycles and taxes, by the laws of tests/domain/laws."""
    seed, begun = new_seed(), time.monotonic()
    found = search(_share, seed)
    note = f"of {found.looked_at:,} lives; seed {seed}; {time.monotonic() - begun:.0f} s"
    return [Row(name="lives_differences", value=found.faults, unit="laws", limit=0, note=note)]


def _share(number: int, seed: int) -> Found:
    from tests.domain.laws import broken_laws  # noqa: PLC0415 - in the processes that search only
    from tests.domain.random_lives import random_life  # noqa: PLC0415

    faults, lives = Faults(), range(number, LIVES, PROCESSES)
    for life in lives:
        scenario = random_life(seed, life)
        try:
            broken = broken_laws(scenario, Random(life))
        except Exception as trouble:  # noqa: BLE001 - whatever it is, no law allows it
            broken = [repr(trouble)]
        for law in broken:
            faults.add(f"lives_differences: {law}\n  in {json.dumps(scenario)}")
    return faults.found(len(lives))
