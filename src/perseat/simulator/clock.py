"""The simulator's own clock: real time with an offset, or standing still at one moment."""

from __future__ import annotations

import datetime


class SimulatorClock:
    """Tells the simulator's time in UTC. Given a moment it stands still there until it is moved."""

    def __init__(self, frozen_at: datetime.datetime | None = None) -> None:
        self._frozen_at = None if frozen_at is None else _utc(frozen_at)
        self._offset = datetime.timedelta()

    def now(self) -> datetime.datetime:
        """The current moment, aware and in UTC."""
        if self._frozen_at is not None:
            return self._frozen_at
        return _real_now() + self._offset

    def advance(self, by: datetime.timedelta) -> None:
        """Move the clock, frozen or running, by a span (backwards when negative)."""
        if self._frozen_at is not None:
            self._frozen_at += by
        else:
            self._offset += by

    def set(self, moment: datetime.datetime) -> None:
        """Jump to a moment and run on from there."""
        self._frozen_at = None
        self._offset = _utc(moment) - _real_now()

    def freeze(self, moment: datetime.datetime) -> None:
        """Jump to a moment and stand still."""
        self._frozen_at = _utc(moment)

    @property
    def frozen_at(self) -> datetime.datetime | None:
        """The moment at which the clock stands still, or nothing while it runs."""
        return self._frozen_at

    @property
    def offset(self) -> datetime.timedelta:
        """How far a running clock is ahead of real time."""
        return self._offset

    def restore(self, *, frozen_at: datetime.datetime | None, offset: datetime.timedelta) -> None:
        """Take up the position of an earlier run."""
        self._frozen_at = frozen_at
        self._offset = offset


def _real_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _utc(moment: datetime.datetime) -> datetime.datetime:
    if moment.tzinfo is None:
        raise ValueError(f"A moment needs a time zone: {moment.isoformat()}")
    return moment.astimezone(datetime.UTC)
