"""A whole beginning: a tenant accepts us, the agreement is signed, access is approved; and how it ends again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.journeys.beginnings import GROUP, STRANGER, Beginning, begin
from tests.makers import make_customer

from perseat.capabilities.customers.models import DelegatedAccess, Tenant
from perseat.capabilities.customers.tenant_queries import list_ending_accesses, list_tenants_to_read
from perseat.capabilities.customers.tenants import AccessIsInForce
from perseat.domain.tenant_access import DIRECTORY_READERS
from perseat.domain.tenant_checklist import ItemState, Part
from perseat.journeys.agreement import accept_agreement
from perseat.journeys.tenant_access import ask_access
from perseat.journeys.tenant_linking import NoDomain, invite_tenant, name_of_tenant
from perseat.ports.failures import CredentialsRefused
from perseat.ports.seat_provider import AgreementContact
from perseat.simulator.relationships import AccessAssignment

pytestmark = pytest.mark.django_db


@pytest.fixture
def beginning() -> Beginning:
    return begin()


def invite(beginning: Beginning, name: str = "globex.example") -> int:
    return invite_tenant(
        beginning.world.outside,
        name=name,
        customer_id=beginning.customer.pk,
        user_id=beginning.administrator.pk,
        now=beginning.world.now(),
    )


def sign(beginning: Beginning) -> None:
    accept_agreement(
        beginning.world.outside,
        customer_id=beginning.customer.pk,
        tenant_row_id=Tenant.objects.get(customer=beginning.customer).pk,
        contact=AgreementContact(
            first_name="Gus", last_name="Globex", email="gus@globex.example", agreed_on=date(2026, 11, 20)
        ),
        user_id=beginning.administrator.pk,
        now=beginning.world.now(),
    )


def ask_for_access(beginning: Beginning) -> None:
    ask_access(
        beginning.world.outside,
        customer_id=beginning.customer.pk,
        tenant_row_id=Tenant.objects.get(customer=beginning.customer).pk,
        user_id=beginning.administrator.pk,
        now=beginning.world.now(),
    )


def states(beginning: Beginning) -> dict[Part, ItemState]:
    return {each.part: each.state for each in beginning.checklist().items}


def complete(beginning: Beginning) -> None:
    """Go all the way at once."""
    beginning.create()
    sign(beginning)
    beginning.work()
    beginning.answer_access("approve")
    beginning.work()
    beginning.work()
    assert beginning.checklist().is_complete


@pytest.mark.parametrize("name", ["globex.example", STRANGER.upper()])
def test_an_existing_tenant_begins_step_by_step(beginning: Beginning, name: str) -> None:
    beginning.plant_stranger()
    invite(beginning, name)
    beginning.work()
    invited = beginning.item(Part.TENANT)

    beginning.at_microsoft("settings", tenant_id=STRANGER, reseller="accepted")
    beginning.work()
    linked = states(beginning)
    sign(beginning)
    beginning.work()
    waiting = beginning.item(Part.ACCESS)
    beginning.answer_access("approve")
    beginning.work()
    beginning.work()

    assert invited.state is ItemState.WAITS_FOR_CUSTOMER
    assert "partner-invitation" in invited.link
    assert linked == {
        Part.TENANT: ItemState.DONE,
        Part.AGREEMENT: ItemState.WAITS_FOR_CUSTOMER,
        Part.ACCOUNT: ItemState.DONE,
        Part.ACCESS: ItemState.WAITS_FOR_CUSTOMER,
        Part.GROUP: ItemState.WAITS_FOR_US,
        Part.REACH: ItemState.WAITS_FOR_US,
    }
    assert waiting.link.startswith("https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/")
    assert beginning.checklist().is_complete
    assert beginning.item(Part.AGREEMENT).text == "Accepted by Gus Globex."


@pytest.mark.parametrize("lost", ["request", "answer"])
@pytest.mark.parametrize("call", range(9))
def test_whatever_is_lost_on_the_way_one_of_each_is_made(beginning: Beginning, lost: str, call: int) -> None:
    line = beginning.world.line
    lose = line.lose_request if lost == "request" else line.lose_answer
    beginning.create()
    sign(beginning)
    lose(path="delegatedAdmin", skip=call, times=3)

    for _round in range(3):
        beginning.work()
    beginning.answer_access("approve")
    for _round in range(4):
        beginning.work()

    assert beginning.checklist().is_complete
    (relationship,) = beginning.world.simulator.store.relationships.values()
    assert len(relationship.assignments) == 1
    assert beginning.made_tenants() == 1


def test_inviting_twice_waits_once_and_a_name_must_be_one(beginning: Beginning) -> None:
    assert invite(beginning) == invite(beginning, " GLOBEX.example ")
    for wrong in ("globex", "https://globex.example", "1234", ""):
        with pytest.raises(NoDomain):
            name_of_tenant(wrong)


def test_a_tenant_of_another_customer_is_not_taken_over(beginning: Beginning) -> None:
    other = make_customer(legal_name="Initech Pty Ltd")
    taken = beginning.world.tenant
    beginning.customer = other
    invite(beginning, str(taken.tenant_id))

    beginning.work()

    assert beginning.item(Part.TENANT).state is ItemState.WRONG
    assert beginning.world.customer.number in beginning.item(Part.TENANT).for_staff


def test_what_microsoft_says_of_the_account_stands_on_the_list(beginning: Beginning) -> None:
    beginning.create()
    tenant_id = str(Tenant.objects.get(customer=beginning.customer).tenant_id)
    beginning.at_microsoft("settings", tenant_id=tenant_id, validation_status="InReview")
    beginning.work()
    in_review = beginning.item(Part.ACCOUNT).state
    beginning.at_microsoft("settings", tenant_id=tenant_id, validation_status="NotAllowed")
    beginning.work()

    assert in_review is ItemState.WAITS_FOR_US
    assert beginning.item(Part.ACCOUNT).state is ItemState.WRONG


def test_an_agreement_signed_at_microsoft_is_noticed(beginning: Beginning) -> None:
    beginning.create()
    tenant_id = str(Tenant.objects.get(customer=beginning.customer).tenant_id)
    beginning.at_microsoft("settings", tenant_id=tenant_id, agreement="signed")

    beginning.work()

    assert beginning.item(Part.AGREEMENT).is_done
    assert "at Microsoft" in beginning.item(Part.AGREEMENT).for_staff
    assert Tenant.objects.get(customer=beginning.customer).has_agreement


def test_an_end_is_warned_of_renewed_and_otherwise_noticed(beginning: Beginning) -> None:
    complete(beginning)
    with pytest.raises(AccessIsInForce):
        ask_for_access(beginning)

    beginning.live(days=680)
    warned = beginning.item(Part.ACCESS)
    warnings = [each.domain for each in list_ending_accesses(now=beginning.world.now())]
    ask_for_access(beginning)
    beginning.work()
    asked = beginning.item(Part.ACCESS)
    beginning.answer_access("approve")
    beginning.work()
    beginning.work()

    assert (warned.state, warned.until is not None) == (ItemState.WAITS_FOR_US, True)
    assert warnings == ["globex.onmicrosoft.com"]
    assert (asked.state, bool(asked.link)) == (ItemState.WAITS_FOR_CUSTOMER, True)
    assert beginning.checklist().is_complete
    assert list_ending_accesses(now=beginning.world.now()) == ()
    beginning.live(days=60)
    assert beginning.checklist().is_complete
    assert sorted(DelegatedAccess.objects.values_list("state", flat=True)) == ["active", "expired"]


def test_access_that_has_expired_takes_the_directory_with_it(beginning: Beginning) -> None:
    complete(beginning)

    beginning.live(days=731)

    assert beginning.item(Part.ACCESS).state is ItemState.WRONG
    assert "expired" in beginning.item(Part.ACCESS).for_staff
    ask_for_access(beginning)
    beginning.work()
    assert beginning.item(Part.ACCESS).state is ItemState.WAITS_FOR_CUSTOMER


def test_a_rejected_request_is_told_and_can_be_asked_again(beginning: Beginning) -> None:
    beginning.create()
    beginning.work()
    beginning.answer_access("reject")

    beginning.work()

    assert "rejected" in beginning.item(Part.ACCESS).for_staff
    ask_for_access(beginning)
    beginning.work()
    assert beginning.item(Part.ACCESS).state is ItemState.WAITS_FOR_CUSTOMER


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"consent": "revoked"}, "has not been consented to in that tenant"),
        ({"mfa": "demanded"}, "multi-factor sign-in"),
        ({"missing_permissions": ["User.ReadWrite.All"]}, "lacks a permission"),
    ],
)
def test_why_the_directory_is_closed_is_said_in_a_sentence(
    beginning: Beginning, change: dict[str, object], words: str
) -> None:
    complete(beginning)
    tenant_id = str(Tenant.objects.get(customer=beginning.customer).tenant_id)
    beginning.at_microsoft("settings", tenant_id=tenant_id, **change)

    beginning.work(minutes=7 * 60)

    found = beginning.item(Part.REACH)
    assert found.state is ItemState.WRONG
    assert words in found.for_staff
    assert words not in found.text


def test_missing_roles_are_named_and_refused_in_a_sentence(beginning: Beginning) -> None:
    beginning.create()
    sign(beginning)
    beginning.work()
    beginning.answer_access("approve")
    (relationship,) = beginning.world.simulator.store.relationships.values()
    relationship.assignments.append(
        AccessAssignment(id="a-1", group_id=GROUP, role_ids=[DIRECTORY_READERS], created_at=beginning.world.now())
    )

    beginning.work()
    beginning.work()

    group = beginning.item(Part.GROUP)
    assert group.state is ItemState.WRONG
    assert "lacks License Administrator, User Administrator" in group.for_staff
    assert beginning.item(Part.REACH).is_done
    tenant_id = str(Tenant.objects.get(customer=beginning.customer).tenant_id)
    (user,) = beginning.world.simulator.users(tenant_id)
    with pytest.raises(CredentialsRefused, match=r"delegated access \(GDAP\) there lacks a role"):
        beginning.world.outside.directory.update_person(tenant_id, person_id=user.id, changes={"country": "AU"})


def test_what_nobody_does_for_a_week_is_looked_at_once_an_hour(beginning: Beginning) -> None:
    beginning.create()
    beginning.work()
    row_id = Tenant.objects.get(customer=beginning.customer).pk

    def is_due(*, minutes: int) -> bool:
        return row_id in list_tenants_to_read(now=beginning.world.now() + timedelta(minutes=minutes))

    soon = is_due(minutes=5)
    beginning.live(days=8)

    assert soon
    assert not is_due(minutes=59)
    assert is_due(minutes=61)


def test_a_silent_microsoft_leaves_what_was_known(beginning: Beginning) -> None:
    complete(beginning)
    beginning.world.wire.is_silent = True

    beginning.work(minutes=7 * 60)

    assert beginning.checklist().is_complete
