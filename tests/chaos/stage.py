"""The stage of a chaos run: the simulator and two workers as processes, one of which is killed now and then, and time.

Time runs faster for whatever waits: the moments that deliveries and jobs wait for are moved towards now in the tables,
all those of a delivery alike, and the simulator's clock is moved on by as much.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from django.db import connection
from tests.chaos.worker import PATIENCE_SECONDS

from perseat.simulator import credentials

CHECKOUT = Path(__file__).parents[2]
_STARTS_WITHIN_SECONDS = 60
_TICK_SECONDS = 0.25


class Stage:
    """Starts everything on entering and ends it on leaving; `environment`: of a process that uses the database.

    `silent_seconds`: after how long a worker counts as dead; `time_runs`: how many times as fast.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        folder: Path,
        seed: int,
        workers: int = 2,
        jobs_at_once: int = 8,
        silent_seconds: int = 12,
        time_runs: float = 20,
    ) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{probe.getsockname()[1]}"
        self._environment = {**environment, **self.settings()}
        self._folder = folder
        self._draw = random.Random(seed)
        self._arguments = [str(jobs_at_once), str(silent_seconds), str(time_runs)]
        self._time_runs = time_runs
        self._workers: list[subprocess.Popen[bytes] | None] = [None] * workers
        self._simulator: subprocess.Popen[bytes] | None = None
        self._control = httpx.Client(base_url=self.address, timeout=120)
        self.killed = 0
        self._is_over = threading.Event()
        self._rest = threading.Event()  # never set
        self._conductor: threading.Thread | None = None

    def settings(self) -> dict[str, str]:
        """What makes a Perseat process talk to this simulator."""
        return {
            "PERSEAT_PARTNER_CENTER_BASE_URL": self.address,
            "PERSEAT_PRICE_SHEET_BASE_URL": self.address,
            "PERSEAT_GRAPH_BASE_URL": self.address,
            "PERSEAT_LOGIN_BASE_URL": self.address,
            "PERSEAT_PARTNER_TENANT_ID": credentials.PARTNER_TENANT,
            "PERSEAT_CLIENT_ID": credentials.CLIENT_ID,
            "PERSEAT_CLIENT_SECRET": credentials.CLIENT_SECRET,
            "PERSEAT_REFRESH_TOKEN": credentials.REFRESH_TOKEN,
            "PERSEAT_SIMULATOR_PORT": self.address.rpartition(":")[2],
            "PERSEAT_LOG_LEVEL": "warning",
            "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "src"), str(CHECKOUT)]),
        }

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        state = self._folder / "simulator.json"
        state.unlink(missing_ok=True)
        command = ["-m", "perseat.config.program", "simulator", "--state", str(state)]
        self._simulator = self._start("simulator", command)
        end = time.monotonic() + _STARTS_WITHIN_SECONDS
        while not self._is_listening():
            if time.monotonic() > end or self._simulator.poll() is not None:
                raise RuntimeError(f"The simulator did not start; see {self._folder / 'simulator.log'}.")
            self._is_over.wait(0.1)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop_time()
        for process in (*self._workers, self._simulator):
            if process is not None and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
        self._control.close()

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """One call of the simulator's control address."""
        answer = self._control.request(method, f"/control/{path}", json=body or None)
        answer.raise_for_status()
        return answer.json()

    def misbehave(self, *, seed: int, percent: float) -> None:
        """Let so many of all calls go wrong, in every way there is."""
        silence = round(PATIENCE_SECONDS * 2)
        self.ask("POST", "chances", seed=seed, percents={"all": percent}, timeout_seconds=silence)

    def behave(self) -> dict[str, int]:
        """No more faults; how often each kind came."""
        drawn: dict[str, int] = self.ask("GET", "chances")["drawn"]
        self.ask("DELETE", "faults")
        return drawn

    def start_workers(self) -> None:
        """All of them; one that died of itself is started again."""
        for place, process in enumerate(self._workers):
            if process is None or process.poll() is not None:
                self._workers[place] = self._start(f"worker{place}", ["-m", "tests.chaos.worker", *self._arguments])

    def start_time(self, *, kill_every_seconds: float, kills_at_most: int | None = None) -> None:
        """From now on time runs fast, and one of the workers, by chance, is killed and started again every so often."""
        self._is_over.clear()
        self._conductor = threading.Thread(target=self._conduct, args=(kill_every_seconds, kills_at_most), daemon=True)
        self._conductor.start()

    def stop_time(self) -> None:
        """No more haste, no more killing."""
        self._is_over.set()
        if self._conductor is not None:
            self._conductor.join(60)
            self._conductor = None

    def rest(self, seconds: float) -> None:
        """Let the others work for a moment."""
        self._rest.wait(seconds)

    def kill_one(self) -> None:
        """SIGKILL, and another in its place."""
        place = self._draw.randrange(len(self._workers))
        process = self._workers[place]
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
            self.killed += 1
        self.start_workers()

    def _conduct(self, kill_every_seconds: float, kills_at_most: int | None) -> None:
        killed_at = last = time.monotonic()
        try:
            while not self._is_over.wait(_TICK_SECONDS):
                now = time.monotonic()
                span = timedelta(seconds=(now - last) * (self._time_runs - 1))
                last = now
                let_pass(span)
                self.ask("POST", "clock", advance_seconds=span.total_seconds())
                is_enough = kills_at_most is not None and self.killed >= kills_at_most
                if now - killed_at >= kill_every_seconds and not is_enough:
                    killed_at = now
                    self.kill_one()
        finally:
            connection.close()

    def _start(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, *arguments],
                env=self._environment,
                cwd=CHECKOUT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _is_listening(self) -> bool:
        with suppress(httpx.TransportError):
            return self._control.get("/control/state").status_code == httpx.codes.OK
        return False


def let_pass(span: timedelta) -> None:
    """As if so much time had passed for everything that waits."""
    with connection.cursor() as cursor:
        cursor.execute(_JOBS, [span])
        cursor.execute(_DELIVERIES, [span] * 3)


_JOBS = """UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - %s
    WHERE status = 'todo' AND scheduled_at > now()"""
# What a worker holds just now is left out: two that lock many rows could wait for each other.
_DELIVERIES = """UPDATE delivery SET next_attempt_at = next_attempt_at - %s, accepted_at = accepted_at - %s,
    driven_since = driven_since - %s
    WHERE id IN (SELECT id FROM delivery WHERE state IN ('waiting', 'asking', 'at_supplier')
        AND (attempts > 0 OR accepted_at IS NOT NULL) FOR UPDATE SKIP LOCKED)"""
