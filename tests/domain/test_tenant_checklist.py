"""The checklist of a tenant: each fact has its item, its state, and a sentence for whoever has to act."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from perseat.domain.tenant_access import NEEDED_ROLES, WARNED_BEFORE, AccessState, GroupState, is_ending, missing_roles
from perseat.domain.tenant_checklist import (
    Item,
    ItemState,
    Part,
    checklist_of_beginning,
    checklist_of_tenant,
    checklist_without_tenant,
    is_complete,
)
from perseat.domain.tenant_facts import (
    AccessFacts,
    Account,
    AgreementFacts,
    BeginningFacts,
    BeginningKind,
    BeginningState,
    TenantFacts,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LINK = "https://admin.microsoft.com/approve"
ACTIVE = AccessFacts(
    state=AccessState.ACTIVE,
    approval_link=LINK,
    ends_at=NOW + timedelta(days=400),
    missing_roles=(),
    group=GroupState.ACTIVE,
    group_missing_roles=(),
    problem="",
    since=NOW,
)
COMPLETE = TenantFacts(
    domain="acme.example",
    linked_at=NOW,
    agreement=AgreementFacts(name="Ada Lovelace", agreed_on=date(2026, 11, 1), is_signed_at_microsoft=False),
    account=Account.ALLOWED,
    uses_access=True,
    access=ACTIVE,
    renewal=None,
    reach_problem="",
    read_at=NOW,
)
PENDING = replace(ACTIVE, state=AccessState.APPROVAL_PENDING, ends_at=None, group=GroupState.NONE)
INVITED = BeginningFacts(
    kind=BeginningKind.LINK,
    state=BeginningState.OPEN,
    domain="globex.example",
    invitation_link=LINK,
    sentence="",
    since=NOW,
)


def item(facts: TenantFacts, part: Part) -> Item:
    return next(each for each in checklist_of_tenant(facts, now=NOW) if each.part is part)


def test_with_everything_in_place_nothing_is_missing() -> None:
    items = checklist_of_tenant(COMPLETE, now=NOW)

    assert is_complete(items)
    assert [each.part for each in items] == list(Part)


def test_without_delegated_access_the_customers_consent_is_enough() -> None:
    unused = checklist_of_tenant(replace(COMPLETE, uses_access=False, access=None), now=NOW)
    not_needed = checklist_of_tenant(replace(COMPLETE, access=None), now=NOW)

    for items in (unused, not_needed):
        assert is_complete(items)
        assert not {Part.ACCESS, Part.GROUP} & {each.part for each in items}


def test_before_anything_it_waits_for_us() -> None:
    assert [each.state for each in checklist_without_tenant()] == [ItemState.WAITS_FOR_US] * 2


def test_an_invited_tenant_waits_for_the_customer_with_the_link_and_what_it_means() -> None:
    tenant, agreement = checklist_of_beginning(INVITED)

    assert (tenant.state, tenant.link) == (ItemState.WAITS_FOR_CUSTOMER, LINK)
    assert "reseller" in tenant.means
    assert agreement.state is ItemState.WAITS_FOR_US


def test_a_tenant_that_microsoft_makes_waits_for_us_and_a_refused_one_is_wrong() -> None:
    made = replace(INVITED, kind=BeginningKind.CREATE)
    refused = replace(made, state=BeginningState.REFUSED, sentence="Microsoft asks for a telephone number.")

    assert checklist_of_beginning(made)[0].state is ItemState.WAITS_FOR_US
    wrong = checklist_of_beginning(refused)[0]
    assert wrong.state is ItemState.WRONG
    assert "telephone" in wrong.for_staff
    assert "telephone" not in wrong.text


def test_the_agreement_says_who_accepted_it_and_when() -> None:
    direct = AgreementFacts(name="", agreed_on=None, is_signed_at_microsoft=True)

    assert item(COMPLETE, Part.AGREEMENT).text == "Accepted by Ada Lovelace."
    assert item(COMPLETE, Part.AGREEMENT).on == date(2026, 11, 1)
    assert "at Microsoft" in item(replace(COMPLETE, agreement=direct), Part.AGREEMENT).for_staff
    assert item(replace(COMPLETE, agreement=None), Part.AGREEMENT).state is ItemState.WAITS_FOR_CUSTOMER


@pytest.mark.parametrize(
    ("account", "state"),
    [
        (Account.UNREAD, ItemState.WAITS_FOR_US),
        (Account.IN_REVIEW, ItemState.WAITS_FOR_US),
        (Account.NOT_ALLOWED, ItemState.WRONG),
        (Account.ALLOWED, ItemState.DONE),
    ],
)
def test_the_account_check_has_its_state(account: Account, state: ItemState) -> None:
    assert item(replace(COMPLETE, account=account), Part.ACCOUNT).state is state


@pytest.mark.parametrize(
    ("access", "state", "words"),
    [
        (None, ItemState.WAITS_FOR_US, "has not been asked for"),
        (replace(PENDING, state=AccessState.ASKED), ItemState.WAITS_FOR_US, "being asked"),
        (replace(PENDING, state=AccessState.ASKED, problem="No."), ItemState.WRONG, "No."),
        (replace(PENDING, state=AccessState.CREATED), ItemState.WAITS_FOR_US, "being asked"),
        (PENDING, ItemState.WAITS_FOR_CUSTOMER, "not approved"),
        (replace(PENDING, state=AccessState.ACTIVATING), ItemState.WAITS_FOR_US, "setting it up"),
        (replace(ACTIVE, missing_roles=("User Administrator",)), ItemState.WRONG, "lacks User Administrator"),
        (replace(ACTIVE, state=AccessState.EXPIRING), ItemState.WAITS_FOR_US, "ends soon"),
        (replace(ACTIVE, state=AccessState.EXPIRED), ItemState.WRONG, "has expired"),
        (replace(ACTIVE, state=AccessState.TERMINATED), ItemState.WRONG, "ended or rejected"),
        (ACTIVE, ItemState.DONE, "active"),
    ],
)
def test_delegated_access_has_a_sentence_in_each_state(
    access: AccessFacts | None, state: ItemState, words: str
) -> None:
    found = item(replace(COMPLETE, access=access, reach_problem="Closed."), Part.ACCESS)

    assert found.state is state
    assert words in found.for_staff
    assert bool(found.link) == (state is ItemState.WAITS_FOR_CUSTOMER)


def test_the_end_is_warned_of_sixty_days_before_it_and_not_earlier() -> None:
    soon, later = NOW + WARNED_BEFORE, NOW + WARNED_BEFORE + timedelta(seconds=1)

    assert is_ending(AccessState.ACTIVE, ends_at=soon, now=NOW)
    assert not is_ending(AccessState.ACTIVE, ends_at=later, now=NOW)
    found = item(replace(COMPLETE, access=replace(ACTIVE, ends_at=soon)), Part.ACCESS)
    assert (found.state, found.until) == (ItemState.WAITS_FOR_US, soon)
    assert item(replace(COMPLETE, access=replace(ACTIVE, ends_at=later)), Part.ACCESS).is_done


def test_a_renewal_that_was_asked_for_waits_for_the_customer() -> None:
    ending = replace(ACTIVE, ends_at=NOW + timedelta(days=10))

    found = item(replace(COMPLETE, access=ending, renewal=PENDING), Part.ACCESS)
    rejected = replace(PENDING, state=AccessState.TERMINATED)

    assert (found.state, found.link, found.until) == (ItemState.WAITS_FOR_CUSTOMER, LINK, ending.ends_at)
    again = item(replace(COMPLETE, access=ending, renewal=rejected), Part.ACCESS)
    assert (again.state, again.link) == (ItemState.WAITS_FOR_US, "")


def test_after_its_end_the_new_one_counts() -> None:
    over = replace(ACTIVE, state=AccessState.EXPIRED)

    found = item(replace(COMPLETE, access=over, renewal=PENDING), Part.ACCESS)

    assert (found.state, found.link) == (ItemState.WAITS_FOR_CUSTOMER, LINK)


@pytest.mark.parametrize(
    ("group", "state"),
    [
        (GroupState.NONE, ItemState.WAITS_FOR_US),
        (GroupState.PENDING, ItemState.WAITS_FOR_US),
        (GroupState.ERROR, ItemState.WRONG),
        (GroupState.ACTIVE, ItemState.DONE),
    ],
)
def test_our_group_has_its_state(group: GroupState, state: ItemState) -> None:
    assert item(replace(COMPLETE, access=replace(ACTIVE, group=group)), Part.GROUP).state is state


def test_roles_that_our_group_was_not_given_are_our_business() -> None:
    facts = replace(COMPLETE, access=replace(ACTIVE, group_missing_roles=("License Administrator",)))

    assert item(facts, Part.ACCESS).is_done
    assert item(facts, Part.GROUP).state is ItemState.WRONG
    assert "lacks License Administrator" in item(facts, Part.GROUP).for_staff


def test_a_tenant_that_cannot_be_read_is_wrong_once_it_should_be() -> None:
    silent = replace(COMPLETE, reach_problem="Multi-factor sign-in is asked for.")

    assert item(silent, Part.REACH).state is ItemState.WRONG
    assert item(silent, Part.REACH).for_staff == "Multi-factor sign-in is asked for."
    assert item(replace(silent, access=PENDING), Part.REACH).state is ItemState.WAITS_FOR_US
    assert item(replace(silent, read_at=None), Part.REACH).state is ItemState.WAITS_FOR_US


def test_missing_roles_are_named() -> None:
    assert missing_roles(NEEDED_ROLES) == ()
    assert missing_roles([]) == ("Directory Readers", "License Administrator", "User Administrator")
