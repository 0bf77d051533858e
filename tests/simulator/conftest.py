from __future__ import annotations

import datetime
from collections.abc import Iterator

import httpx
import pytest
from tests.simulator.graph_schema import check_answer
from tests.simulator.world import ACME, DOMAIN, World

from perseat.simulator.app import Simulator
from perseat.simulator.clock import SimulatorClock


@pytest.fixture
def world() -> Iterator[World]:
    clock = SimulatorClock(datetime.datetime(2026, 3, 10, 9, 30, tzinfo=datetime.UTC))
    simulator = Simulator(clock=clock)
    simulator.seed_tenant(tenant_id=ACME, company="Acme", domain=DOMAIN, country="AU", agreement=True)
    with httpx.Client(
        transport=httpx.WSGITransport(simulator),
        base_url="http://simulator.test",
        event_hooks={"response": [check_answer]},
    ) as client:
        yield World(simulator=simulator, clock=clock, client=client)
