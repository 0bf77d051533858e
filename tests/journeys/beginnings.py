"""A provider that reaches its customers by delegated access, with one customer who has no tenant yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from tests.journeys.outside import World, make_world
from tests.makers import make_customer, make_user

from perseat.capabilities.accounts.models import User
from perseat.capabilities.customers.models import Customer
from perseat.capabilities.customers.tenant_queries import list_open_beginnings, list_tenants_to_read
from perseat.domain.rights import StaffRole
from perseat.domain.tenant_checklist import Item, Part
from perseat.journeys.tenant_beginning import TenantChecklist, get_tenant_checklists
from perseat.journeys.tenant_creation import CreationAnswer, create_tenant, domain_of
from perseat.journeys.tenant_finding import look_for_tenant
from perseat.journeys.tenant_standing import read_tenant
from perseat.ports.failures import OutsideFailure
from perseat.ports.tenancies import NewTenant, PostalAddress
from perseat.simulator.seeds import SeedTenant

GROUP = "9f0a7c52-4c1e-4f7b-8f56-3d1b0c2e4a90"
STRANGER = "1d7d5c1a-5b0e-4d7e-9d0b-5f7f0b0f7a01"
ADDRESS = PostalAddress(
    street="1 Main Street",
    city="Sydney",
    region="NSW",
    postal_code="2000",
    country="AU",
    first_name="Gus",
    last_name="G",
)


@dataclass(kw_only=True)
class Beginning:
    """The provider's side of a customer that begins."""

    world: World
    customer: Customer
    administrator: User

    def create(self, name: str = "globex") -> CreationAnswer:
        return create_tenant(
            self.world.outside,
            tenant=new_tenant(name),
            customer_id=self.customer.pk,
            user_id=self.administrator.pk,
            now=self.world.now(),
        )

    def work(self, *, minutes: int = 5) -> None:
        """What the worker's schedule does, some minutes later; whoever is silent is asked again the next time."""
        self.world.clock.move(timedelta(minutes=minutes))
        for beginning_id in list_open_beginnings():
            self._quietly(lambda each=beginning_id: look_for_tenant(self.world.outside, each, now=self.world.now()))
        for row_id in list_tenants_to_read(now=self.world.now()):
            self._quietly(lambda each=row_id: read_tenant(self.world.outside, each, now=self.world.now()))

    def live(self, *, days: int) -> None:
        """Let days go by; the worker is at work, so that our own consent does not end unused."""
        for _span in range(days // 40):
            self.work(minutes=40 * 24 * 60)
        self.work(minutes=days % 40 * 24 * 60)

    def checklist(self) -> TenantChecklist:
        """The customer's only list."""
        (found,) = get_tenant_checklists(self.world.outside, customer_id=self.customer.pk, now=self.world.now())
        return found

    def item(self, part: Part) -> Item:
        return next(each for each in self.checklist().items if each.part is part)

    def plant_stranger(self, **facts: Any) -> None:
        """An organization that is not our customer yet."""
        self.world.simulator.plant(
            SeedTenant(
                tenant_id=STRANGER,
                company="Globex",
                domain="globex.example",
                country="AU",
                **{"is_customer": False, "needs_relationship": True, "agreement": False, **facts},
            )
        )

    def at_microsoft(self, path: str, **body: Any) -> None:
        """What the customer's administrator does there, through the simulator's own address."""
        with httpx.Client(
            transport=httpx.WSGITransport(self.world.simulator), base_url="http://simulator.test"
        ) as door:
            door.post(f"/control/{path}", json=body).raise_for_status()

    def answer_access(self, action: str) -> None:
        """Approve, reject or end the newest relationship."""
        newest = list(self.world.simulator.store.relationships)[-1]
        self.at_microsoft("relationships", id=newest, action=action)

    def made_tenants(self, name: str = "globex") -> int:
        """How many tenants of this name there are at Microsoft."""
        tenants = self.world.simulator.store.tenants.values()
        return sum(domain_of(name) == each.default_domain for each in tenants)

    def _quietly(self, act: Any) -> None:
        try:
            act()
        except OutsideFailure:
            return


def begin() -> Beginning:
    """Nothing is there but the customer."""
    return Beginning(
        world=make_world(gdap_group_id=GROUP),
        customer=make_customer(legal_name="Globex Pty Ltd"),
        administrator=make_user(staff_role=StaffRole.ADMINISTRATOR),
    )


def new_tenant(name: str = "globex") -> NewTenant:
    return NewTenant(
        domain=domain_of(name),
        company="Globex Pty Ltd",
        email="gus@globex.example",
        culture="en-AU",
        language="en",
        registration_number="",
        address=ADDRESS,
    )
