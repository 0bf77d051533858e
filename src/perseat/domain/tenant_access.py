"""Tenant access: which roles we need in a customer's directory (GDAP), for how long, and when its end is near.

The roles' ids are those of Microsoft Entra's built-in roles, the same in every directory. They are the least with which
people can be listed and changed and licenses given; nothing wider is ever asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

DIRECTORY_READERS = "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
LICENSE_ADMINISTRATOR = "4d6ac14f-3453-41d0-bef9-a3e0c569773a"
USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1"
ROLE_NAMES: Mapping[str, str] = {
    DIRECTORY_READERS: "Directory Readers",
    LICENSE_ADMINISTRATOR: "License Administrator",
    USER_ADMINISTRATOR: "User Administrator",
}
NEEDED_ROLES = tuple(ROLE_NAMES)

# Microsoft's longest: two years. The end is warned of while a customer that comes four times a year can still answer.
DAYS_ASKED_FOR = 730
WARNED_BEFORE = timedelta(days=60)
_LONGEST_NAME = 50


class AccessState(StrEnum):
    """Where a relationship stands. ASKED: recorded by us, not yet at Microsoft."""

    ASKED = "asked"
    CREATED = "created"
    APPROVAL_PENDING = "approval_pending"
    ACTIVATING = "activating"
    ACTIVE = "active"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    TERMINATED = "terminated"


class GroupState(StrEnum):
    """Whether our security group has its part of a relationship."""

    NONE = "none"
    PENDING = "pending"
    ACTIVE = "active"
    ERROR = "error"


OVER = frozenset({AccessState.EXPIRED, AccessState.TERMINATED})
IN_FORCE = frozenset({AccessState.ACTIVE, AccessState.EXPIRING})


def missing_roles(role_ids: Iterable[str]) -> tuple[str, ...]:
    """The names of the needed roles that are not among these, in alphabetical order.

    >>> missing_roles([DIRECTORY_READERS, USER_ADMINISTRATOR.upper()])
    ('License Administrator',)
    """
    held = {each.casefold() for each in role_ids}
    return tuple(sorted(name for role, name in ROLE_NAMES.items() if role not in held))


def is_ending(state: AccessState, *, ends_at: datetime | None, now: datetime) -> bool:
    """Whether a relationship in force ends soon: by Microsoft's word, or within sixty days (the sixtieth included)."""
    if state is AccessState.EXPIRING:
        return True
    return state is AccessState.ACTIVE and ends_at is not None and ends_at - now <= WARNED_BEFORE


def relationship_name(*, customer_number: str, tenant_id: str, ordinal: int) -> str:
    """What the customer reads when it is asked, at most fifty characters, and unique over all our relationships.

    >>> relationship_name(customer_number="C-1001", tenant_id="5f2a6c1e-1d0b-4a57-9a3e-6f0c0c6a11d1", ordinal=2)
    'Perseat C-1001 5f2a6c1e1d0b 2'
    """
    return f"Perseat {customer_number} {tenant_id.replace('-', '')[:12]} {ordinal}"[:_LONGEST_NAME]
