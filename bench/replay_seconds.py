"""How long the `perseat replay` program takes for 10,000 varied scenarios, from the file to the last document."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.domain.random_lives import random_life

from bench.databases import CHECKOUT
from bench.rows import Row

SCENARIOS = 10_000
SEED = 1  # always the same ones, so that figures can be compared
LIMIT = 5
ROUNDS = 3


def measure() -> list[Row]:
    """The best of a few runs of the whole program, by the clock on the wall; the note has the processor time."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "scenarios.json")
        lives = [random_life(SEED, number) for number in range(SCENARIOS)]
        file.write_text(json.dumps(lives), encoding="utf-8")
        best, spent, answers = min((_round(file) for _ in range(ROUNDS)), key=lambda each: each[0])
    assert [answer["id"] for answer in answers] == [life["id"] for life in lives]
    documents = [document for answer in answers for document in answer["documents"]]
    note = (
        f"{SCENARIOS:,} scenarios of {sum(len(life['changes']) for life in lives) / SCENARIOS:.1f} changes come to"
        f" {len(documents):,} documents of {sum(len(each['lines']) for each in documents):,} lines;"
        f" {spent:.2f} s of processor time over {len(os.sched_getaffinity(0))} cores, best of {ROUNDS}; seed {SEED}"
    )
    return [Row(name="replay_seconds", value=round(best, 2), unit="s", limit=LIMIT, note=note)]


def _round(file: Path) -> tuple[float, float, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "perseat.config.program", "replay", str(file)]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "src")}
    begun, spent = time.perf_counter(), _spent_by_children()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)  # noqa: S603
    seconds, spent = time.perf_counter() - begun, _spent_by_children() - spent
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return seconds, spent, answers


def _spent_by_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
