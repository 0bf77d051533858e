"""`perseat worker`, with less patience than in life: the same tasks and the same clients, on the simulator's loopback.

Time runs TIME_RUNS times as fast in a chaos run, so a wait inside a call is as much shorter, and a silent line is given
up after a second.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime

import django
import httpx

TIME_RUNS = 20
PATIENCE_SECONDS = 1.0


class HurriedClock:
    """The machine's own time, in which waits are short."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        time.sleep(max(seconds, 0) / TIME_RUNS)


class ImpatientLine(httpx.HTTPTransport):
    """The real transport, whose time-outs come soon."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions = {**request.extensions, "timeout": httpx.Timeout(PATIENCE_SECONDS).as_dict()}
        return super().handle_request(request)


def main() -> None:
    """Work until a signal says stop, with as many jobs at once as the first argument says."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "perseat.config.settings"
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - Django is set up only now

    from perseat.config import worker_process  # noqa: PLC0415
    from perseat.wiring import kept_consents, make_outside  # noqa: PLC0415

    ours = settings.PERSEAT
    settings.OUTSIDE = make_outside(ours, clock=HurriedClock(), microsoft=ImpatientLine(), consents=kept_consents(ours))
    worker_process.run(concurrency=int(sys.argv[1]), silent_seconds=int(sys.argv[2]))


if __name__ == "__main__":
    main()
