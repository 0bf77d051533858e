"""Welcome: people get in. Invitations and password links, recorded first and e-mailed by the worker."""

from __future__ import annotations

from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from babel.dates import format_date
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse

from perseat.capabilities.accounts import actions as accounts
from perseat.capabilities.accounts.queries import Person, get_person
from perseat.capabilities.customers import invitations
from perseat.domain.events import MemberInvited, PasswordLinkAsked
from perseat.domain.rights import MemberRole, StaffRole
from perseat.journeys.reactions import react
from perseat.ports.outside import Outside

ROLE_WORDS = {
    MemberRole.OWNER: "owner",
    MemberRole.LICENSE_MANAGER: "license manager",
    MemberRole.VIEWER: "viewer",
}


@transaction.atomic
def invite_member(email: str, *, role: MemberRole, customer_id: int, user_id: int, now: datetime) -> int:
    """Invite an address to act for the customer; the worker sends the link. Returns the invitation's id.

    :raises NotAllowed: unless an owner or an administrator asks.
    :raises AlreadyMember, AlreadyInvited: when there is nothing to invite to.
    """
    invitation_id = invitations.invite_member(email, role=role, customer_id=customer_id, user_id=user_id, now=now)
    react(MemberInvited(invitation_id=invitation_id))
    return invitation_id


@transaction.atomic
def add_staff(email: str, *, role: StaffRole, user_id: int, now: datetime) -> Person:
    """Let somebody work in the back office; who has no password yet is sent a link to choose one.

    :raises NotAllowed: unless an administrator asks.
    :raises AlreadyStaff: when they work there already.
    """
    person = accounts.add_staff(email, role=role, user_id=user_id, now=now)
    if not person.has_password:
        react(PasswordLinkAsked(user_id=person.user_id))
    return person


def ask_password_link(user_id: int) -> None:
    """Have the worker send a link with which the person chooses a new password."""
    with transaction.atomic():
        react(PasswordLinkAsked(user_id=user_id))


def make_password_link(user_id: int) -> str:
    """An address at which the person chooses a password: once, and for settings.PASSWORD_RESET_TIMEOUT seconds."""
    user = get_user_model()._default_manager.get(pk=user_id)  # noqa: SLF001 - Django's own word for it
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return f"{settings.PERSEAT.base_url}{path}"


def send_invitation(outside: Outside, *, invitation_id: int, now: datetime) -> None:
    """Send the letter of an invitation that is still open; sent twice it holds the same link."""
    letter = invitations.get_letter(invitation_id, now=now)
    if letter is None:
        return
    link = settings.PERSEAT.base_url + reverse("portal:invitation", kwargs={"token": letter.token})
    last_day = format_date(letter.expires_at, format="d MMMM y", locale="en")
    outside.mailer.send(
        to=letter.email,
        subject=f"{letter.customer_name} invites you to {settings.PERSEAT.brand_name}",
        text=(
            f"Hello,\n\n{letter.invited_by} invites you to act for {letter.customer_name} "
            f"as {_with_article(ROLE_WORDS[letter.role])}.\n\nAccept the invitation here:\n{link}\n\n"
            f"The link works once, until {last_day}. If you did not expect it, do nothing.\n\n"
            f"{settings.PERSEAT.provider_name}\n"
        ),
        message_id=f"invitation-{letter.invitation_id}",
    )


def send_password_link(outside: Outside, *, user_id: int, request_id: str) -> None:
    """Send a link to choose a password; `request_id` tells one wish from the next."""
    try:
        person = get_person(user_id)
    except LookupError:
        return  # switched off since
    days = settings.PASSWORD_RESET_TIMEOUT // 86_400
    brand = settings.PERSEAT.brand_name
    reason = (
        f"Somebody, probably you, asked for a new password for {person.email} at {brand}."
        if person.has_password
        else f"You have been given access to {brand} with the address {person.email}."
    )
    outside.mailer.send(
        to=person.email,
        subject=f"Choose your password for {brand}",
        text=(
            f"Hello,\n\n{reason}\n\nChoose a password here:\n{make_password_link(user_id)}\n\n"
            f"The link works once, for {days} days. If you did not ask for it, do nothing: "
            f"your password stays as it is.\n\n{settings.PERSEAT.provider_name}\n"
        ),
        message_id=f"password-link-{user_id}-{request_id}",
    )


def _with_article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
