"""A customer's beginning, as the staff makes it: tenant, agreement, and the subscriptions that it already has."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pytest_django import Settings
from tests.journeys.outside import World, make_world
from tests.makers import SKU_IDS, make_customer, make_user

from perseat.capabilities.accounts.models import AuditEntry, User
from perseat.capabilities.customers.models import Tenant
from perseat.capabilities.subscriptions.models import Subscription
from perseat.domain.rights import StaffRole
from perseat.simulator.seeds import SeedSubscription

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def world(settings: Settings) -> World:
    made = make_world(seats={"basic": 1}, people={"Ada": "basic"})
    settings.OUTSIDE = made.outside
    return made


def test_a_tenant_of_another_customer_cannot_be_linked(world: World) -> None:
    other = make_customer(legal_name="Globex Pty Ltd")
    tenant = Tenant.objects.get(customer=world.customer)
    administrator = browser(make_user(staff_role=StaffRole.ADMINISTRATOR))
    address = f"/backoffice/customers/{other.number}/tenant/"

    taken = administrator.post(address, {"tenant_id": str(tenant.tenant_id)})
    mistyped = administrator.post(address, {"tenant_id": "12345"})
    unknown = administrator.post(address, {"tenant_id": "00000000-0000-0000-0000-000000000001"})

    assert f"belongs to customer {world.customer.number}" in taken.content.decode()
    assert "copy it whole" in mistyped.content.decode()
    assert unknown.status_code == 422
    assert not Tenant.objects.filter(customer=other).exists()


def test_the_page_of_a_tenant_shows_what_microsoft_holds(world: World) -> None:
    tenant = Tenant.objects.get(customer=world.customer)
    administrator = browser(make_user(staff_role=StaffRole.ADMINISTRATOR))

    page = administrator.get(f"/backoffice/customers/{world.customer.number}/tenant/{tenant.pk}/").content.decode()

    assert "It is billed here already." in page
    assert "This tenant has a service already" in page


def test_a_customers_beginning_tenant_linked_agreement_noted_subscriptions_taken_over(world: World) -> None:
    other = make_customer(legal_name="Globex Pty Ltd")
    tenant_id = "3d2f1f0e-7f53-4b8c-9d1c-5a0c3c1f7a11"
    world.simulator.seed_tenant(
        tenant_id=tenant_id,
        company="Globex",
        domain="globex.example",
        country="AU",
        agreement=False,
        subscriptions=[SeedSubscription(sku=str(SKU_IDS["basic"]), quantity=3)],
    )
    administrator = browser(make_user(staff_role=StaffRole.ADMINISTRATOR))
    today = world.clock.now().astimezone(ZoneInfo("Australia/Sydney")).date().isoformat()

    page = administrator.post(f"/backoffice/customers/{other.number}/tenant/", {"tenant_id": tenant_id}, follow=True)
    address = page.request["PATH_INFO"]
    (held,) = page.context["found"]
    administrator.post(
        f"{address}agreement/",
        {"first_name": "Gus", "last_name": "Globex", "email": "gus@globex.example", "agreed_on": today},
    )
    terms = {"billing_starts_on": today, "anchor_day": "15", "term": "P1M", "cycle": "P1M", "policy": "anytime"}
    misfit = administrator.post(address, {**terms, "cycle": "P1Y", "subscriptions": held.supplier_subscription_id})
    opened = administrator.post(address, {**terms, "subscriptions": held.supplier_subscription_id})
    twice = administrator.post(address, terms)

    assert Tenant.objects.get(customer=other).has_agreement
    assert "whole number of charge cycles" in misfit.content.decode()
    assert opened["Location"] == f"/backoffice/customers/{other.number}/"
    subscription = Subscription.objects.get(service__customer=other)
    assert (subscription.held_seats, subscription.supplier_subscription_id) == (3, held.supplier_subscription_id)
    assert twice.status_code == 422
    verbs = set(AuditEntry.objects.filter(customer_number=other.number).values_list("verb", flat=True))
    assert {"linked tenant", "recorded the Microsoft Customer Agreement", "adopted subscriptions"} <= verbs
