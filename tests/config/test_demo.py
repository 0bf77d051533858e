"""`perseat demo`: all processes or none, whatever is killed; and the data are there the next time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from perseat.config.embedded_postgres import EmbeddedPostgres

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("demo")]

CHECKOUT = Path(__file__).parents[2]


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

    def database_runs(self) -> bool:
        return EmbeddedPostgres(self.folder / "postgres").is_running()

    def readyz(self) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=10)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    if demo.process.poll() is None:
        demo.process.kill()
        demo.process.wait()
    for process in demo.parts():
        process.kill()
    EmbeddedPostgres(tmp_path / "postgres").remove()


def test_it_answers_shows_its_logins_and_stops_altogether(demo: Demo) -> None:
    demo.start()
    demo.wait_until_ready()

    assert demo.readyz().json()["ready"] is True
    assert demo.readyz().json()["supplier"]["state"] == "answers"
    assert f"http://127.0.0.1:{demo.port}/" in demo.said
    assert "owner@acme.example" in demo.said
    assert "perseat-demo" in demo.said

    second = Demo(demo.folder, output="second")
    second.start()
    assert second.process.wait(30) == 2
    assert "A demo already runs in this checkout" in second.said

    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(30) == 0
    assert demo.parts() == []
    assert not demo.database_runs()


@pytest.mark.parametrize(("command", "name"), [("worker", "worker"), ("serve", "web")])
def test_when_a_part_dies_it_says_which_and_stops_the_rest(demo: Demo, command: str, name: str) -> None:
    demo.start()
    demo.wait_until_ready()

    demo.part(command).kill()

    assert demo.process.wait(30) == 1
    assert f"The process '{name}' was ended by SIGKILL. The end of {demo.folder}/log/{name}.log" in demo.said
    assert demo.parts() == []
    assert not demo.database_runs()


def test_a_killed_demo_with_a_killed_database_leaves_no_process_and_starts_again(demo: Demo) -> None:
    demo.start()
    demo.wait_until_ready()
    database = EmbeddedPostgres(demo.folder / "postgres").server_pid()
    assert database is not None

    demo.process.kill()
    os.kill(database, signal.SIGKILL)
    demo.process.wait()

    demo.wait_for(lambda: not demo.parts(), seconds=40)
    demo.start()
    demo.wait_until_ready()
    assert demo.readyz().status_code == 200


def test_a_taken_port_is_told_at_once(demo: Demo) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", demo.port))
        other.listen()

        demo.start()

        assert demo.process.wait(30) == 2
    assert f"127.0.0.1:{demo.port} cannot be used" in demo.said
