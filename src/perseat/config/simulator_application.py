"""The simulator as a WSGI application for the server that runs it; its state's place comes from SIMULATOR_STATE."""

from __future__ import annotations

import os
from pathlib import Path

from perseat.simulator.app import Simulator

application = Simulator(state_path=Path(os.environ["SIMULATOR_STATE"]))
