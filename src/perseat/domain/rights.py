"""Rights: who may do what. Roles are checked where the act happens, with these yes/no questions."""

from __future__ import annotations

from enum import StrEnum


class MemberRole(StrEnum):
    """What a member may do for a customer. An owner may do everything; a license manager everything but buy."""

    OWNER = "owner"
    LICENSE_MANAGER = "license_manager"
    VIEWER = "viewer"


class StaffRole(StrEnum):
    """What a person of the provider may do in the back office."""

    NONE = "none"
    CLERK = "clerk"
    ADMINISTRATOR = "administrator"


def may_buy(role: MemberRole) -> bool:
    """Change seats, check out, withdraw orders, change billing details."""
    return role is MemberRole.OWNER


def may_manage_team(role: MemberRole) -> bool:
    """Invite and remove members and change their roles."""
    return role is MemberRole.OWNER


def may_manage_people(role: MemberRole) -> bool:
    """Add users to the tenant and give or take licenses."""
    return role in (MemberRole.OWNER, MemberRole.LICENSE_MANAGER)


def may_ask_billing(role: MemberRole) -> bool:
    """Open a question to the billing team and answer in it."""
    return role in (MemberRole.OWNER, MemberRole.LICENSE_MANAGER)


def may_work_in_back_office(role: StaffRole) -> bool:
    """See customers and documents, record payments, answer questions."""
    return role in (StaffRole.CLERK, StaffRole.ADMINISTRATOR)


def may_administer(role: StaffRole) -> bool:
    """Create customers, invite their owners, link tenants, manage staff."""
    return role is StaffRole.ADMINISTRATOR
