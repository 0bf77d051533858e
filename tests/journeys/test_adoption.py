"""A tenant is linked, and what it already has is taken over with a billing start."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.journeys.outside import World, make_world
from tests.journeys.tampering import tamper
from tests.makers import make_customer

from perseat.capabilities.catalog.models import Offer
from perseat.capabilities.customers.models import Tenant
from perseat.capabilities.customers.tenants import TenantIsTaken
from perseat.capabilities.subscriptions.models import Service, Subscription
from perseat.domain.quote import DecreasePolicy
from perseat.journeys.adoption import (
    NoPriceFor,
    NothingToAdopt,
    ServiceExists,
    TermsNotUsable,
    adopt_subscriptions,
    link_tenant,
    list_adoptable,
)
from perseat.ports.failures import NotFound
from perseat.simulator.seeds import SeedSubscription

pytestmark = pytest.mark.django_db

ACTOR = "admin@provider.example"


def second_customer(world: World) -> tuple[int, str]:
    """Another customer, whose tenant holds seats at Microsoft already."""
    tenant_id = str(uuid4())
    world.simulator.seed_tenant(
        tenant_id=tenant_id,
        company="Umbrella Pty Ltd",
        domain=f"umbrella-{tenant_id[:8]}.example",
        country="AU",
        agreement=True,
        subscriptions=[
            SeedSubscription(sku="CFQ7TTC0LH18:0001", quantity=5),
            SeedSubscription(sku="CFQ7TTC0LCHC:0002", quantity=2),
        ],
    )
    return make_customer(legal_name="Umbrella Pty Ltd").pk, tenant_id


def adopt(world: World, customer_id: int, **changes: Any) -> int:
    arguments: dict[str, Any] = {
        "choices": [each.supplier_subscription_id for each in list_adoptable(world.outside, customer_id)],
        "billing_starts_on": date(2026, 11, 25),
        "anchor_day": 1,
        "term": "P1M",
        "cycle": "P1M",
        "policy": DecreasePolicy.ANYTIME,
        "actor": ACTOR,
        "now": world.now(),
    }
    return adopt_subscriptions(world.outside, customer_id=customer_id, **(arguments | changes))


def linked(world: World) -> int:
    customer_id, tenant_id = second_customer(world)
    link_tenant(world.outside, customer_id=customer_id, tenant_id=tenant_id, actor=ACTOR, now=world.now())
    return customer_id


def test_a_linked_tenant_is_known_with_its_domains_and_its_agreement() -> None:
    world = make_world()
    customer_id, tenant_id = second_customer(world)

    facts = link_tenant(world.outside, customer_id=customer_id, tenant_id=tenant_id, actor=ACTOR, now=world.now())

    tenant = Tenant.objects.get(customer_id=customer_id)
    assert facts.has_agreement
    assert tenant.domain in tenant.domains
    assert str(tenant.tenant_id) == tenant_id


def test_a_tenant_of_another_customer_cannot_be_linked() -> None:
    world = make_world()
    other = make_customer(legal_name="Umbrella Pty Ltd")

    with pytest.raises(TenantIsTaken):
        link_tenant(world.outside, customer_id=other.pk, tenant_id=world.tenant.tenant_id, actor=ACTOR, now=world.now())


def test_a_tenant_without_a_relationship_is_not_found() -> None:
    world = make_world()
    other = make_customer(legal_name="Umbrella Pty Ltd")

    with pytest.raises(NotFound):
        link_tenant(world.outside, customer_id=other.pk, tenant_id=uuid4(), actor=ACTOR, now=world.now())
    assert not Tenant.objects.filter(customer=other).exists()


def test_what_the_tenant_holds_becomes_a_service_with_a_billing_start() -> None:
    world = make_world()
    customer_id = linked(world)

    service = Service.objects.get(pk=adopt(world, customer_id))

    held = Subscription.objects.filter(service=service).values_list("offer__edition__code", "held_seats")
    assert dict(held) == {"basic": 5, "premium": 2}
    assert (service.billing_starts_on, service.anchor, service.anchor_day) == (
        date(2026, 11, 25),
        date(2026, 11, 1),
        1,
    )
    assert world.writes("/v1/customers") == [], "the supplier is only read"


def test_adopted_seats_cannot_be_adopted_twice() -> None:
    world = make_world()
    customer_id = linked(world)
    adopt(world, customer_id)

    assert {each.problem for each in list_adoptable(world.outside, customer_id)} == {"It is billed here already."}
    with pytest.raises(NothingToAdopt):
        adopt(world, customer_id)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"anchor_day": 32}, "anchor_day"),
        ({"cycle": "P1Y"}, "cycle"),
        ({"billing_starts_on": date(2026, 11, 1)}, "billing_starts_on"),
        ({"term": "P1Y", "cycle": "P1Y"}, "term"),
    ],
)
def test_terms_that_do_not_fit_are_named(changes: dict[str, Any], field: str) -> None:
    world = make_world()
    customer_id = linked(world)

    with pytest.raises(TermsNotUsable) as problem:
        adopt(world, customer_id, **changes)

    assert problem.value.field_name == field
    assert not Service.objects.filter(customer_id=customer_id).exists()


def test_an_edition_without_a_price_is_not_adopted_and_nothing_is_written() -> None:
    world = make_world()
    customer_id = linked(world)
    premium = Offer.objects.get(edition__code="premium")
    tamper("price", "UPDATE price SET starts_on = '2027-01-01' WHERE offer_id = %s", premium.pk)

    with pytest.raises(NoPriceFor):
        adopt(world, customer_id)

    assert not Service.objects.filter(customer_id=customer_id).exists()


def test_a_tenant_has_one_service() -> None:
    world = make_world(seats={"basic": 1}, at_microsoft={"standard": 1})
    (other,) = [each for each in list_adoptable(world.outside, world.customer.pk) if not each.problem]

    with pytest.raises(ServiceExists):
        adopt(
            world,
            world.customer.pk,
            choices=[other.supplier_subscription_id],
            billing_starts_on=world.now().date() + timedelta(days=1),
        )
