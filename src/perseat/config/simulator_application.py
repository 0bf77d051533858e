"""The simulator as a WSGI application for the server that runs it; what it is to be comes from SIMULATOR_ variables."""

from __future__ import annotations

import json
import os
from pathlib import Path

from perseat.simulator.app import Simulator
from perseat.simulator.chances import Chances, read_percents
from perseat.simulator.crowds import crowd
from perseat.simulator.notice_sending import send_notices_for_ever


def make_simulator() -> Simulator:
    """With the state, the chances and the crowd that the command line asked for."""
    simulator = Simulator(state_path=Path(os.environ["SIMULATOR_STATE"]))
    seed = int(os.environ.get("SIMULATOR_SEED", "0"))
    percents = read_percents(json.loads(os.environ.get("SIMULATOR_FAULTS", "{}")))
    simulator.faults.chances = Chances(seed=seed, percents=percents)
    users = int(os.environ.get("SIMULATOR_USERS", "0"))
    if users:
        simulator.plant(crowd(users, seed=seed))
    return simulator


application = make_simulator()
if "SIMULATOR_ADDRESS" in os.environ:
    send_notices_for_ever(lambda: application.take_notices(base_url=os.environ["SIMULATOR_ADDRESS"]))
