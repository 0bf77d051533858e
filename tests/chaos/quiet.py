"""The same changes with nothing going wrong and one worker: how fast it is, and how often it calls Microsoft."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from tests.chaos.checks import count_unfinished, look_for_wrongs
from tests.chaos.customers import make_buyers
from tests.chaos.run import make_outside_of
from tests.chaos.stage import Stage

from perseat.capabilities.provisioning.models import Delivery
from perseat.domain.fulfillment import DeliveryState
from perseat.domain.quote import DecreasePolicy

# The smallest number of calls for each write that Microsoft acted upon: docs/reference/calls-per-delivery.md.
_SMALLEST = {"PATCH subscription": 2, "POST checkout": 3, "POST transitions": 2, "POST assignlicense": 1}
_LOOKS_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """What one worker did: `deliveries` that came to an end in `seconds`; `calls` without tokens, and the least."""

    orders: int
    deliveries: int
    seconds: float
    calls: int
    smallest: int
    wrong: int


def deliver_in_quiet(
    *, seed: int, changes: int, tenants: int, environment: Mapping[str, str], folder: Path, within_seconds: float
) -> Quiet:
    """Everything is accepted before the worker starts; the clock runs from its first delivery to the end of the last.

    Customers whose next change would have to wait for a return are left out.
    """
    with (
        Stage(environment, folder=folder, seed=seed, workers=1, time_runs=1) as stage,
        httpx.HTTPTransport() as line,
    ):
        outside = make_outside_of(stage, line=line)
        buyers = make_buyers(stage, outside, count=tenants, seed=seed, now=datetime.now(UTC))
        buyers = [each for each in buyers if each.model.policy is not DecreasePolicy.WINDOW]
        for number in range(changes):
            buyers[number % len(buyers)].accept_next(datetime.now(UTC))
        before = stage.ask("GET", "state")["calls"]
        stage.start_workers()
        began = _wait_for_the_first(stage, until=time.monotonic() + within_seconds)
        while count_unfinished(buyers) and time.monotonic() < began + within_seconds:
            stage.rest(_LOOKS_EVERY_SECONDS)
        seconds = time.monotonic() - began
        wrong = look_for_wrongs(stage, buyers, now=datetime.now(UTC))
        calls = [each for each in stage.ask("GET", "calls")["calls"][before:] if not each["path"].endswith("/token")]
        return Quiet(
            orders=changes,
            deliveries=Delivery.objects.filter(state=DeliveryState.DONE).count(),
            seconds=seconds,
            calls=len(calls),
            smallest=sum(_smallest(each["method"], each["path"]) for each in calls if each["was_done"]),
            wrong=wrong.total,
        )


def _wait_for_the_first(stage: Stage, *, until: float) -> float:
    while not Delivery.objects.filter(attempts__gt=0).exists() and time.monotonic() < until:
        stage.rest(_LOOKS_EVERY_SECONDS)
    return time.monotonic()


def _smallest(method: str, path: str) -> int:
    *_rest, before, last = path.lower().split("/")
    what = "subscription" if before == "subscriptions" else last
    return _SMALLEST.get(f"{method} {what}", 0)
