"""How a user looks from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from perseat.simulator.catalog import load_catalog
from perseat.simulator.messages import JsonObject, instant
from perseat.simulator.store import AssignedLicense, User

# What a user shows when nothing is selected.
DEFAULT_NAMES = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)
# Properties that are kept as they come and decide nothing.
PASSING_NAMES = frozenset(
    {
        "businessPhones",
        "city",
        "companyName",
        "country",
        "department",
        "employeeId",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "otherMails",
        "postalCode",
        "preferredLanguage",
        "state",
        "streetAddress",
        "surname",
    }
)

# Every property a query may name.
KNOWN_NAMES = PASSING_NAMES | {
    "accountEnabled",
    "assignedLicenses",
    "assignedPlans",
    "createdDateTime",
    "deletedDateTime",
    "displayName",
    "id",
    "licenseAssignmentStates",
    "mailNickname",
    "onPremisesSyncEnabled",
    "signInSessionsValidFromDateTime",
    "usageLocation",
    "userPrincipalName",
    "userType",
}


def user_body(user: User) -> JsonObject:
    """All properties of a user; the caller selects."""
    return {name: user_property(user, name) for name in _ALL_NAMES}


def user_property(user: User, name: str) -> Any:
    """One property of a user, by its exact name."""
    reader = _READERS.get(name)
    if reader is not None:
        return reader(user)
    return user.attributes.get(name, [] if name in _LISTS else None)


def assigned_licenses(user: User) -> list[JsonObject]:
    """Each SKU once, however often it was given."""
    by_sku = {license_.sku_id: license_ for license_ in user.licenses}
    return [{"disabledPlans": one.disabled_plans, "skuId": one.sku_id} for one in by_sku.values()]


def _state_body(license_: AssignedLicense) -> JsonObject:
    return {
        "skuId": license_.sku_id,
        "disabledPlans": license_.disabled_plans,
        "assignedByGroup": license_.assigned_by_group,
        "state": "Active",
        "error": "None",
        "lastUpdatedDateTime": instant(license_.assigned_at),
    }


def _assigned_plans(user: User) -> list[JsonObject]:
    plans: dict[str, JsonObject] = {}
    for license_ in user.licenses:
        for plan in load_catalog().by_graph_id[license_.sku_id].service_plans:
            if plan.id not in license_.disabled_plans:
                plans[plan.id] = {
                    "assignedDateTime": instant(license_.assigned_at),
                    "capabilityStatus": "Enabled",
                    "service": plan.name.partition("_")[0].lower(),
                    "servicePlanId": plan.id,
                }
    return list(plans.values())


_LISTS = frozenset({"businessPhones", "otherMails"})
_READERS: Mapping[str, Callable[[User], Any]] = {
    "id": lambda user: user.id,
    "userPrincipalName": lambda user: user.user_principal_name,
    "displayName": lambda user: user.display_name,
    "mailNickname": lambda user: user.mail_nickname,
    "accountEnabled": lambda user: user.account_enabled,
    "usageLocation": lambda user: user.usage_location,
    "userType": lambda _user: "Member",
    "createdDateTime": lambda user: instant(user.created_at),
    "deletedDateTime": lambda user: None if user.deleted_at is None else instant(user.deleted_at),
    "signInSessionsValidFromDateTime": lambda user: instant(user.sessions_valid_from or user.created_at),
    "onPremisesSyncEnabled": lambda _user: None,
    "assignedLicenses": assigned_licenses,
    "licenseAssignmentStates": lambda user: [_state_body(license_) for license_ in user.licenses],
    "assignedPlans": _assigned_plans,
}
_ALL_NAMES = (*sorted(PASSING_NAMES), *_READERS)
