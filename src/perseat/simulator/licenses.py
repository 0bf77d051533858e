"""Licenses of people: counting them, and moving them when a subscription is upgraded as a whole."""

from __future__ import annotations

import dataclasses
import datetime

from perseat.simulator.store import Tenant, User


def living_users(tenant: Tenant) -> list[User]:
    """The users that are not deleted, in the order they were added."""
    return [user for user in tenant.users.values() if user.deleted_at is None]


def has_license(user: User, *, sku_id: str) -> bool:
    """Whether the user holds the SKU, given directly or through a group."""
    return any(license_.sku_id == sku_id for license_ in user.licenses)


def consumed_units(tenant: Tenant, *, sku_id: str) -> int:
    """How many people hold the SKU; one who holds it twice counts once."""
    return tenant.holders.count(sku_id)


@dataclasses.dataclass(frozen=True, kw_only=True)
class PrepaidUnits:
    """Seats of a SKU in the directory by what may be done with them."""

    enabled: int
    warning: int
    suspended: int

    @property
    def assignable(self) -> int:
        """Seats that can be held by people: those in the time of grace included."""
        return self.enabled + self.warning

    @property
    def capability_status(self) -> str:
        """The directory's word for the state."""
        if self.enabled:
            return "Enabled"
        if self.warning:
            return "Warning"
        return "Suspended" if self.suspended else "Deleted"


_UNITS_BY_STATUS = {"active": "enabled", "expired": "warning", "suspended": "suspended", "disabled": "suspended"}


def prepaid_units(tenant: Tenant, *, sku_key: str) -> PrepaidUnits:
    """The seats of a SKU as the directory has heard of them."""
    units = {"enabled": 0, "warning": 0, "suspended": 0}
    for subscription in tenant.subscriptions.values():
        kind = _UNITS_BY_STATUS.get(subscription.status)
        if kind is not None and subscription.sku_key == sku_key:
            units[kind] += subscription.directory_quantity
    return PrepaidUnits(**units)


def move_licenses(tenant: Tenant, *, from_sku_id: str, to_sku_id: str, now: datetime.datetime) -> int:
    """Give everybody who directly holds one SKU the other instead; returns how many people were moved."""
    moved = 0
    for user in living_users(tenant):
        direct = [one for one in user.licenses if one.sku_id == from_sku_id and one.assigned_by_group is None]
        if not direct:
            continue
        user.licenses = [one for one in user.licenses if one not in direct]
        if not has_license(user, sku_id=to_sku_id):
            user.licenses.append(dataclasses.replace(direct[0], sku_id=to_sku_id, disabled_plans=[], assigned_at=now))
        tenant.touch(user)
        moved += 1
    return moved
