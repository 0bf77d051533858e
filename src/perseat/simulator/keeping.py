"""When the state is written: at once while that takes no time, else never for more than a twentieth of the time."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable

_AT_ONCE_BELOW_SECONDS = 0.02
_RESTS_TIMES = 19


class Keeper:
    """Calls `write` after changes, under the lock that the changes are made under; the last change is always written.

    A large state is written some seconds after its change, so a killed simulator may have forgotten those.
    """

    def __init__(self, write: Callable[[], None], *, lock: threading.RLock) -> None:
        self._write_all = write
        self._lock = lock
        self._rests_until = 0.0
        self._timer: threading.Timer | None = None
        atexit.register(self.finish)

    def changed(self) -> None:
        """Write now, or once the last writing has been paid off. The lock is held."""
        rests_for = self._rests_until - time.monotonic()
        if rests_for <= 0:
            self._write()
        elif self._timer is None:
            self._timer = threading.Timer(rests_for, self.finish)
            self._timer.daemon = True
            self._timer.start()

    def finish(self) -> None:
        """Write what was not written yet."""
        with self._lock:
            if self._timer is not None:
                self._write()

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        began = time.monotonic()
        self._write_all()
        ended = time.monotonic()
        took = ended - began
        self._rests_until = ended + took * _RESTS_TIMES if took > _AT_ONCE_BELOW_SECONDS else 0.0
