"""Reads of accounts: who is staff, and who did what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perseat.capabilities.accounts.models import AuditEntry, User
from perseat.domain.rights import StaffRole, may_work_in_back_office


class NotAllowed(Exception):
    """The person is known here, but their role does not include this act."""

    def __init__(self, act: str) -> None:
        self.act = act
        super().__init__(f"Your role does not include this: {act}.")


class NotStaff(LookupError):
    """The person does not work for the provider; to them the back office does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A person of the provider."""

    user_id: int
    email: str
    full_name: str
    role: StaffRole
    has_password: bool
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One entry of the audit trail."""

    id: int
    at: datetime
    actor: str
    customer_number: str
    verb: str
    object_label: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can log in."""

    user_id: int
    email: str
    full_name: str
    has_password: bool


def get_person(user_id: int) -> Person:
    """Return an active person; LookupError when there is none."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise LookupError(user_id)
    return _person(user)


def get_person_by_email(email: str) -> Person:
    """Return the active person of an address, whatever its case; LookupError when there is none."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise LookupError("nobody has this address")
    return _person(user)


def get_staff(user_id: int) -> Staff:
    """Return a person of the staff; NotStaff for everybody else."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(staff_role=StaffRole.NONE).first()
    if user is None:
        raise NotStaff(user_id)
    return _staff(user)


def require_staff(user_id: int, *, right: Callable[[StaffRole], bool] = may_work_in_back_office, act: str) -> Staff:
    """Return the person of the staff if their role includes the right.

    :raises NotStaff: if they do not work for the provider at all.
    :raises NotAllowed: if their role is not enough.
    """
    staff = get_staff(user_id)
    if not right(staff.role):
        raise NotAllowed(act)
    return staff


def list_staff() -> tuple[Staff, ...]:
    """Everybody who works in the back office, by address."""
    return tuple(_staff(user) for user in User.objects.exclude(staff_role=StaffRole.NONE).order_by("email"))


def has_administrator() -> bool:
    """Whether somebody can already administer."""
    return User.objects.filter(staff_role=StaffRole.ADMINISTRATOR, is_active=True).exists()


def list_acts(*, customer_number: str | None = None, before_id: int | None = None, page_size: int) -> tuple[Act, ...]:
    """The newest entries of the audit trail, of one customer or of all; `before_id` is exclusive."""
    entries = AuditEntry.objects.order_by("-id")
    if customer_number is not None:
        entries = entries.filter(customer_number=customer_number)
    if before_id is not None:
        entries = entries.filter(pk__lt=before_id)
    return tuple(
        Act(
            id=entry.pk,
            at=entry.at,
            actor=entry.actor,
            customer_number=entry.customer_number,
            verb=entry.verb,
            object_label=entry.object_label,
            details=entry.details,
        )
        for entry in entries[:page_size]
    )


def _staff(user: User) -> Staff:
    return Staff(
        user_id=user.pk,
        email=user.email,
        full_name=user.full_name,
        role=StaffRole(user.staff_role),
        has_password=user.has_usable_password(),
        is_active=user.is_active,
    )


def _person(user: User) -> Person:
    return Person(user_id=user.pk, email=user.email, full_name=user.full_name, has_password=user.has_usable_password())
