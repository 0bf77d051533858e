"""The simulator as a WSGI application for the server that runs it; its state's place comes from SIMULATOR_STATE."""

from __future__ import annotations

import os
from pathlib import Path

from perseat.simulator.app import Simulator
from perseat.simulator.notice_sending import send_notices_for_ever

application = Simulator(state_path=Path(os.environ["SIMULATOR_STATE"]))
if "SIMULATOR_ADDRESS" in os.environ:
    send_notices_for_ever(lambda: application.take_notices(base_url=os.environ["SIMULATOR_ADDRESS"]))
