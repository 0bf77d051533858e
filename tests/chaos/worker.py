"""`perseat worker`, with less patience than in life: the same tasks and the same clients, on the simulator's loopback.

Time runs several times as fast in a chaos run, so a wait inside a call is as much shorter, and a silent line is given
up after a second.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime

import django
import httpx

PATIENCE_SECONDS = 1.0


class HurriedClock:
    """The machine's own time, in which waits are so many times shorter."""

    def __init__(self, times: float) -> None:
        self._times = times

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        time.sleep(max(seconds, 0) / self._times)


class ImpatientLine(httpx.HTTPTransport):
    """The real transport, whose time-outs come soon."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions = {**request.extensions, "timeout": httpx.Timeout(PATIENCE_SECONDS).as_dict()}
        return super().handle_request(request)


def main() -> None:
    """Work until a signal says stop. Arguments: jobs at once, seconds until a worker counts as dead, speed of time."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "perseat.config.settings"
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - Django is set up only now

    from perseat.config import worker_process  # noqa: PLC0415
    from perseat.wiring import kept_consents, make_outside  # noqa: PLC0415

    ours = settings.PERSEAT
    settings.OUTSIDE = make_outside(
        ours, clock=HurriedClock(float(sys.argv[3])), microsoft=ImpatientLine(), consents=kept_consents(ours)
    )
    worker_process.run(concurrency=int(sys.argv[1]), silent_seconds=int(sys.argv[2]))


if __name__ == "__main__":
    main()
