"""The moment of a request, and the provider's day at that moment; read once per request, here."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings

from perseat import wiring


def present_moment() -> datetime:
    """Now, in UTC, by the clock of this process."""
    return wiring.get_outside().clock.now()


def today() -> date:
    """The provider's local day."""
    return present_moment().astimezone(settings.PERSEAT.zone).date()
