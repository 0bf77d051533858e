"""Writes of accounts: people of the staff, passwords, and the record of who did what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from perseat.capabilities.accounts.models import AuditEntry, User
from perseat.capabilities.accounts.queries import Person, get_person, require_staff
from perseat.domain.rights import StaffRole, may_administer


class PasswordTooWeak(Exception):
    """A new password breaks a rule; `sentences` say which."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__(" ".join(sentences))


class AlreadyHasAccount(Exception):
    """Somebody can log in with this address already."""


class AlreadyStaff(Exception):
    """The person works in the back office already."""


class LastAdministrator(Exception):
    """Nobody could administer after this."""


def record_audit(
    verb: str,
    *,
    actor: str,
    object_label: str,
    at: datetime,
    customer_number: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write who did what to which object, in the caller's transaction.

    `verb` is a past participle in plain words ("invited", "reversed payment"). `details` never holds a secret.
    """
    AuditEntry.objects.create(
        at=at,
        actor=actor,
        customer_number=customer_number,
        verb=verb,
        object_label=object_label[:200],
        details=dict(details or {}),
    )


@transaction.atomic
def create_person(email: str, *, password: str, full_name: str, now: datetime) -> Person:
    """Make an account for an address that has proved itself (by an invitation), or give one its first password.

    :raises PasswordTooWeak: when the password breaks a rule.
    :raises AlreadyHasAccount: when the address can log in already.
    """
    address = email.strip().lower()
    user = User.objects.select_for_update().filter(email=address).first()
    if user is not None and (user.has_usable_password() or not user.is_active):
        raise AlreadyHasAccount(address)
    user = user or User(email=address)
    user.full_name = full_name.strip()[:150] or user.full_name
    _check_password(password, user=user)
    user.set_password(password)
    user.save()
    record_audit("made their account", actor=address, object_label=address, at=now)
    return get_person(user.pk)


@transaction.atomic
def add_staff(email: str, *, role: StaffRole, user_id: int, now: datetime) -> Person:
    """Let somebody work in the back office; they choose a password by a link, if they have none.

    :raises NotAllowed: unless an administrator asks.
    :raises AlreadyStaff: when they work there already.
    """
    administrator = require_staff(user_id, right=may_administer, act="add staff")
    if role is StaffRole.NONE:
        raise ValueError("a person of the staff has a role")
    user = _get_or_make(email)
    if user.is_staff:
        raise AlreadyStaff(user.email)
    _set_role(user, role=role)
    record_audit("added to staff", actor=administrator.email, object_label=user.email, at=now, details={"role": role})
    return get_person(user.pk)


@transaction.atomic
def change_staff_role(staff_user_id: int, *, role: StaffRole, user_id: int, now: datetime) -> None:
    """Give another role, or take the back office away (StaffRole.NONE).

    :raises LastAdministrator: when nobody could administer afterwards.
    """
    administrator = require_staff(user_id, right=may_administer, act="manage staff")
    administrators = list(
        User.objects.select_for_update().filter(staff_role=StaffRole.ADMINISTRATOR, is_active=True).order_by("pk")
    )
    user = User.objects.select_for_update().exclude(staff_role=StaffRole.NONE).filter(pk=staff_user_id).first()
    if user is None:
        raise LookupError(staff_user_id)
    if role is not StaffRole.ADMINISTRATOR and [each.pk for each in administrators] == [user.pk]:
        raise LastAdministrator(user.email)
    old_role = user.staff_role
    _set_role(user, role=role)
    record_audit(
        "changed staff role",
        actor=administrator.email,
        object_label=user.email,
        at=now,
        details={"from": old_role, "to": role},
    )


@transaction.atomic
def make_first_administrator(email: str, *, now: datetime) -> Person:
    """Make the address an administrator, whoever it was; asked on the server itself, so no role is checked.

    Asked again for the same address it changes nothing and returns the person. The person has no password until
    they choose one by a link.
    """
    user = _get_or_make(email)
    if user.staff_role != StaffRole.ADMINISTRATOR:
        _set_role(user, role=StaffRole.ADMINISTRATOR)
        record_audit("made administrator", actor="system", object_label=user.email, at=now)
    return get_person(user.pk)


def _get_or_make(email: str) -> User:
    """The person of that address, locked; made without a password when there is none, by one of two who try."""
    user, _ = User.objects.select_for_update().get_or_create(
        email=email.strip().lower(), defaults={"password": make_password(None)}
    )
    return user


def _set_role(user: User, *, role: StaffRole) -> None:
    user.staff_role = role
    user.save(update_fields=["staff_role"])


def _check_password(password: str, *, user: User) -> None:
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise PasswordTooWeak([str(sentence) for sentence in error.messages]) from None
