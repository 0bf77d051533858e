"""Tenant facts: what is known of a tenant that begins, of its agreement, and of the access that it lends us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from perseat.domain.tenant_access import AccessState, GroupState


class BeginningKind(StrEnum):
    """How a customer comes to its tenant: a new one is made, or the one that it has accepts us."""

    CREATE = "create"
    LINK = "link"


class BeginningState(StrEnum):
    """OPEN: somebody is still waited for. REFUSED: Microsoft said no. WITHDRAWN: the staff took it back."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Account(StrEnum):
    """Whether Microsoft lets us sell to the tenant; "" until it was read."""

    UNREAD = ""
    ALLOWED = "allowed"
    IN_REVIEW = "in_review"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginningFacts:
    """A tenant that is on its way. `sentence`: what Microsoft said last, "" when it said nothing against it."""

    kind: BeginningKind
    state: BeginningState
    domain: str
    invitation_link: str
    sentence: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFacts:
    """Who accepted the Microsoft Customer Agreement; `name` is "" when that is not known."""

    name: str
    agreed_on: date | None
    is_signed_at_microsoft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFacts:
    """A relationship of delegated access. `problem`: what Microsoft last said against it, "" for nothing.

    `missing_roles`: of those that we need, what it leaves out; `group_missing_roles`: what our group was not given.
    """

    state: AccessState
    approval_link: str
    ends_at: datetime | None
    missing_roles: tuple[str, ...]
    group: GroupState
    group_missing_roles: tuple[str, ...]
    problem: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantFacts:
    """A linked tenant as it was last read (`read_at`, None: never).

    `uses_access`: whether we reach customers by delegated access; otherwise their consent to our application is enough.
    `access`: the relationship that counts, `renewal`: the one that is to follow it. `reach_problem`: why we could not
    read its people, "" when we could.
    """

    domain: str
    linked_at: datetime
    agreement: AgreementFacts | None
    account: Account
    uses_access: bool
    access: AccessFacts | None
    renewal: AccessFacts | None
    reach_problem: str
    read_at: datetime | None
