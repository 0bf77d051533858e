"""`perseat simulator`: told on the command line how to misbehave, from which seed, and with how many people."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from perseat.simulator.crowds import TENANT_ID


def command(state: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "perseat.config.program", "simulator", "--state", str(state), *arguments]


@contextmanager
def simulator(state: Path, *arguments: str) -> Iterator[httpx.Client]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {**os.environ, "PERSEAT_SIMULATOR_PORT": port}
    process = subprocess.Popen(command(state, *arguments), env=environment, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            wait_until_it_listens(client)
            yield client
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


def wait_until_it_listens(client: httpx.Client) -> None:
    end = time.monotonic() + 45
    while time.monotonic() < end:
        try:
            client.get("/control/state")
        except httpx.TransportError:
            threading.Event().wait(0.1)
        else:
            return
    raise AssertionError("The simulator does not listen.")


def test_it_misbehaves_as_told_and_keeps_its_state_in_one_file(tmp_path: Path) -> None:
    state = tmp_path / "simulator.json"
    with simulator(state, "--fault", "503=100", "--seed", "7", "--users", "20") as client:
        struck = client.get("/v1.0/organization")
        told = client.get("/control/chances").json()
        [tenant] = client.get("/control/state").json()["tenants"]
        client.post("/control/clock", json={"advance_seconds": 86_400})

    with simulator(state) as client:
        kept = client.get("/control/state").json()
        calm = client.get("/v1.0/organization")

    assert struck.status_code == 503
    assert told == {"seed": 7, "percents": {"503": 100.0}, "drawn": {"503": 1}}
    assert (tenant["tenant_id"], tenant["users"]) == (TENANT_ID, 20)
    assert [each["users"] for each in kept["tenants"]] == [20]
    assert calm.status_code == 401, "no fault, but no token either"
    assert [each.name for each in tmp_path.iterdir()] == ["simulator.json"]


def test_a_fault_that_does_not_exist_is_refused_with_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603
        command(tmp_path / "s.json", "--fault", "earthquake=5"), capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "--fault: 'earthquake' is no fault that can come by chance" in done.stderr
