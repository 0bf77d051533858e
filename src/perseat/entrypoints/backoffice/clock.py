"""The moment of a request, and the provider's day at that moment; read once per request, here."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.conf import settings


def present_moment() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The provider's local day."""
    return present_moment().astimezone(settings.PERSEAT.zone).date()
