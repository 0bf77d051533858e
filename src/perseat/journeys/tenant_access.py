"""Tenant access: the roles that a customer lends us (GDAP) are asked for, watched, and given to our security group."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.queries import get_tenant
from perseat.capabilities.customers.tenant_queries import OpenAccess, TenantView, list_open_accesses
from perseat.capabilities.customers.tenants import begin_access, note_access, record_access
from perseat.domain.events import TenantLinked
from perseat.domain.rights import may_administer
from perseat.domain.tenant_access import DAYS_ASKED_FOR, IN_FORCE, NEEDED_ROLES, AccessState, GroupState
from perseat.journeys.reactions import react
from perseat.ports.delegated_access import GroupGrant, Relationship
from perseat.ports.failures import CredentialsRefused, NotFound, Refused, WritesAreOff
from perseat.ports.outside import Outside

_NOT_GIVEN = GroupGrant(state=GroupState.NONE, role_ids=())


class AccessIsNotUsed(Exception):
    """This installation names no security group, and so reaches its customers by their consent alone."""

    def __init__(self) -> None:
        super().__init__("Set PERSEAT_GDAP_GROUP_ID first: the security group that is to hold the roles.")


def ask_access(outside: Outside, *, customer_id: int, tenant_row_id: int, user_id: int, now: datetime) -> None:
    """Have the customer asked for delegated access, or for its renewal; the worker does the asking.

    :raises NotAllowed: unless an administrator asks.
    :raises DoesNotBelong: when the tenant is not the customer's.
    :raises AccessIsNotUsed, AccessIsInForce: when there is nothing to ask for.
    """
    staff = require_staff(user_id, right=may_administer, act="ask for delegated access")
    get_tenant(tenant_row_id, customer_id=customer_id)
    if not outside.access.is_used:
        raise AccessIsNotUsed
    with transaction.atomic():
        begin_access(tenant_row_id, customer_id=customer_id, actor=staff.email, now=now)
        react(TenantLinked(tenant_row_id=tenant_row_id))


def drive_access(outside: Outside, tenant: TenantView, *, now: datetime) -> None:
    """Take every relationship of the tenant that is not over one step further. May run twice.

    :raises Unanswered: (ports.failures) what was learned before is kept.
    """
    if not outside.access.is_used:
        return
    for access in list_open_accesses(tenant.tenant_row_id):
        try:
            _drive(outside, tenant, access, now=now)
        except (Refused, CredentialsRefused) as refusal:
            note_access(access.access_id, problem=refusal.sentence)
        except WritesAreOff as switch:
            note_access(access.access_id, problem=str(switch))


def _drive(outside: Outside, tenant: TenantView, access: OpenAccess, *, now: datetime) -> None:
    if access.state in (AccessState.ASKED, AccessState.CREATED):
        found = outside.access.ask_relationship(
            name=access.name,
            tenant_id=str(tenant.tenant_id),
            company=tenant.company,
            role_ids=NEEDED_ROLES,
            days=DAYS_ASKED_FOR,
        )
    else:
        found = _look(outside, access)
    grant = _give(outside, found) if found.state in IN_FORCE else _NOT_GIVEN
    _record(access, found, grant, now=now)


def _look(outside: Outside, access: OpenAccess) -> Relationship:
    """A relationship that Microsoft no longer keeps has ended."""
    try:
        return outside.access.get_relationship(access.relationship_id)
    except NotFound:
        return Relationship(
            relationship_id=access.relationship_id,
            name=access.name,
            tenant_id="",
            state=AccessState.TERMINATED,
            role_ids=(),
            approval_link="",
            ends_at=None,
        )


def _give(outside: Outside, found: Relationship) -> GroupGrant:
    wanted = [role for role in NEEDED_ROLES if role in found.role_ids]
    if not wanted:
        return _NOT_GIVEN
    return outside.access.give_to_group(found.relationship_id, role_ids=wanted)


def _record(access: OpenAccess, found: Relationship, grant: GroupGrant, *, now: datetime) -> None:
    record_access(
        access.access_id,
        relationship_id=found.relationship_id,
        state=found.state,
        approval_link=found.approval_link,
        role_ids=found.role_ids,
        ends_at=found.ends_at,
        group_state=grant.state,
        group_role_ids=grant.role_ids,
        now=now,
    )
