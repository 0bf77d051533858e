"""A demo for tests: all processes of the product, with data of its own on a free port."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from perseat.config.embedded_postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).parents[1]


class Demo:
    """A demo with data of its own and a free port."""

    def __init__(self, folder: Path, *, output: str = "output") -> None:
        self.folder = folder
        self._output = folder / output
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {
            "PYTHONPATH": str(CHECKOUT / "src"),
            "PERSEAT_DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "EXTRA_PROCESS_MARK": str(self.folder),
        }
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "perseat.config.program", "demo", *arguments],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self._output.read_text()

    def wait_until_ready(self) -> None:
        self.wait_for(lambda: "Perseat runs at" in self.said or self.process.poll() is not None)
        assert self.process.poll() is None, self.said

    def wait_for(self, condition: Callable[[], bool], *, seconds: float = 60) -> None:
        give_up_at = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < give_up_at, self.said
            time.sleep(0.05)

    def parts(self) -> list[psutil.Process]:
        """Every process of this demo except its supervisor."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.environ().get("EXTRA_PROCESS_MARK") == str(self.folder)
            except psutil.Error:
                continue
            if mine and process.pid != self.process.pid:
                found.append(process)
        return found

    def part(self, command: str) -> psutil.Process:
        return min((p for p in self.parts() if p.cmdline()[-1] == command), key=lambda process: process.create_time())

    def remove(self) -> None:
        """Kill what still runs and delete the database's files."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for process in self.parts():
            with contextlib.suppress(psutil.NoSuchProcess):  # it may end by itself just now
                process.kill()
        EmbeddedPostgres(self.folder / "postgres").remove()

    def database_runs(self) -> bool:
        return EmbeddedPostgres(self.folder / "postgres").is_running()

    def readyz(self) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=10)
