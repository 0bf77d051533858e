"""The real clients on a simulated Microsoft in the same process, over a line that can be told to lose things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import httpx
from pydantic import SecretStr

from perseat.ports.outside import Outside
from perseat.simulator import credentials
from perseat.simulator.app import Simulator
from perseat.simulator.clock import SimulatorClock
from perseat.simulator.faulty_transport import FaultyTransport
from perseat.simulator.seeds import SeedSubscription, SeedUser
from perseat.wiring import make_outside

ACME = "0b9a3c54-6a5e-4f0f-9d55-6f2f1f1b7a10"
DOMAIN = "acme.example"
BASIC, PREMIUM = ("CFQ7TTC0LH18", "0001"), ("CFQ7TTC0LCHC", "0002")
BASIC_ID, PREMIUM_ID = "3b555118-da6a-4418-894f-7df1e2096870", "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"
SUBSCRIPTION = "5b0d7e11-0000-4000-8000-000000000001"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class SimulatedClock:
    """Our side of the simulator's clock: a wait moves it on."""

    def __init__(self, clock: SimulatorClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def wait(self, seconds: float) -> None:
        self._clock.freeze(datetime.fromtimestamp(self._clock.now().timestamp() + seconds, UTC))


@dataclass(frozen=True, kw_only=True)
class Microsoft:
    """The simulator, the line to it, and our clients."""

    simulator: Simulator
    line: FaultyTransport
    outside: Outside


def start_microsoft(
    tmp_path: Path, *, writes: bool = True, refresh_token: str = credentials.REFRESH_TOKEN, delay_seconds: int = 0
) -> Microsoft:
    clock = SimulatorClock(START)
    simulator = Simulator(clock=clock, provisioning_delay_seconds=delay_seconds)
    simulator.seed_tenant(
        tenant_id=ACME,
        company="Acme Pty Ltd",
        domain=DOMAIN,
        country="AU",
        agreement=True,
        users=[
            SeedUser(
                user_principal_name=f"ada@{DOMAIN}",
                display_name="Ada Lovelace",
                given_name="Ada",
                surname="Lovelace",
                usage_location="AU",
                licenses=(BASIC_ID,),
            ),
            SeedUser(user_principal_name=f"bob@{DOMAIN}", display_name="Bob Stone", usage_location="AU"),
            SeedUser(user_principal_name=f"cy@{DOMAIN}", display_name="Cy Nowhere"),
        ],
        subscriptions=[SeedSubscription(sku=":".join(BASIC), quantity=2, id=SUBSCRIPTION, purchased_at=START)],
    )
    line = FaultyTransport(httpx.WSGITransport(simulator))
    settings = SimpleNamespace(
        supplier_writes="on" if writes else "off",
        partner_center_base_url="http://microsoft.example",
        price_sheet_base_url="http://microsoft.example",
        graph_base_url="http://microsoft.example",
        login_base_url="http://microsoft.example",
        notice_certificate_hosts=(),
        partner_tenant_id=credentials.PARTNER_TENANT,
        client_id=credentials.CLIENT_ID,
        client_secret=SecretStr(credentials.CLIENT_SECRET),
        client_certificate=None,
        refresh_token=SecretStr(refresh_token),
        gdap_group_id="",
        base_url="http://perseat.example",
        sandbox_gateway="on",
        sandbox_gateway_secret=SecretStr("a secret of the sandbox"),
        email_from="billing@provider.example",
        smtp_url=None,
        data_dir=tmp_path,
    )
    return Microsoft(
        simulator=simulator, line=line, outside=make_outside(settings, clock=SimulatedClock(clock), microsoft=line)
    )
