"""A new tenant: made once whatever is lost, its first password told once and kept nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import structlog.testing
from django.db import connection
from tests.journeys.beginnings import ADDRESS, Beginning, begin, new_tenant
from tests.journeys.outside import outside_without_writes
from tests.makers import clerk_id, make_customer

from perseat.capabilities.accounts.models import AuditEntry
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.customers.models import Tenant, TenantBeginning
from perseat.capabilities.customers.tenant_queries import find_creation
from perseat.capabilities.customers.tenants import TenantIsOnItsWay, withdraw_beginning
from perseat.domain.tenant_checklist import ItemState, Part
from perseat.domain.tenant_facts import BeginningState
from perseat.journeys.tenant_creation import (
    DomainTaken,
    PrefixUnusable,
    check_address,
    check_domain,
    create_tenant,
    domain_of,
    read_written,
    written,
)
from perseat.ports.failures import Refused, WritesAreOff
from perseat.ports.tenancies import AddressVerdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def beginning() -> Beginning:
    return begin()


def everything_kept() -> str:
    """Every row of every table, jobs and the audit trail among them, as text."""
    found = []
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - the database's own names
            found.append(repr(cursor.fetchall()))
    return "".join(found)


def test_a_tenant_is_made_and_linked_and_its_password_kept_nowhere(beginning: Beginning) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = beginning.create()

    assert answer.made is not None
    assert len(answer.made.password) > 8
    assert "/customers" in repr(logs)
    assert answer.made.password not in repr(logs)
    kept = everything_kept()
    assert "globex.onmicrosoft.com" in kept
    assert answer.made.password not in kept
    assert answer.made.password not in repr(answer)
    tenant = Tenant.objects.get(pk=answer.tenant_row_id)
    assert (tenant.customer_id, tenant.domain) == (beginning.customer.pk, "globex.onmicrosoft.com")
    assert beginning.item(Part.TENANT).is_done
    verbs = AuditEntry.objects.filter(customer_number=beginning.customer.number).values_list("verb", flat=True)
    assert {"asked Microsoft for a tenant", "linked tenant", "asked for delegated access"} <= set(verbs)


def test_a_lost_answer_is_read_back_by_the_domain(beginning: Beginning) -> None:
    beginning.world.line.lose_answer(method="POST", path="/v1/customers$", times=1)

    answer = beginning.create()

    assert answer.made is None
    assert answer.tenant_row_id is not None
    assert beginning.made_tenants() == 1


def test_when_microsoft_stays_silent_the_worker_finds_what_was_made(beginning: Beginning) -> None:
    beginning.world.line.lose_answer(method="POST", path="/v1/customers$")
    beginning.world.line.lose_request(method="GET", path="/v1/customers$", times=3)

    answer = beginning.create()
    waiting = beginning.item(Part.TENANT)
    beginning.work()

    assert (answer.made, answer.tenant_row_id) == (None, None)
    assert waiting.state is ItemState.WAITS_FOR_US
    assert beginning.item(Part.TENANT).is_done
    assert beginning.made_tenants() == 1


def test_a_request_that_never_arrived_can_be_repeated_and_tells_the_password(beginning: Beginning) -> None:
    beginning.world.line.lose_request(method="POST", path="/v1/customers$")

    lost = beginning.create()
    beginning.work()
    again = beginning.create()

    assert (lost.made, lost.tenant_row_id) == (None, None)
    assert again.made is not None
    assert again.made.password
    assert beginning.made_tenants() == 1
    assert TenantBeginning.objects.filter(customer=beginning.customer).count() == 1


def test_a_button_pressed_twice_tells_the_same_password_twice_and_makes_one_tenant(beginning: Beginning) -> None:
    first, second = beginning.create(), beginning.create()

    assert first.made is not None
    assert second.made == first.made
    assert second.tenant_row_id == first.tenant_row_id
    assert beginning.made_tenants() == 1


def test_a_taken_name_is_refused_before_anything_is_recorded(beginning: Beginning) -> None:
    beginning.create()
    other = make_customer(legal_name="Initech Pty Ltd")

    with pytest.raises(DomainTaken, match=r"globex\.onmicrosoft\.com is taken"):
        create_tenant(
            beginning.world.outside,
            tenant=new_tenant(),
            customer_id=other.pk,
            user_id=beginning.administrator.pk,
            now=beginning.world.now(),
        )
    with pytest.raises(DomainTaken):
        check_domain(beginning.world.outside, prefix="Globex", customer_id=other.pk, now=beginning.world.now())
    assert not TenantBeginning.objects.filter(customer=other).exists()


def test_a_name_on_its_way_for_one_customer_is_not_given_to_another(beginning: Beginning) -> None:
    beginning.world.line.lose_request(method="POST", path="/v1/customers$")
    beginning.create()
    other = make_customer(legal_name="Initech Pty Ltd")

    with pytest.raises(TenantIsOnItsWay, match=beginning.customer.number):
        create_tenant(
            beginning.world.outside,
            tenant=new_tenant(),
            customer_id=other.pk,
            user_id=beginning.administrator.pk,
            now=beginning.world.now(),
        )


def test_what_microsoft_refuses_stands_on_the_list_until_it_is_taken_back(beginning: Beginning) -> None:
    body = {"code": 600051, "description": "Phone number is required.", "data": [], "source": "PartnerFD"}
    beginning.at_microsoft(
        "faults",
        kind="error",
        match={"method": "POST", "path_regex": "/v1/customers$"},
        answer={"status": 400, "body": body},
    )

    with pytest.raises(Refused, match="telephone number"):
        beginning.create()
    refused = beginning.item(Part.TENANT)
    row = TenantBeginning.objects.get(customer=beginning.customer)
    withdraw_beginning(
        row.pk, customer_id=beginning.customer.pk, user_id=beginning.administrator.pk, now=beginning.world.now()
    )

    assert refused.state is ItemState.WRONG
    assert "telephone number" in refused.for_staff
    assert "Begin" not in refused.for_staff
    row.refresh_from_db()
    assert row.state == BeginningState.WITHDRAWN
    assert beginning.create().made is not None


def test_trying_again_answers_what_was_refused(beginning: Beginning) -> None:
    match = {"method": "POST", "path_regex": "/v1/customers$"}
    body = {"code": 600051, "description": "x", "data": [], "source": "PartnerFD"}
    beginning.at_microsoft("faults", kind="error", match=match, answer={"status": 400, "body": body})
    with pytest.raises(Refused):
        beginning.create()

    beginning.create()

    assert beginning.item(Part.TENANT).is_done


def test_with_writing_switched_off_nothing_is_recorded_or_sent(beginning: Beginning) -> None:
    with pytest.raises(WritesAreOff):
        create_tenant(
            outside_without_writes(beginning.world),
            tenant=new_tenant(),
            customer_id=beginning.customer.pk,
            user_id=beginning.administrator.pk,
            now=beginning.world.now(),
        )

    assert not TenantBeginning.objects.exists()


def test_only_an_administrator_creates_tenants(beginning: Beginning) -> None:
    with pytest.raises(NotAllowed):
        create_tenant(
            beginning.world.outside,
            tenant=new_tenant(),
            customer_id=beginning.customer.pk,
            user_id=clerk_id(),
            now=beginning.world.now(),
        )


@pytest.mark.parametrize("typed", ["", "glo bex", "glo-bex", "globéx", "a" * 28, "globex.example"])
def test_a_name_that_microsoft_would_not_take_is_said_to_be_unusable(typed: str) -> None:
    with pytest.raises(PrefixUnusable):
        domain_of(typed)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, AddressVerdict.GOOD),
        ({"city": "sydney"}, AddressVerdict.BETTER_SPELLING),
        ({"postal_code": "1"}, AddressVerdict.UNKNOWN),
    ],
)
def test_an_address_is_checked_and_who_it_is_for_stays(
    beginning: Beginning, changes: dict[str, Any], verdict: AddressVerdict
) -> None:
    found = check_address(beginning.world.outside, replace(ADDRESS, **changes))

    assert found.verdict is verdict
    if verdict is AddressVerdict.BETTER_SPELLING:
        assert found.suggestion == ADDRESS


def test_what_was_typed_is_read_back_as_it_was(beginning: Beginning) -> None:
    beginning.world.line.lose_request(method="POST", path="/v1/customers$")
    beginning.create()

    kept = find_creation("globex.onmicrosoft.com", customer_id=beginning.customer.pk)

    assert kept is not None
    assert kept.typed == written(new_tenant())
    assert read_written(kept) == new_tenant()
