"""Runs several processes as one: all together or none, each with a log, each named when it dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import httpx

from perseat.config.supervised import SUPERVISED_BY

_READY_WITHIN_SECONDS = 60
_STOP_WITHIN_SECONDS = 25


class ProcessDied(Exception):
    """A supervised process ended by itself; the text names it and shows the end of its log."""

    def __init__(self, name: str, *, code: int, log: Path) -> None:
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        lines = log.read_text(errors="replace").splitlines()[-20:]
        super().__init__(f"The process '{name}' {how}. The end of {log}:\n" + "\n".join(f"  {line}" for line in lines))
        self.name = name


class Supervisor:
    """Use it with `with`: leaving stops every process that was started, newest first.

    If the supervisor itself is killed, a broken pipe tells the processes to stop.
    """

    def __init__(self, *, log_folder: Path) -> None:
        self._log_folder = log_folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._asked_to_stop = threading.Event()
        self._pipe = os.pipe()

    def __enter__(self) -> Self:
        self._log_folder.mkdir(parents=True, exist_ok=True)
        self._handlers = {number: signal.signal(number, self._stop_soon) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_all()
        for end in self._pipe:
            os.close(end)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def run_to_end(self, name: str, command: Sequence[str]) -> None:
        """Run a process and wait for it.

        :raises ProcessDied: when it fails.
        :raises KeyboardInterrupt: when somebody asked to stop meanwhile.
        """
        process = self._launch(name, command)
        while process.poll() is None:
            self._pause()
        del self._processes[name]
        if process.returncode:
            raise ProcessDied(name, code=process.returncode, log=self._log(name))

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a process that shall run on."""
        self._launch(name, command)

    def wait_for(self, name: str, url: str) -> None:
        """Wait until the address answers without a server error.

        :raises ProcessDied: when any of the processes dies first.
        :raises TimeoutError: after a minute.
        """
        give_up_at = time.monotonic() + _READY_WITHIN_SECONDS
        while time.monotonic() < give_up_at:
            self._check()
            try:
                if httpx.get(url, timeout=5.0).status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    return
            except httpx.TransportError:
                pass
            self._pause()
        raise TimeoutError(f"'{name}' did not answer at {url} within {_READY_WITHIN_SECONDS} seconds.")

    def watch(self) -> None:
        """Return when somebody asks to stop.

        :raises ProcessDied: when a process dies by itself.
        """
        while not self._asked_to_stop.wait(0.3):
            self._check()

    def _check(self) -> None:
        for name, process in self._processes.items():
            code = process.poll()
            if code is not None and not self._asked_to_stop.is_set():
                raise ProcessDied(name, code=code, log=self._log(name))

    def _pause(self) -> None:
        if self._asked_to_stop.wait(0.1):
            raise KeyboardInterrupt

    def _launch(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        reading_end = self._pipe[0]
        with self._log(name).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own programs
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[reading_end],
                env={**os.environ, SUPERVISED_BY: str(reading_end), "PYTHONUNBUFFERED": "1"},
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops them in order
            )
        self._processes[name] = process
        return process

    def _stop_all(self) -> None:
        for process in reversed(self._processes.values()):
            if process.poll() is None:
                process.terminate()
        give_up_at = time.monotonic() + _STOP_WITHIN_SECONDS
        for process in reversed(self._processes.values()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, give_up_at - time.monotonic()))
            _kill_group(process.pid)  # also what a killed process left behind
            process.wait()

    def _log(self, name: str) -> Path:
        return self._log_folder / f"{name}.log"

    def _stop_soon(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked_to_stop.set()


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
