"""Clock: the only way in which journeys learn the time or wait, so that tests walk years without sleeping."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Doors and the worker hold the real one."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...
