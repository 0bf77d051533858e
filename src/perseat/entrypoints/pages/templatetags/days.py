"""Days and moments in words. Nothing here reads the clock: the door passes `today`."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date, format_datetime
from django import template
from django.utils import timezone

from perseat.entrypoints.pages.templatetags.money import reader_locale

register = template.Library()


@register.filter
def day(value: date | None) -> str:
    """15 March 2026."""
    return "" if value is None else format_date(value, format="d MMMM y", locale=reader_locale())


@register.filter
def short_day(value: date | None) -> str:
    """15 Mar 2026, for tables."""
    return "" if value is None else format_date(value, format="d MMM y", locale=reader_locale())


@register.filter
def moment(value: datetime | None) -> str:
    """15 March 2026, 14:05 in the zone that the door has activated (the customer's)."""
    if value is None:
        return ""
    return format_datetime(timezone.localtime(value), format="d MMMM y, HH:mm", locale=reader_locale())


@register.filter
def clock_time(value: datetime | None) -> str:
    """14:05 in the zone that the door has activated."""
    return "" if value is None else timezone.localtime(value).strftime("%H:%M")


@register.filter
def in_days(value: date | None, today: date) -> str:
    """ "today", "tomorrow", "in 23 days", "yesterday", "3 days ago"."""
    if value is None:
        return ""
    days = (value - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    return near.get(days) or (f"in {days} days" if days > 0 else f"{-days} days ago")


@register.filter
def last_day(end: date | None) -> date | None:
    """The last day of a period whose `end` is not included."""
    return None if end is None else end - timedelta(days=1)


@register.simple_tag
def period(start: date, end: date) -> str:
    """22 Nov to 14 Dec 2026: first and last day of the half-open period from `start` to `end`."""
    last = end - timedelta(days=1)
    if start == last:
        return short_day(start)
    first = format_date(start, format="d MMM" if start.year == last.year else "d MMM y", locale=reader_locale())
    return f"{first} to {short_day(last)}"
