"""What staff see of a tenant's subscriptions at Microsoft, and how they suspend its seats."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from pytest_django import Settings
from tests.journeys.outside import World, make_world
from tests.makers import make_customer, make_user

from perseat.capabilities.accounts.models import User
from perseat.capabilities.provisioning.models import Delivery
from perseat.capabilities.provisioning.suspensions import get_suspension
from perseat.domain.fulfillment import DeliveryAct, DeliveryState, OrderState
from perseat.domain.rights import StaffRole
from perseat.journeys.suspension import carry_out_suspension
from perseat.simulator.store import NextTerm

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def administrator() -> Client:
    return browser(make_user(staff_role=StaffRole.ADMINISTRATOR))


@pytest.fixture
def world(settings: Settings) -> World:
    made = make_world(seats={"basic": 2}, at_microsoft={"premium": 3}, people={"Ada": "basic"}, term="P1Y")
    settings.OUTSIDE = made.outside
    return made


def address_of(world: World, what: str = "at-microsoft") -> str:
    return f"/backoffice/customers/{world.customer.number}/tenant/{world.tenant.pk}/{what}/"


def test_the_page_shows_each_subscription_with_its_end_and_who_bills_it(world: World) -> None:
    stored = world.simulator.store.tenants[str(world.tenant.tenant_id)].subscriptions
    basic, premium = stored.values()
    premium.auto_renew = False
    basic.next_term = NextTerm(
        product_id="CFQ7TTC0LDPB",
        sku_id="0001",
        availability_id="CFQ7TTC0ABCD",
        billing_cycle="monthly",
        term_duration="P3Y",
        quantity=1,
        custom_term_end_date=date(2029, 12, 31),
    )

    page = administrator().get(address_of(world))

    ours, others = page.context["found"]
    assert (ours.held, others.held) == (2, None)
    assert ours.terms == "a year, charged monthly"
    assert ours.at_the_end == (
        "renewed with 1 seat, as Microsoft 365 Business Standard, for three years, "
        "a first term that ends on 31 December 2029"
    )
    assert others.at_the_end == "not renewed"
    assert "2 can be given back" in page.content.decode()


def test_a_silent_microsoft_is_said_and_the_page_still_opens(world: World) -> None:
    world.wire.is_silent = True

    page = administrator().get(address_of(world))

    assert page.status_code == 200
    assert "Microsoft did not answer" in page.content.decode()


def test_an_administrator_suspends_with_a_reason_and_opens_again(world: World) -> None:
    client = administrator()

    without_reason = client.post(address_of(world, "suspend"), {"reason": ""})
    client.post(address_of(world, "suspend"), {"reason": "Unpaid for 60 days"})
    suspension = get_suspension(world.service.pk)
    assert suspension is not None
    carry_out_suspension(world.outside, suspension.suspension_id)
    page = client.get(address_of(world)).content.decode()
    client.post(address_of(world, "resume"), {"reason": "Paid"})
    carry_out_suspension(world.outside, suspension.suspension_id)

    assert without_reason.status_code == 422
    assert "Say why" in without_reason.content.decode()
    assert "Unpaid for 60 days" in page
    assert "Open the seats again" in page
    assert get_suspension(world.service.pk) is None


def test_a_clerk_looks_and_does_not_suspend_and_strangers_see_nothing(world: World) -> None:
    clerk = browser(make_user(staff_role=StaffRole.CLERK))
    other = make_customer(legal_name="Globex Pty Ltd")

    page = clerk.get(address_of(world))
    refused = clerk.post(address_of(world, "suspend"), {"reason": "Because"})
    elsewhere = administrator().get(f"/backoffice/customers/{other.number}/tenant/{world.tenant.pk}/at-microsoft/")
    stranger = browser(world.owner).get(address_of(world))

    assert "Suspend all seats" not in page.content.decode()
    assert refused.status_code == 403
    assert get_suspension(world.service.pk) is None
    assert (elsewhere.status_code, stranger.status_code) == (404, 404)


def test_a_parked_upgrade_can_be_bought_instead(world: World) -> None:
    world.simulator.store.tenants[str(world.tenant.tenant_id)].subscriptions.popitem()  # nobody else's Premium
    world.trouble_upgrades(code=6)
    waiting = world.deliver(world.order(basic=0, premium=2))
    parked = Delivery.objects.get(order=waiting, state=DeliveryState.PARKED, act=DeliveryAct.UPGRADE)
    address = f"/backoffice/deliveries/{parked.pk}/"
    client = browser(make_user(staff_role=StaffRole.CLERK))

    page = client.get(address).content.decode()
    client.post(f"{address}buy-instead/", {"buy-reason": "The add-ons go."})
    order = world.deliver(waiting.pk)

    assert "has add-ons, which Microsoft does not upgrade along" in page
    assert "Buy instead" in page
    assert order.state == OrderState.READY
    assert world.seats_at_microsoft() == {"premium": 2}
