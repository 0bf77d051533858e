"""A customer with one Business Basic seat, given to Ada, and the people who look at its pages."""

from __future__ import annotations

from dataclasses import dataclass, replace

import httpx
import pytest
from django.test import Client
from pytest_django import Settings
from tests.journeys.outside import World, make_world
from tests.makers import make_customer, make_member, make_service, pay, renew

from perseat.capabilities.invoicing.models import Document
from perseat.domain.rights import MemberRole
from perseat.integrations.sandbox_gateway.client import SandboxGateway
from perseat.wiring import sandbox_secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitors:
    """Each logged in with a browser of their own; `stranger` owns another customer."""

    owner: Client
    colleague: Client
    viewer: Client
    stranger: Client
    nobody: Client


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """The customer at a simulated Microsoft, its first period paid; pages use its clock, cards the sandbox."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody types one here
    settings.PERSEAT = settings.PERSEAT.model_copy(update={"sandbox_gateway": "on", "base_url": "http://testserver"})
    made = make_world(seats={"basic": 1}, people={"Ada": "basic", "Grace": ""})
    gateway = SandboxGateway(httpx.Client(), base_url="http://testserver", secret=sandbox_secret(settings.PERSEAT))
    made.outside = replace(made.outside, gateways={"sandbox": gateway})
    settings.OUTSIDE = made.outside
    renew(made.customer, now=made.now())
    pay(Document.objects.get().number, amount_minor=990, now=made.now())  # the seat that was there: 9.00 and GST
    return made


@pytest.fixture
def visitors(world: World) -> Visitors:
    """Who comes to the pages."""
    other = make_customer(legal_name="Umbrella Pty Ltd")
    make_service(other)
    return Visitors(
        owner=_logged_in(world.owner),
        colleague=_logged_in(make_member(world.customer, role=MemberRole.LICENSE_MANAGER)),
        viewer=_logged_in(make_member(world.customer, role=MemberRole.VIEWER)),
        stranger=_logged_in(make_member(other)),
        nobody=Client(),
    )


@pytest.fixture
def owner(visitors: Visitors) -> Client:
    """The owner's browser."""
    return visitors.owner


def _logged_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client
