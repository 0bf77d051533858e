"""Calendar: half-open periods of local dates, counted from the original anchor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start` (included) to `end` (not included)."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """The number of days in the period."""
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When a service is charged and renewed.

    `anchor`: a date on which an aligned period begins; `anchor_day` (1 to 31) is restored after short months.
    `cycle_months`: the length of a charge period (1, 3, 6, 12, 36). `term_cycles`: charge periods in a term (1 or more).
    """

    anchor: date
    anchor_day: int
    cycle_months: int
    term_cycles: int
