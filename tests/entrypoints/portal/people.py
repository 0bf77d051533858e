"""People for the pages' stories: more of them, tenants of their own, and a Microsoft that falls silent."""

from __future__ import annotations

from pytest_django import Settings
from tests.journeys.outside import World, make_world
from tests.makers import make_service, make_tenant

from perseat.capabilities.subscriptions.models import Service
from perseat.ports.directory import NewPerson
from perseat.simulator.seeds import SeedUser


def make_roomy_world(settings: Settings) -> World:
    """A tenant with seats to spare: Ada holds Basic, Grace nothing, Bob has Basic from a group."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody types one here
    made = make_world(
        seats={"basic": 3},
        at_microsoft={"standard": 2},
        people={"Ada": "basic", "Grace": ""},
        groups={"Bob": "basic"},
    )
    settings.OUTSIDE = made.outside
    return made


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
    only_silence(world, path="v1.0", method="")


def only_silence(world: World, *, path: str, method: str = "GET") -> None:
    """Microsoft answers nothing any more at addresses in which the pattern is found; any method when it is empty."""
    world.line.lose_request(method=method, path=path, times=1000)
