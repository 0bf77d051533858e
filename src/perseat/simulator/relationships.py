"""Delegated administration (GDAP) as it is remembered: relationships, what each group was given, and how they end."""

from __future__ import annotations

import dataclasses
import datetime

EXTENDED_BY = datetime.timedelta(days=180)


@dataclasses.dataclass(kw_only=True)
class AccessAssignment:
    """A security group of the partner's that was given roles. It works from the call after the one that made it."""

    id: str
    group_id: str
    role_ids: list[str]
    created_at: datetime.datetime
    status: str = "pending"


@dataclasses.dataclass(kw_only=True)
class AdminRelationship:
    """A relationship. `ends_at` is set when the customer approves; it is over at that moment."""

    id: str
    name: str
    tenant_id: str
    company: str
    days: int
    role_ids: list[str]
    created_at: datetime.datetime
    changed_at: datetime.datetime
    extends_itself: bool = False
    status: str = "created"
    activated_at: datetime.datetime | None = None
    ends_at: datetime.datetime | None = None
    assignments: list[AccessAssignment] = dataclasses.field(default_factory=list)

    def become(self, status: str, *, now: datetime.datetime) -> None:
        """Change the status."""
        self.status = status
        self.changed_at = now


def answer_of_customer(relationship: AdminRelationship, *, action: str, now: datetime.datetime) -> None:
    """What the customer's administrator does with it: approve, reject or terminate.

    :raises ValueError: when it cannot be done in this state.
    """
    wanted = {"approve": "approvalPending", "reject": "approvalPending", "terminate": "active"}
    if action not in wanted:
        raise ValueError("`action` is approve, reject or terminate.")
    if relationship.status != wanted[action]:
        raise ValueError(f"The relationship is {relationship.status}; it cannot {action}.")
    if action == "approve":
        relationship.activated_at = now
        relationship.ends_at = now + datetime.timedelta(days=relationship.days)
        relationship.become("active", now=now)
    else:
        relationship.become("terminated", now=now)


def settle_relationship(relationship: AdminRelationship, *, now: datetime.datetime) -> bool:
    """Let happen what is due; whether anything did."""
    happened = False
    for assignment in relationship.assignments:
        if assignment.status == "pending":
            assignment.status = "active"
            happened = True
    ends_at = relationship.ends_at
    if relationship.status == "active" and ends_at is not None and now >= ends_at:
        happened = True
        if relationship.extends_itself:
            relationship.ends_at = ends_at + EXTENDED_BY
        else:
            relationship.become("expired", now=ends_at)
    return happened


def working_roles(relationships: list[AdminRelationship], *, tenant_id: str) -> set[str]:
    """The roles that the partner's groups hold in a tenant now."""
    return {
        role
        for relationship in relationships
        if relationship.tenant_id == tenant_id and relationship.status == "active"
        for assignment in relationship.assignments
        if assignment.status == "active"
        for role in assignment.role_ids
        if role in relationship.role_ids
    }
