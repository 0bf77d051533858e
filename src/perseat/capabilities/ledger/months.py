"""Closed months: nothing is dated into a month that the billing team has closed; the database refuses it, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from perseat.capabilities.ledger.models import ClosedMonth


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonthView:
    """A closed month by its first day, with who closed it and why."""

    starts_on: date
    closed_at: datetime
    closed_by: str
    reason: str


class MonthIsClosed(Exception):
    """The month is closed already, by itself or by a later one."""


def first_open_day() -> date | None:
    """The day after the last closed month; None when no month is closed."""
    return ClosedMonth.objects.order_by("-ends_on").values_list("ends_on", flat=True).first()


def open_day(day: date, *, at: datetime) -> date:
    """The day itself, or the first open day when its month is closed.

    Only a month that is over everywhere is ever closed, so that a day of the running one needs no look.
    """
    if (day.year, day.month) >= (at.year, at.month):
        return day
    return max(day, first_open_day() or day)


def end_of_month(first_day: date) -> date:
    """The first day of the month after the one that begins on `first_day`."""
    return (first_day + timedelta(days=31)).replace(day=1)


def record_closed_month(first_day: date, *, actor: str, reason: str, now: datetime) -> None:
    """Close the month and all before it, for ever; in the caller's transaction.

    Waits for whoever is writing documents or entries and lets nobody begin until the commit, so that nothing is dated
    into the month at the same moment.

    :raises MonthIsClosed: when it is closed already.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE document, ledger_entry IN SHARE ROW EXCLUSIVE MODE")
    if first_day < (first_open_day() or first_day):
        raise MonthIsClosed("This month is closed already.")
    ClosedMonth.objects.create(
        starts_on=first_day, ends_on=end_of_month(first_day), closed_at=now, closed_by=actor, reason=reason[:300]
    )


def list_closed_months() -> tuple[ClosedMonthView, ...]:
    """The newest first, at most 60."""
    return tuple(
        ClosedMonthView(starts_on=row.starts_on, closed_at=row.closed_at, closed_by=row.closed_by, reason=row.reason)
        for row in ClosedMonth.objects.order_by("-starts_on")[:60]
    )
