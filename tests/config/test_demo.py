"""`perseat demo`: all processes or none, whatever is killed; and the data are there the next time."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.demo import Demo

from perseat.config.embedded_postgres import EmbeddedPostgres

pytestmark = [pytest.mark.embedded, pytest.mark.xdist_group("demo")]

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path)
    yield demo
    demo.remove()


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
