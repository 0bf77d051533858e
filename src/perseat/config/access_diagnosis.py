"""What `perseat doctor` tries at Microsoft itself: each sign-in and each permission, by reading."""

from __future__ import annotations

from perseat.config.diagnosis import Finding
from perseat.journeys.microsoft_access import try_access
from perseat.wiring import get_outside


def examine() -> tuple[Finding, ...]:
    """Try everything that needs a permission; nothing is changed."""
    return tuple(
        Finding(subject=f"access to {each.subject}", is_well=each.is_granted, sentence=each.sentence)
        for each in try_access(get_outside())
    )
