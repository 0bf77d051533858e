"""What `perseat doctor` tries at Microsoft itself: each sign-in and each permission, by reading."""

from __future__ import annotations

from django.conf import settings

from perseat.config.diagnosis import Finding
from perseat.journeys.microsoft_access import try_access, try_notices
from perseat.wiring import get_outside


def examine() -> tuple[Finding, ...]:
    """Try everything that needs a permission; nothing is changed."""
    outside = get_outside()
    found = [*try_access(outside), try_notices(outside, base_url=settings.PERSEAT.base_url)]
    return tuple(
        Finding(subject=f"access to {each.subject}", is_well=each.is_granted, sentence=each.sentence) for each in found
    )
