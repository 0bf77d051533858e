"""Who may act for a customer: invitations, roles, and the owner who cannot be lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.makers import make_customer, make_member, make_user, moment

from perseat.capabilities.accounts.actions import PasswordTooWeak
from perseat.capabilities.accounts.models import AuditEntry, User
from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.customers.actions import LastOwner, change_member_role, remove_member
from perseat.capabilities.customers.invitations import (
    AlreadyInvited,
    AlreadyMember,
    InvitationUnusable,
    InvitedIsSomebodyElse,
    WhyUnusable,
    accept_invitation,
    accept_with_new_account,
    get_letter,
    get_offer,
    invite_member,
    withdraw_invitation,
)
from perseat.capabilities.customers.models import Customer, Invitation, Membership
from perseat.capabilities.customers.queries import DoesNotBelong, get_member, list_members
from perseat.domain.rights import MemberRole, StaffRole

pytestmark = pytest.mark.django_db

NOW = moment("2026-11-22")
GOOD_PASSWORD = "correct horse battery"


def invite(customer: Customer, owner: User, *, email: str = "new@acme.example") -> tuple[int, str]:
    invitation_id = invite_member(email, role=MemberRole.VIEWER, customer_id=customer.pk, user_id=owner.pk, now=NOW)
    letter = get_letter(invitation_id, now=NOW)
    assert letter is not None
    return invitation_id, letter.token


def test_an_invited_person_without_account_chooses_a_password_and_joins() -> None:
    customer = make_customer()
    _, token = invite(customer, make_member(customer), email="New@Acme.example")

    member = accept_with_new_account(token, full_name="Nora New", password=GOOD_PASSWORD, now=NOW)

    assert (member.email, member.full_name, member.role) == ("new@acme.example", "Nora New", MemberRole.VIEWER)
    assert User.objects.get(email="new@acme.example").check_password(GOOD_PASSWORD)


def test_an_invited_person_with_an_account_just_accepts() -> None:
    customer, other = make_customer(), make_customer()
    person = make_member(other, email="busy@else.example")
    _, token = invite(customer, make_member(customer), email=person.email)

    accept_invitation(token, user_id=person.pk, now=NOW)

    assert get_member(person.pk, customer_id=customer.pk).role is MemberRole.VIEWER
    assert get_member(person.pk, customer_id=other.pk).role is MemberRole.OWNER


def test_an_invitation_cannot_be_accepted_by_somebody_else_who_has_the_link() -> None:
    customer = make_customer()
    _, token = invite(customer, make_member(customer))
    stranger = make_user()

    with pytest.raises(InvitedIsSomebodyElse):
        accept_invitation(token, user_id=stranger.pk, now=NOW)

    with pytest.raises(DoesNotBelong):
        get_member(stranger.pk, customer_id=customer.pk)


def test_an_invitation_works_once() -> None:
    customer = make_customer()
    _, token = invite(customer, make_member(customer))
    accept_with_new_account(token, full_name="Nora", password=GOOD_PASSWORD, now=NOW)

    with pytest.raises(InvitationUnusable) as refusal:
        get_offer(token, now=NOW)

    assert refusal.value.why is WhyUnusable.USED


@pytest.mark.parametrize(
    ("after", "works"),
    [(timedelta(days=14) - timedelta(seconds=1), True), (timedelta(days=14), False)],
)
def test_an_invitation_works_for_fourteen_days(after: timedelta, works: bool) -> None:  # noqa: FBT001
    customer = make_customer()
    _, token = invite(customer, make_member(customer))

    if works:
        assert get_offer(token, now=NOW + after).email == "new@acme.example"
        return
    with pytest.raises(InvitationUnusable) as refusal:
        accept_with_new_account(token, full_name="Nora", password=GOOD_PASSWORD, now=NOW + after)
    assert refusal.value.why is WhyUnusable.EXPIRED


def test_a_withdrawn_invitation_opens_nothing() -> None:
    customer = make_customer()
    owner = make_member(customer)
    invitation_id, token = invite(customer, owner)

    withdraw_invitation(invitation_id, customer_id=customer.pk, user_id=owner.pk, now=NOW)

    with pytest.raises(InvitationUnusable) as refusal:
        get_offer(token, now=NOW)
    assert refusal.value.why is WhyUnusable.WITHDRAWN
    assert get_letter(invitation_id, now=NOW) is None


def test_the_tables_alone_open_no_invitation() -> None:
    customer = make_customer()
    invitation_id, token = invite(customer, make_member(customer))
    stored = Invitation.objects.get(pk=invitation_id)

    assert token not in (stored.token_seed, stored.token_hash)
    for forged in (stored.token_seed, stored.token_hash, "", token[:-1], token.upper()):
        with pytest.raises(InvitationUnusable) as refusal:
            get_offer(forged, now=NOW)
        assert refusal.value.why is WhyUnusable.UNKNOWN


def test_a_letter_written_twice_holds_the_same_link() -> None:
    customer = make_customer()
    invitation_id, token = invite(customer, make_member(customer))

    again = get_letter(invitation_id, now=NOW + timedelta(days=1))

    assert again is not None
    assert again.token == token


def test_nobody_is_invited_twice_at_a_time_but_again_once_it_expired() -> None:
    customer = make_customer()
    owner = make_member(customer)
    invite(customer, owner)

    with pytest.raises(AlreadyInvited):
        invite(customer, owner)
    with pytest.raises(AlreadyMember):
        invite(customer, owner, email=owner.email)
    later = NOW + timedelta(days=15)
    again = invite_member(
        "new@acme.example", role=MemberRole.OWNER, customer_id=customer.pk, user_id=owner.pk, now=later
    )

    assert get_letter(again, now=later) is not None


@pytest.mark.parametrize("weak", ["short", "password12", "1234567890", "new@acme.example"])
def test_a_weak_password_is_refused_and_the_invitation_stays_open(weak: str) -> None:
    customer = make_customer()
    _, token = invite(customer, make_member(customer))

    with pytest.raises(PasswordTooWeak):
        accept_with_new_account(token, full_name="Nora", password=weak, now=NOW)

    assert get_offer(token, now=NOW).email == "new@acme.example"
    assert not User.objects.filter(email="new@acme.example").exists()


def test_the_last_owner_can_be_neither_removed_nor_demoted() -> None:
    customer = make_customer()
    owner = make_member(customer)
    make_member(customer, role=MemberRole.LICENSE_MANAGER)
    membership = Membership.objects.get(user=owner)

    with pytest.raises(LastOwner):
        remove_member(membership.pk, customer_id=customer.pk, user_id=owner.pk, now=NOW)
    with pytest.raises(LastOwner):
        change_member_role(membership.pk, role=MemberRole.VIEWER, customer_id=customer.pk, user_id=owner.pk, now=NOW)

    assert get_member(owner.pk).role is MemberRole.OWNER


def test_an_owner_who_cannot_log_in_does_not_count_as_the_second_owner() -> None:
    customer = make_customer()
    owner, gone = make_member(customer), make_member(customer)
    User.objects.filter(pk=gone.pk).update(is_active=False)

    with pytest.raises(LastOwner):
        remove_member(Membership.objects.get(user=owner).pk, customer_id=customer.pk, user_id=owner.pk, now=NOW)


def test_one_of_two_owners_can_go_and_sees_nothing_any_more() -> None:
    customer = make_customer()
    owner, second = make_member(customer), make_member(customer)

    remove_member(Membership.objects.get(user=second).pk, customer_id=customer.pk, user_id=owner.pk, now=NOW)

    assert [each.user_id for each in list_members(customer.pk)] == [owner.pk]
    with pytest.raises(DoesNotBelong):
        get_member(second.pk)


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("owner", None),
        ("colleague", NotAllowed),
        ("viewer", NotAllowed),
        ("stranger", DoesNotBelong),
        ("clerk", DoesNotBelong),  # is nobody's member, and may not invite either
        ("administrator", None),  # invites a customer's first owner
    ],
)
def test_who_may_invite(who: str, refusal: type[Exception] | None) -> None:
    customer = make_customer()
    cast = {
        "owner": make_member(customer),
        "colleague": make_member(customer, role=MemberRole.LICENSE_MANAGER),
        "viewer": make_member(customer, role=MemberRole.VIEWER),
        "stranger": make_member(make_customer()),
        "clerk": make_user(staff_role=StaffRole.CLERK),
        "administrator": make_user(staff_role=StaffRole.ADMINISTRATOR),
    }

    if refusal is None:
        invite(customer, cast[who])
        assert Invitation.objects.count() == 1
        return
    with pytest.raises(refusal):
        invite(customer, cast[who])
    assert Invitation.objects.count() == 0


@pytest.mark.parametrize("who", ["colleague", "viewer", "stranger", "administrator"])
def test_only_an_owner_changes_roles_and_removes(who: str) -> None:
    customer = make_customer()
    make_member(customer)
    cast = {
        "colleague": make_member(customer, role=MemberRole.LICENSE_MANAGER),
        "viewer": make_member(customer, role=MemberRole.VIEWER),
        "stranger": make_member(make_customer()),
        "administrator": make_user(staff_role=StaffRole.ADMINISTRATOR),
    }
    target = Membership.objects.get(user=cast["viewer"])

    with pytest.raises((NotAllowed, DoesNotBelong)):
        remove_member(target.pk, customer_id=customer.pk, user_id=cast[who].pk, now=NOW)
    with pytest.raises((NotAllowed, DoesNotBelong)):
        change_member_role(target.pk, role=MemberRole.OWNER, customer_id=customer.pk, user_id=cast[who].pk, now=NOW)

    assert Membership.objects.get(pk=target.pk).role == MemberRole.VIEWER


def test_an_owner_cannot_reach_into_another_customers_team() -> None:
    customer, other = make_customer(), make_customer()
    owner, foreign_owner = make_member(customer), make_member(other)
    foreign = Membership.objects.get(user=foreign_owner)

    with pytest.raises(DoesNotBelong):
        remove_member(foreign.pk, customer_id=customer.pk, user_id=owner.pk, now=NOW)

    assert Membership.objects.filter(pk=foreign.pk).exists()


def test_every_act_on_the_team_is_in_the_audit_trail_without_the_token() -> None:
    customer = make_customer()
    owner = make_member(customer)
    _, token = invite(customer, owner)
    member = accept_with_new_account(token, full_name="Nora", password=GOOD_PASSWORD, now=NOW)
    change_member_role(member.membership_id, role=MemberRole.OWNER, customer_id=customer.pk, user_id=owner.pk, now=NOW)
    remove_member(member.membership_id, customer_id=customer.pk, user_id=owner.pk, now=NOW)

    entries = AuditEntry.objects.filter(customer_number=customer.number).order_by("pk")

    assert [each.verb for each in entries] == ["invited", "joined", "changed role", "removed member"]
    assert token not in str(list(entries.values()))
