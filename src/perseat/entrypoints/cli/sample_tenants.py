"""The demo's tenants at the simulator: who works there, and what they hold before Perseat sells to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
from django.conf import settings

ACME_TENANT = "5f2a6c1e-1d0b-4a57-9a3e-6f0c0c6a11d1"
UMBRELLA_TENANT = "8c9e7a54-3b6f-4d0e-b1a2-2f4d5e6a7b82"

_BASIC, _STANDARD, _PREMIUM = "O365_BUSINESS_ESSENTIALS", "O365_BUSINESS_PREMIUM", "SPB"

_ACME_PEOPLE = ("Olivia Novak", "Liam Carter", "Vera Lindqvist", "Noah Patel")

_UMBRELLA_PEOPLE = (
    *((name, _PREMIUM) for name in ("Uma Brandt", "Irene Moreau")),
    *((name, _STANDARD) for name in ("Ada Kowalski", "Bruno Silva", "Chloe Martin", "Dev Sharma", "Elena Rossi")),
    *(
        (name, _BASIC)
        for name in (
            "Farid Haddad", "Grace Kim", "Hugo Weber", "Isla Campbell", "Jonas Berg", "Keiko Tanaka",
            "Lucas Meyer", "Mia Johansson", "Nadia Petrova", "Omar Farouk", "Priya Nair",
        )
    ),
    *((name, "") for name in ("Quinn Taylor", "Rosa Delgado", "Sam O'Brien")),
)  # fmt: skip


class SimulatorControl:
    """The simulator's own address: plants tenants and moves its clock. Exists in the demo only."""

    def __init__(self) -> None:
        self._client = httpx.Client(base_url=settings.PERSEAT.partner_center_base_url, timeout=30)

    def plant_acme(self) -> None:
        """One Business Basic seat, which nobody holds yet."""
        self._plant(
            tenant_id=ACME_TENANT,
            company="Acme Pty Ltd",
            domain="acme.example",
            extra_domains=["acme-shop.example"],
            users=[_person(name, domain="acme.example") for name in _ACME_PEOPLE],
            subscriptions=[{"sku": _BASIC, "quantity": 1, "term": "P1M", "billing_cycle": "monthly"}],
        )

    def plant_umbrella(self) -> None:
        """A year's term, charged monthly: 12 Basic, 5 Standard, 2 Premium, nearly all of them in use."""
        bought = ((_BASIC, 12), (_STANDARD, 5), (_PREMIUM, 2))
        self._plant(
            tenant_id=UMBRELLA_TENANT,
            company="Umbrella Pty Ltd",
            domain="umbrella.example",
            users=[_person(name, domain="umbrella.example", sku=sku) for name, sku in _UMBRELLA_PEOPLE],
            subscriptions=[
                {"sku": sku, "quantity": seats, "term": "P1Y", "billing_cycle": "monthly"} for sku, seats in bought
            ],
        )

    def set_clock(self, moment: datetime) -> None:
        """Let the simulator live in the past for a while, so that terms and deadlines are true ones."""
        self._post("/control/clock", {"set": moment.isoformat()})

    def release_clock(self) -> None:
        """Back to real time."""
        self._post("/control/clock", {"set": _real_now().isoformat()})

    def _plant(self, **tenant: Any) -> None:
        self._post("/control/tenants", {"country": "AU", "agreement": True, **tenant})

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._client.post(path, json=body).raise_for_status()


def _person(name: str, *, domain: str, sku: str = "") -> dict[str, Any]:
    first, last = name.split(" ", 1)
    return {
        "user_principal_name": f"{first.lower()}@{domain}",
        "display_name": name,
        "given_name": first,
        "surname": last,
        "usage_location": "AU",
        "licenses": [sku] if sku else [],
    }


def _real_now() -> datetime:
    return datetime.now().astimezone()
