"""A whole chaos run: changes are accepted while workers are killed and a fifth of all calls go wrong; then it is quiet,
and what was accepted is looked for.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from django.conf import settings
from pydantic import SecretStr
from tests.chaos.checks import Wrong, count_unfinished, list_parked, look_for_wrongs
from tests.chaos.customers import Buyer, make_buyers
from tests.chaos.stage import Stage

from perseat.integrations.microsoft_sign_in.consents import ConsentInMemory
from perseat.journeys.delivery import retry_delivery
from perseat.ports.outside import Outside
from perseat.wiring import make_outside

FAULT_PERCENT = 20.0
_STAFF_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How large, and how long to wait for the end in seconds; the same seed makes the same changes and faults."""

    seed: int
    changes: int
    tenants: int
    within_seconds: float
    fault_percent: float = FAULT_PERCENT
    kill_every_seconds: float = 5.0
    kills_at_most: int | None = None
    silent_seconds: int = 12
    time_runs: float = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of it. `retried_by_staff`: parked deliveries that somebody had to let run again, and why."""

    wrong: Wrong
    accepted: Mapping[str, int]
    faults: Mapping[str, int]
    killed: int
    calls: int
    retried_by_staff: Sequence[str]
    seconds: float
    seconds_of_feeding: float


def run_chaos(plan: Plan, *, environment: Mapping[str, str], folder: Path) -> Report:
    """All of it; Django uses the database that `environment` names."""
    stage = Stage(
        environment,
        folder=folder,
        seed=plan.seed,
        silent_seconds=plan.silent_seconds,
        time_runs=plan.time_runs,
    )
    with stage, httpx.HTTPTransport() as line:
        outside = _outside(stage, line=line)
        buyers = make_buyers(stage, outside, count=plan.tenants, seed=plan.seed, now=datetime.now(UTC))
        began = time.monotonic()
        if plan.fault_percent:
            stage.misbehave(seed=plan.seed, percent=plan.fault_percent)
        stage.start_workers()
        stage.start_time(kill_every_seconds=plan.kill_every_seconds, kills_at_most=plan.kills_at_most)
        accepted = _feed(stage, buyers, plan)
        fed = time.monotonic()
        end = began + plan.within_seconds
        retried = _wait_for_the_end(stage, buyers, until=end)
        stage.stop_time()
        faults = stage.behave()
        seconds = time.monotonic() - began
        wrong = look_for_wrongs(stage, buyers, now=datetime.now(UTC))
        return Report(
            wrong=wrong,
            accepted=accepted,
            faults=faults,
            killed=stage.killed,
            calls=stage.ask("GET", "state")["calls"],
            retried_by_staff=retried,
            seconds=seconds,
            seconds_of_feeding=fed - began,
        )


def _feed(stage: Stage, buyers: Sequence[Buyer], plan: Plan) -> Counter[str]:
    """Every customer accepts as many changes, one after the other, all customers by turns."""
    accepted: Counter[str] = Counter()
    left = {each.service_id: plan.changes // len(buyers) for each in buyers}
    end = time.monotonic() + plan.within_seconds
    while any(left.values()) and time.monotonic() < end:
        before = sum(left.values())
        for buyer in buyers:
            if left[buyer.service_id] and buyer.accept_next(datetime.now(UTC)) is not None:
                left[buyer.service_id] -= 1
                accepted[buyer.last_kind] += 1
        if sum(left.values()) == before:
            stage.rest(0.2)  # all of them wait for a return
    return accepted


def _wait_for_the_end(stage: Stage, buyers: Sequence[Buyer], *, until: float) -> list[str]:
    """Until every order is at its end or the time is over. What is parked is let run again, and told."""
    retried: list[str] = []
    while count_unfinished(buyers) and time.monotonic() < until:
        for parked in list_parked(buyers):
            sentence = f"order {parked.order_id}, {parked.act}: {parked.error_code} {parked.error_sentence}"
            if retried.count(sentence) < _STAFF_TRIES:
                retried.append(sentence)
                retry_delivery(parked.pk, actor="admin@provider.example", now=datetime.now(UTC))
        stage.rest(1.0)
    return retried


def _outside(stage: Stage, *, line: httpx.BaseTransport) -> Outside:
    """The real clients on the stage's simulator, for this process."""
    given = {name.removeprefix("PERSEAT_").lower(): value for name, value in stage.settings().items()}
    secrets = {name: SecretStr(given[name]) for name in ("client_secret", "refresh_token")}
    ours = settings.PERSEAT.model_copy(update={**given, **secrets})
    return make_outside(ours, microsoft=line, consents=ConsentInMemory(given["refresh_token"]))
