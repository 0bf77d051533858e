"""Delegated access: the roles that a customer lends us in its directory (GDAP), in our words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from perseat.domain.tenant_access import AccessState, GroupState


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """A relationship as the supplier has it. `role_ids`: what it may lend; `ends_at`: None until it is approved."""

    relationship_id: str
    name: str
    tenant_id: str
    state: AccessState
    role_ids: tuple[str, ...]
    approval_link: str
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGrant:
    """What our security group was given of a relationship."""

    state: GroupState
    role_ids: tuple[str, ...]


class DelegatedAccess(Protocol):
    """Every call may raise Refused, NotFound, Unanswered or CredentialsRefused; writes may raise WritesAreOff."""

    @property
    def is_used(self) -> bool:
        """Whether this installation reaches its customers that way (it names its security group)."""
        ...

    def try_reading(self) -> None:
        """Read the relationships, to learn whether we may."""
        ...

    def ask_relationship(
        self, *, name: str, tenant_id: str, company: str, role_ids: Sequence[str], days: int
    ) -> Relationship:
        """Have the customer asked for these roles, for so many days; known by its name, it is never asked twice."""
        ...

    def get_relationship(self, relationship_id: str) -> Relationship:
        """One relationship as it is now. :raises NotFound: it was never made, or is no longer kept."""
        ...

    def give_to_group(self, relationship_id: str, *, role_ids: Sequence[str]) -> GroupGrant:
        """Give our security group the roles of an active relationship; given before is success without a write."""
        ...

    def get_group_grant(self, relationship_id: str) -> GroupGrant:
        """What our security group has of it now."""
        ...
