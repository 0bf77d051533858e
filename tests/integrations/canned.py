"""Clients over canned answers, a clock that never sleeps, and a record of what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from perseat.integrations.graph.client import GraphDirectory
from perseat.integrations.graph.connection import Connection as GraphConnection
from perseat.integrations.partner_center.client import PartnerCenter
from perseat.integrations.partner_center.connection import Connection as PartnerCenterConnection

TENANT = "d3b07384-d9a0-4c9b-8f3e-6a1f00000001"
PARTNER = "d3b07384-d9a0-4c9b-8f3e-6a1f00000002"
Answers = Callable[[httpx.Request], httpx.Response]


class StandingClock:
    """Stands still but for the waits, which it counts."""

    def __init__(self, moment: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)) -> None:
        self.moment = moment
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.moment += timedelta(seconds=seconds)


class CountedTokens:
    """Tokens named by number, so that a test sees which one was sent."""

    def __init__(self) -> None:
        self.number = 1

    def get_token(self, tenant_id: str) -> str:
        return f"token-{self.number}"

    def get_token_instead_of(self, refused: str, *, tenant_id: str) -> str:
        self.number += 1
        return f"token-{self.number}"


class Wire:
    """Answers from a list, one a request; an exception in it is raised instead."""

    def __init__(self, *answers: httpx.Response | Exception | Answers) -> None:
        self._answers = list(answers)
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)

    @property
    def is_used_up(self) -> bool:
        return not self._answers

    def body(self, number: int) -> dict[str, object]:
        """The JSON that was sent with a request."""
        return dict(json.loads(self.sent[number].content))


def partner_center(wire: Wire, *, clock: StandingClock | None = None, writes: bool = True) -> PartnerCenter:
    clock = clock or StandingClock()
    return PartnerCenter(partner_center_connection(wire, clock=clock, writes=writes), clock=clock)


def partner_center_connection(
    wire: Wire, *, clock: StandingClock | None = None, writes: bool = True
) -> PartnerCenterConnection:
    return PartnerCenterConnection(
        httpx.Client(transport=httpx.MockTransport(wire)),
        base_url="https://partner.example",
        partner_tenant_id=PARTNER,
        tokens=CountedTokens(),
        clock=clock or StandingClock(),
        writes=writes,
    )


def graph(wire: Wire, *, clock: StandingClock | None = None, writes: bool = True) -> GraphDirectory:
    return GraphDirectory(
        GraphConnection(
            httpx.Client(transport=httpx.MockTransport(wire)),
            base_url="https://graph.example",
            tokens=CountedTokens(),
            clock=clock or StandingClock(),
            writes=writes,
        )
    )


def subscription(**changes: object) -> dict[str, object]:
    """A subscription as Partner Center writes it."""
    return {
        "id": "a4c1340d-0000-4000-8000-000000000001",
        "offerId": "CFQ7TTC0LH18:0001:CFQ7TTC0TODAY",
        "offerName": "Microsoft 365 Business Basic",
        "productType": {"id": "OnlineServicesNCE"},
        "quantity": 4,
        "creationDate": "2026-11-15T16:57:15.0966728Z",
        "effectiveStartDate": "2026-11-15T16:57:14.498252Z",
        "commitmentEndDate": "2027-11-14T00:00:00Z",
        "status": "active",
        "autoRenewEnabled": True,
        "billingCycle": "monthly",
        "billingType": "license",
        "termDuration": "P1Y",
        "orderId": "34b37d7340cc",
        "somethingNew": {"kept": True},
        "refundableQuantity": {
            "totalQuantity": 3,
            "details": [{"quantity": 3, "allowedUntilDateTime": "2026-11-22T16:57:14Z"}],
        },
        "attributes": {"etag": "etag-1", "objectType": "Subscription"},
    } | changes
