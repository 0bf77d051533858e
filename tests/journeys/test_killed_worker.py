"""A real worker process is killed between paid and delivered; the next one finishes what was begun, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.journeys.outside import World, make_world

from perseat.capabilities.ordering.models import Order
from perseat.domain.fulfillment import OrderState
from perseat.simulator import credentials

DEADLINE_SECONDS = 90


class Gate:
    """Microsoft, which acts on the chosen call and then keeps its answer to itself until the gate is opened."""

    def __init__(self, application: Callable[..., Iterable[bytes]], *, method: str, path_end: str) -> None:
        self._application = application
        self._method, self._path_end = method, path_end
        self.has_acted = threading.Event()
        self.is_open = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self._application(environ, start_response)
        is_chosen = environ["REQUEST_METHOD"] == self._method and environ["PATH_INFO"].endswith(self._path_end)
        if is_chosen and not self.is_open.is_set():
            self.has_acted.set()
            self.is_open.wait(DEADLINE_SECONDS)
        return answer


class ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
        """Say nothing."""


@contextmanager
def served(application: Any) -> Iterator[str]:
    with make_server("127.0.0.1", 0, application, server_class=ThreadingServer, handler_class=QuietHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def worker(environment: Mapping[str, str], *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "perseat.config.program", "worker"]
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output)  # noqa: S603
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def settings_for(address: str) -> dict[str, str]:
    return {
        "PERSEAT_PARTNER_CENTER_BASE_URL": address,
        "PERSEAT_GRAPH_BASE_URL": address,
        "PERSEAT_LOGIN_BASE_URL": address,
        "PERSEAT_PARTNER_TENANT_ID": credentials.PARTNER_TENANT,
        "PERSEAT_CLIENT_ID": credentials.CLIENT_ID,
        "PERSEAT_CLIENT_SECRET": credentials.CLIENT_SECRET,
        "PERSEAT_REFRESH_TOKEN": credentials.REFRESH_TOKEN,
    }


def wait_until(is_so: Callable[[], bool], *, what: str, log: Path) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not happen in {DEADLINE_SECONDS} s:\n{log.read_text()[-4000:]}")
        threading.Event().wait(0.2)


def state_of(order_id: int) -> str:
    return str(Order.objects.values_list("state", flat=True).get(pk=order_id))


def assert_bought_once(world: World) -> None:
    assert world.seats_at_microsoft() == {"basic": 1, "premium": 2}
    assert len([each for each in world.writes() if each.endswith("/checkout")]) == 1


def test_a_worker_killed_after_microsoft_sold_the_seats_leaves_them_bought_once(
    own_database: dict[str, str], tmp_path: Path
) -> None:
    world = make_world(seats={"basic": 1}, start=datetime.now(UTC))
    gate = Gate(world.simulator, method="POST", path_end="/checkout")
    order_id = world.order(premium=2)
    log = tmp_path / "worker.log"

    with served(gate) as address:
        environment = own_database | settings_for(address)
        with worker(environment, log=log) as first:
            wait_until(gate.has_acted.is_set, what="The purchase", log=log)
            meanwhile = state_of(order_id)
            os.kill(first.pid, signal.SIGKILL)
            first.wait(10)
        gate.is_open.set()
        assert ProcrastinateJob.objects.filter(task_name="deliver_order", status="doing").exists()
        with worker(environment, log=log):
            wait_until(lambda: state_of(order_id) == OrderState.READY, what="The delivery", log=log)

    assert meanwhile == OrderState.ORDERING
    assert_bought_once(world)
