"""People for the pages' stories: more of them, tenants of their own, and a Microsoft that falls silent."""

from __future__ import annotations

from tests.journeys.outside import World
from tests.makers import make_service, make_tenant

from perseat.capabilities.subscriptions.models import Service
from perseat.ports.directory import NewPerson
from perseat.simulator.seeds import SeedUser


def add_people(world: World, *, count: int) -> None:
    """Users without a license, named so that they sort by their number."""
    for number in range(count):
        world.outside.directory.create_person(
            str(world.tenant.tenant_id),
            person=NewPerson(
                sign_in_name=f"person{number:03}@{world.tenant.domain}",
                display_name=f"Person {number:03}",
                first_name="Person",
                last_name=f"{number:03}",
                country="AU",
                password="quite A long 1st password",
            ),
        )


def make_tenant_with(world: World, *, people: tuple[SeedUser, ...]) -> Service:
    """Another tenant of the customer, with a service and these people."""
    tenant = make_tenant(world.customer)
    world.simulator.seed_tenant(
        tenant_id=str(tenant.tenant_id),
        company=world.customer.legal_name,
        domain=tenant.domain,
        country="AU",
        agreement=True,
        users=people,
    )
    return make_service(world.customer, tenant=tenant)


def silence(world: World) -> None:
    """Microsoft answers nothing any more."""
    only_silence(world, path="v1.0")


def only_silence(world: World, *, path: str, method: str = "GET") -> None:
    """Microsoft answers nothing any more at addresses that contain `path`."""
    world.line.lose_request(method=method, path=path, times=1000)
