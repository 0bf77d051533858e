"""A customer with one Business Basic seat, given to Ada, and the programs of the people who act for it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pytest_django import Settings
from tests.entrypoints.api.calling import Program, program_of
from tests.journeys.outside import World, make_world
from tests.makers import make_customer, make_member, make_service, pay, renew

from perseat.capabilities.invoicing.models import Document
from perseat.domain.rights import MemberRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """Each with a token of its own; `stranger` acts for another customer, `nobody` has no token."""

    owner: Program
    colleague: Program
    viewer: Program
    stranger: Program
    nobody: Program


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """The customer at a simulated Microsoft, its first period paid; the API uses its clock."""
    return begin_world(settings)


def begin_world(settings: Settings) -> World:
    """The same for a test with a database of its own."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody types one here
    made = make_world(seats={"basic": 1}, at_microsoft={"standard": 2}, people={"Ada": "basic", "Grace": "", "Bob": ""})
    settings.OUTSIDE = made.outside
    renew(made.customer, now=made.now())
    pay(Document.objects.get().number, amount_minor=990, now=made.now())  # the seat that was there: 9.00 and GST
    return made


@pytest.fixture
def owner(world: World) -> Program:
    """The owner's program."""
    return program_of(world, world.owner)


@pytest.fixture
def programs(world: World, owner: Program) -> Programs:
    """Who calls."""
    other = make_customer(legal_name="Umbrella Pty Ltd")
    make_service(other)
    return Programs(
        owner=owner,
        colleague=program_of(world, make_member(world.customer, role=MemberRole.LICENSE_MANAGER)),
        viewer=program_of(world, make_member(world.customer, role=MemberRole.VIEWER)),
        stranger=program_of(world, make_member(other)),
        nobody=Program(secret=""),
    )
