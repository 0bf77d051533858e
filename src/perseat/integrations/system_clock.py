"""The real clock: reads the machine's time and really waits."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """Answers the Clock port."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        """Sleep; a span that is not positive returns at once."""
        if seconds > 0:
            time.sleep(seconds)
