"""`perseat worker`: takes over from a killed one, and finishes what it is at when told to stop."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture
def worker(own_database: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    _ask(
        own_database,
        # A job as a killed worker leaves it: begun, and its worker silent for a minute.
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')"
        " RETURNING id) INSERT INTO procrastinate_jobs (task_name, queue_name, status, args, worker_id)"
        " SELECT 'remove_old_jobs', 'default', 'doing', '{\"timestamp\": 0}', id FROM dead RETURNING id",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "perseat.config.program", "worker"], env=own_database, stderr=subprocess.DEVNULL
    )
    yield process
    process.kill()
    process.wait()


def _ask(environment: dict[str, str], question: str) -> tuple[object, ...] | None:
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        return connection.execute(question).fetchone()


def test_the_job_of_a_killed_worker_is_done_by_the_next(
    worker: subprocess.Popen[bytes], own_database: dict[str, str]
) -> None:
    give_up_at = time.monotonic() + 45
    state = None
    while state != ("succeeded",) and time.monotonic() < give_up_at and worker.poll() is None:
        time.sleep(0.2)
        state = _ask(own_database, "SELECT status FROM procrastinate_jobs ORDER BY id LIMIT 1")

    assert state == ("succeeded",)
    worker.terminate()
    assert worker.wait(30) == 0
