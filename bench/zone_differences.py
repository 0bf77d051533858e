"""How often the local day of a moment differs from what the C library says: never, at both edges of every day."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from zoneinfo import TZPATH

from bench._shares import PROCESSES, Faults, Found, search
from bench.rows import Row
from perseat.domain.calendar import local_day

# Half and quarter hours, clocks changed at midnight, days that were left out, summer times that count backward.
ZONES = (
    "Africa/Cairo", "Africa/Casablanca", "America/Asuncion", "America/Havana", "America/New_York", "America/Sao_Paulo",
    "America/Santiago", "America/St_Johns", "Antarctica/Troll", "Asia/Amman", "Asia/Beirut", "Asia/Kathmandu",
    "Asia/Tehran", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Dublin", "Europe/Madrid", "Pacific/Apia",
    "Pacific/Chatham", "Pacific/Kiritimati",
)  # fmt: skip
_FROM, _TO = datetime(2005, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
_HALF_HOUR = 1800


def measure() -> list[Row]:
    """Forty years of twenty zones, to the second; processes of their own, because they change their zone."""
    begun = time.monotonic()
    found = search(_share)
    note = f"of {found.looked_at:,} edges of days in {len(ZONES)} zones; {time.monotonic() - begun:.0f} s"
    return [Row(name="zone_differences", value=found.faults, unit="moments", limit=0, note=note)]


def _share(number: int) -> Found:
    looked_at, faults = 0, Faults()
    for zone in ZONES[number::PROCESSES]:
        os.environ["TZ"] = f":{_file_of(zone)}"
        time.tzset()
        for edge in _edges():
            looked_at += 1
            for second in (edge - 1, edge):
                moment, wall = datetime.fromtimestamp(second, UTC), time.localtime(second)
                if local_day(moment, zone).timetuple()[:3] != wall[:3]:
                    faults.add(f"zone_differences: {moment} in {zone} is {local_day(moment, zone)}, not {wall[:3]}")
    return faults.found(looked_at)


def _file_of(zone: str) -> Path:
    """The same rules that the product reads: the system's, else those of the package."""
    places = [Path(folder) for folder in TZPATH] + [Path(str(resources.files("tzdata") / "zoneinfo"))]
    return next(file for place in places if (file := place / zone).is_file())


def _edges() -> Iterator[int]:
    """The seconds in which another local day begins (or an old one again), by the C library's clock on the wall."""
    before = int(_FROM.timestamp())
    day_before = time.localtime(before)[:3]
    for after in range(before + _HALF_HOUR, int(_TO.timestamp()), _HALF_HOUR):
        day = time.localtime(after)[:3]
        if day != day_before:
            yield _first_second(before, after, day)
        before, day_before = after, day


def _first_second(before: int, after: int, day: tuple[int, ...]) -> int:
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if time.localtime(middle)[:3] == day else (middle, after)
    return after
