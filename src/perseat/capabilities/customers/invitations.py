"""Invitations: an address is asked to act for a customer, by a link that works once and for 14 days.

The link holds a token made from the invitation's random seed and the installation's secret key. The tables keep the
seed and the token's SHA-256: with them alone nobody opens an invitation, and the worker may write the letter twice.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils.crypto import salted_hmac

from perseat.capabilities.accounts.actions import create_person, record_audit
from perseat.capabilities.accounts.queries import get_person, get_person_by_email
from perseat.capabilities.customers.actions import add_member, require_inviter
from perseat.capabilities.customers.models import Customer, Invitation, Membership
from perseat.capabilities.customers.queries import DoesNotBelong, Member, get_member
from perseat.domain.rights import MemberRole

VALID_FOR = timedelta(days=14)


class WhyUnusable(StrEnum):
    """Why a link of an invitation opens nothing."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    WITHDRAWN = "withdrawn"


class InvitationUnusable(Exception):
    """The link opens nothing; `why` says the reason."""

    def __init__(self, why: WhyUnusable) -> None:
        self.why = why
        super().__init__(why)


class AlreadyMember(Exception):
    """The address may act for the customer already."""


class AlreadyInvited(Exception):
    """An invitation to the address is still open."""


class InvitedIsSomebodyElse(Exception):
    """The invitation went to another address than the person's; `invited` is that address."""

    def __init__(self, invited: str) -> None:
        self.invited = invited
        super().__init__(invited)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationLetter:
    """What the e-mail says. `token` belongs in the link and nowhere else."""

    invitation_id: int
    email: str
    customer_name: str
    role: MemberRole
    invited_by: str
    expires_at: datetime
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationOffer:
    """What the page of an open invitation shows."""

    email: str
    customer_name: str
    role: MemberRole
    invited_by: str
    expires_at: datetime
    has_account: bool


@transaction.atomic
def invite_member(email: str, *, role: MemberRole, customer_id: int, user_id: int, now: datetime) -> int:
    """Write an invitation down and return its id; the letter is a worker's (see journeys/team.py).

    An expired invitation to the same address is withdrawn in passing.

    :raises NotAllowed: unless an owner or an administrator asks.
    :raises AlreadyMember, AlreadyInvited: when there is nothing to invite to.
    """
    actor = require_inviter(user_id, customer_id=customer_id)
    address = email.strip().lower()
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    if Membership.objects.filter(customer_id=customer_id, user__email=address).exists():
        raise AlreadyMember(address)
    old = Invitation.objects.filter(customer_id=customer_id, email=address, accepted_at=None, withdrawn_at=None).first()
    if old is not None:
        if old.expires_at > now:
            raise AlreadyInvited(address)
        old.withdrawn_at = now
        old.save(update_fields=["withdrawn_at"])
    seed = secrets.token_hex(32)
    invitation = Invitation.objects.create(
        customer=customer,
        email=address,
        role=role,
        token_seed=seed,
        token_hash=_hash(_token(seed)),
        invited_by_id=user_id,
        created_at=now,
        expires_at=now + VALID_FOR,
    )
    record_audit(
        "invited",
        actor=actor,
        object_label=address,
        at=now,
        customer_number=customer.number,
        details={"role": role},
    )
    return invitation.pk


@transaction.atomic
def withdraw_invitation(invitation_id: int, *, customer_id: int, user_id: int, now: datetime) -> str:
    """Make an open invitation's link useless and return its address.

    :raises NotAllowed: unless an owner or an administrator asks.
    :raises DoesNotBelong: when it is not this customer's, or not open any more.
    """
    actor = require_inviter(user_id, customer_id=customer_id)
    open_ones = Invitation.objects.select_for_update(of=("self",)).select_related("customer")
    invitation = open_ones.filter(
        pk=invitation_id, customer_id=customer_id, accepted_at=None, withdrawn_at=None
    ).first()
    if invitation is None:
        raise DoesNotBelong(invitation_id)
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    record_audit(
        "withdrew invitation",
        actor=actor,
        object_label=invitation.email,
        at=now,
        customer_number=invitation.customer.number,
    )
    return invitation.email


def get_letter(invitation_id: int, *, now: datetime) -> InvitationLetter | None:
    """What the e-mail of an invitation says; None when it is not open any more."""
    invitation = Invitation.objects.select_related("customer", "invited_by").get(pk=invitation_id)
    if _why_unusable(invitation, now=now) is not None:
        return None
    return InvitationLetter(
        invitation_id=invitation.pk,
        email=invitation.email,
        customer_name=invitation.customer.legal_name,
        role=MemberRole(invitation.role),
        invited_by=invitation.invited_by.email,
        expires_at=invitation.expires_at,
        token=_token(invitation.token_seed),
    )


def get_offer(token: str, *, now: datetime) -> InvitationOffer:
    """What the page of the link shows.

    :raises InvitationUnusable: forged, expired, used or withdrawn.
    """
    invitation = _open_invitation(token, now=now)
    return InvitationOffer(
        email=invitation.email,
        customer_name=invitation.customer.legal_name,
        role=MemberRole(invitation.role),
        invited_by=invitation.invited_by.email,
        expires_at=invitation.expires_at,
        has_account=_has_account(invitation.email),
    )


@transaction.atomic
def accept_invitation(token: str, *, user_id: int, now: datetime) -> Member:
    """Let the logged-in person act for the customer; the link is used up.

    :raises InvitationUnusable: forged, expired, used or withdrawn.
    :raises InvitedIsSomebodyElse: when it went to another address.
    """
    invitation = _open_invitation(token, now=now, is_locked=True)
    person = get_person(user_id)
    if person.email != invitation.email:
        raise InvitedIsSomebodyElse(invitation.email)
    return _accept(invitation, user_id=user_id, now=now)


@transaction.atomic
def accept_with_new_account(token: str, *, full_name: str, password: str, now: datetime) -> Member:
    """Make the invited person's account and let it act for the customer; the link is used up.

    :raises InvitationUnusable: forged, expired, used or withdrawn.
    :raises PasswordTooWeak: when the password breaks a rule.
    :raises AlreadyHasAccount: when the address can log in already.
    """
    invitation = _open_invitation(token, now=now, is_locked=True)
    person = create_person(invitation.email, password=password, full_name=full_name, now=now)
    return _accept(invitation, user_id=person.user_id, now=now)


def _accept(invitation: Invitation, *, user_id: int, now: datetime) -> Member:
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    if not Membership.objects.filter(customer_id=invitation.customer_id, user_id=user_id).exists():
        add_member(
            invitation.customer_id,
            member_user_id=user_id,
            role=MemberRole(invitation.role),
            actor=invitation.email,
            now=now,
        )
    return get_member(user_id, customer_id=invitation.customer_id)


def _open_invitation(token: str, *, now: datetime, is_locked: bool = False) -> Invitation:
    rows = Invitation.objects.select_related("customer", "invited_by")
    if is_locked:
        rows = rows.select_for_update(of=("self",))
    invitation = rows.filter(token_hash=_hash(token)).first()
    if invitation is None:
        raise InvitationUnusable(WhyUnusable.UNKNOWN)
    why = _why_unusable(invitation, now=now)
    if why is not None:
        raise InvitationUnusable(why)
    return invitation


def _why_unusable(invitation: Invitation, *, now: datetime) -> WhyUnusable | None:
    if invitation.accepted_at is not None:
        return WhyUnusable.USED
    if invitation.withdrawn_at is not None:
        return WhyUnusable.WITHDRAWN
    return WhyUnusable.EXPIRED if invitation.expires_at <= now else None


def _has_account(email: str) -> bool:
    try:
        return get_person_by_email(email).has_password
    except LookupError:
        return False


def _token(seed: str) -> str:
    return salted_hmac("perseat.invitation", seed, algorithm="sha256").hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
