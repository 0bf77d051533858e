"""The real sandbox gateway client with its own side in hand: no network, its signatures are real."""

from __future__ import annotations

import json
from datetime import datetime
from types import MappingProxyType
from typing import cast

import httpx

from perseat.integrations.sandbox_gateway.client import SandboxGateway
from perseat.integrations.sandbox_gateway.payments import (
    PAGE_PATH,
    SandboxPayment,
    make_notice_body,
    may_refund,
    read_page_token,
    sign_notice,
)
from perseat.journeys.paying import take_notice
from perseat.ports.outside import Outside
from perseat.ports.payment_gateway import GatewayOutcome

SECRET = "whsec_dGhlIHNhbmRib3ggZ2F0ZXdheSBvZiB0aGUgdGVzdHM="
SHOP = "http://shop.example"


class Gateway:
    """What happens at the gateway: `decided` holds what the payer chose on its page, `sent_back` each refund by its id.

    `loses_answers`: so many of the next refunds are sent without an answer; `refuses`: it sends nothing back.
    """

    def __init__(self) -> None:
        self.decided: dict[str, GatewayOutcome] = {}
        self.sent_back: dict[str, int] = {}
        self.loses_answers = 0
        self.refuses = False
        self.asked: list[str] = []
        client = SandboxGateway(httpx.Client(transport=httpx.MockTransport(self._answer)), base_url=SHOP, secret=SECRET)
        # These journeys ask for gateways only; the other ports have stories of their own.
        self.outside = cast(Outside, _OnlyGateways(MappingProxyType({"sandbox": client})))

    def open_page(self, address: str) -> SandboxPayment:
        """The payment as the page at that address shows it."""
        return read_page_token(address.removeprefix(SHOP + PAGE_PATH).rstrip("/"), secret=SECRET)

    def tell(
        self,
        payment: SandboxPayment,
        *,
        outcome: GatewayOutcome,
        now: datetime,
        notice_id: str = "",
        secret: str = SECRET,
    ) -> None:
        """Send the shop a signed notice."""
        body = make_notice_body(payment, outcome=outcome)
        headers = sign_notice(body, secret=secret, epoch_seconds=int(now.timestamp()), notice_id=notice_id)
        take_notice(self.outside, gateway="sandbox", body=body, headers=headers, now=now)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if "/refunds/" in request.url.path:
            return self._refund(request)
        reference = request.url.path.rstrip("/").rsplit("/", 1)[-1]
        outcome = self.decided.get(reference)
        return httpx.Response(200, json={"outcome": outcome.value}) if outcome else httpx.Response(404)

    def _refund(self, request: httpx.Request) -> httpx.Response:
        _, _, reference, _, refund_id = request.url.path.strip("/").split("/")
        self.asked.append(request.method)
        if not may_refund(
            request.headers["Authorization"], gateway_reference=reference, refund_id=refund_id, secret=SECRET
        ):
            return httpx.Response(401)
        if request.method == "GET":
            return httpx.Response(200 if refund_id in self.sent_back else 404)
        if self.refuses:
            return httpx.Response(409)
        self.sent_back[refund_id] = json.loads(request.content)["amount_minor"]
        if self.loses_answers:
            self.loses_answers -= 1
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(200)


class _OnlyGateways:
    def __init__(self, gateways: MappingProxyType[str, SandboxGateway]) -> None:
        self.gateways = gateways
