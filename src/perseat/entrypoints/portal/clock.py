"""The moment of a request, and the customer's day at that moment. Read once per request, here."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from perseat import wiring
from perseat.capabilities.customers.queries import Member


def present_moment() -> datetime:
    """Now, in UTC, by the clock of this process."""
    return wiring.get_outside().clock.now()


def day_of(member: Member, *, now: datetime) -> date:
    """The customer's local day at that moment."""
    return now.astimezone(ZoneInfo(member.time_zone)).date()
