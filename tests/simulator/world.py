"""A simulated Microsoft with one customer, and the calls a reseller makes to it."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import httpx

from perseat.simulator.app import Simulator
from perseat.simulator.clock import SimulatorClock
from perseat.simulator.credentials import CLIENT_ID, CLIENT_SECRET, PARTNER_TENANT, REFRESH_TOKEN

ACME = "0b9a3c54-6a5e-4f0f-9d55-6f2f1f1b7a10"
DOMAIN = "acme.onmicrosoft.com"
BASIC, STANDARD, PREMIUM = "CFQ7TTC0LH18:0001", "CFQ7TTC0LDPB:0001", "CFQ7TTC0LCHC:0002"
BASIC_ID = "3b555118-da6a-4418-894f-7df1e2096870"
STANDARD_ID = "f245ecc8-75af-4f8e-b61f-27d8114de5f3"
EXCHANGE_1_ID, EXCHANGE_2_ID = "4b9405b0-7788-4568-add1-99614e613b69", "19ec0d23-8335-4cbd-94ac-6050e30712fa"
PARTNER_CENTER, GRAPH = "https://api.partnercenter.microsoft.com", "https://graph.microsoft.com"


@dataclasses.dataclass(kw_only=True)
class World:
    """The simulator, its clock, and a client at its address."""

    simulator: Simulator
    clock: SimulatorClock
    client: httpx.Client

    def ask_token(self, *, tenant: str, audience: str, version: int = 2, **form: Any) -> httpx.Response:
        """Ask for a token as the application; `form` replaces parts of the request."""
        resource = {"scope": f"{audience}/.default"} if version == 2 else {"resource": audience}
        data = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        path = "oauth2/v2.0/token" if version == 2 else "oauth2/token"
        return self.client.post(f"/{tenant}/{path}", data={**data, **resource, **form})

    def partner(self, method: str, path: str, **extra: Any) -> httpx.Response:
        """Call Partner Center with a fresh token of a person."""
        token = self.ask_token(
            tenant=PARTNER_TENANT, audience=PARTNER_CENTER, grant_type="refresh_token", refresh_token=REFRESH_TOKEN
        )
        return self._call(method, f"/v1{path}", token=token.json()["access_token"], **extra)

    def acme(self, method: str, path: str, **extra: Any) -> httpx.Response:
        """Call Partner Center about the customer."""
        return self.partner(method, f"/customers/{ACME}{path}", **extra)

    def graph(self, method: str, path: str, **extra: Any) -> httpx.Response:
        """Call Graph about the customer's tenant with a fresh token."""
        token = self.ask_token(tenant=ACME, audience=GRAPH).json()["access_token"]
        return self._call(method, f"/v1.0{path}", token=token, **extra)

    def _call(
        self, method: str, path: str, *, token: str, headers: dict[str, str] | None = None, **extra: Any
    ) -> httpx.Response:
        return self.client.request(
            method, path, headers={"Authorization": f"Bearer {token}", **(headers or {})}, **extra
        )

    def item(self, key: str) -> str:
        """The catalog item to be bought today."""
        product, sku = key.split(":")
        found = self.acme("GET", f"/products/{product}/skus/{sku}/availabilities").json()["items"]
        return str(found[0]["catalogItemId"])

    def cart(
        self, key: str, *, quantity: int, term: str = "P1M", cycle: str = "monthly", **extra: Any
    ) -> dict[str, Any]:
        """A cart of one line."""
        line = {
            "id": 0,
            "catalogItemId": self.item(key),
            "quantity": quantity,
            "termDuration": term,
            "billingCycle": cycle,
        }
        answer = self.acme("POST", "/carts", json={"lineItems": [{**line, **extra}]})
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def check_out(self, cart: dict[str, Any], **headers: str) -> httpx.Response:
        """Buy a cart."""
        return self.acme("POST", f"/carts/{cart['id']}/checkout", headers=headers)

    def buy(self, key: str, *, quantity: int, term: str = "P1M", cycle: str = "monthly") -> str:
        """Buy seats; the id of the subscription."""
        answer = self.check_out(self.cart(key, quantity=quantity, term=term, cycle=cycle))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["orders"][0]["lineItems"][0]["subscriptionId"])

    def subscription(self, subscription_id: str) -> dict[str, Any]:
        """A subscription as Partner Center shows it."""
        answer = self.acme("GET", f"/subscriptions/{subscription_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def change(self, subscription_id: str, **changes: Any) -> httpx.Response:
        """PATCH the whole subscription as it is now, with some properties replaced."""
        body = {**self.subscription(subscription_id), **changes}
        return self.acme("PATCH", f"/subscriptions/{subscription_id}", json=body)

    def seats_in_directory(self, sku_id: str) -> int:
        """Enabled seats of a SKU in subscribedSkus; none when there is no row."""
        rows = self.graph("GET", "/subscribedSkus").json()["value"]
        return sum(row["prepaidUnits"]["enabled"] for row in rows if row["skuId"] == sku_id)

    def add_user(self, name: str, *, usage_location: str | None = "AU", **extra: Any) -> str:
        """A new person; the id."""
        body = {
            "accountEnabled": True,
            "displayName": name.capitalize(),
            "mailNickname": name,
            "userPrincipalName": f"{name}@{DOMAIN}",
            "passwordProfile": {"password": "xWwvJ]6NMw+bWH-d", "forceChangePasswordNextSignIn": True},
            "usageLocation": usage_location,
            **extra,
        }
        answer = self.graph("POST", "/users", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def assign(self, user: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> httpx.Response:
        """Call assignLicense with whole SKUs."""
        body = {
            "addLicenses": [{"skuId": sku_id, "disabledPlans": []} for sku_id in add],
            "removeLicenses": list(remove),
        }
        return self.graph("POST", f"/users/{user}/assignLicense", json=body)

    def advance(self, **span: float) -> None:
        """Move the clock."""
        self.clock.advance(datetime.timedelta(**span))
