"""assignLicense and the details of a user's licenses."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import uuid
from typing import Any

from perseat.simulator.calls import Call
from perseat.simulator.catalog import CatalogSku, load_catalog
from perseat.simulator.graph_errors import (
    DEPENDENT,
    EXCLUSIVE,
    INHERITED,
    MISSING_PARAMETER,
    NO_SEAT,
    NO_USAGE_LOCATION,
    NOT_ASSIGNED,
    NOT_OWNED,
    bad_request,
)
from perseat.simulator.graph_resources import context, find_tenant, read_body, select
from perseat.simulator.graph_user_bodies import DEFAULT_NAMES, user_body
from perseat.simulator.graph_users import find_user
from perseat.simulator.licenses import consumed_units, has_license, prepaid_units
from perseat.simulator.messages import Answer, JsonObject
from perseat.simulator.router import Router
from perseat.simulator.store import AssignedLicense, Tenant, User


@dataclasses.dataclass(frozen=True, kw_only=True)
class Addition:
    """One SKU to be added, without some of its plans."""

    sku: CatalogSku
    disabled_plans: tuple[str, ...]


def add_routes(router: Router) -> None:
    """Answer the addresses of licenses."""
    router.add("POST", "/v1.0/users/{user}/assignLicense", assign_license)
    router.add("POST", "/v1.0/users/{user}/reprocessLicenseAssignment", reprocess_license)
    router.add("GET", "/v1.0/users/{user}/licenseDetails", list_license_details)


def assign_license(call: Call) -> Answer:
    """Add and remove licenses in one step: all of it happens, or nothing."""
    tenant = find_tenant(call)
    user = find_user(call, tenant=tenant)
    body = read_body(call)
    missing = [name for name in ("addLicenses", "removeLicenses") if not isinstance(body.get(name), list)]
    if missing:
        raise bad_request(MISSING_PARAMETER.format(", ".join(missing)))
    removed = [str(sku_id).lower() for sku_id in body["removeLicenses"]]
    added = [_read_addition(entry, tenant=tenant) for entry in body["addLicenses"]]
    kept = _without(user, removed=removed)
    licenses = _with(kept, added=added, user=user, tenant=tenant, now=call.now)
    _check_plans(licenses)
    user.licenses = licenses
    tenant.touch(user)
    answer = select(user_body(user), (*DEFAULT_NAMES, "assignedLicenses", "usageLocation"))
    return Answer(status=200, body={"@odata.context": context("users/$entity"), **answer})


def reprocess_license(call: Call) -> Answer:
    """Nothing is ever left undone here, so there is nothing to repair."""
    user = find_user(call, tenant=find_tenant(call))
    body = select(user_body(user), DEFAULT_NAMES)
    return Answer(status=200, body={"@odata.context": context("users/$entity"), **body})


def list_license_details(call: Call) -> Answer:
    """The SKUs a user holds, with the state of each plan."""
    tenant = find_tenant(call)
    user = find_user(call, tenant=tenant)
    by_sku = {license_.sku_id: license_ for license_ in user.licenses}
    rows = [_details_row(license_, tenant=tenant) for license_ in by_sku.values()]
    path = f"users('{user.id}')/licenseDetails"
    return Answer(status=200, body={"@odata.context": context(path), "value": rows})


def _read_addition(entry: Any, *, tenant: Tenant) -> Addition:
    if not isinstance(entry, dict):
        raise bad_request("A value without a type name was found and no expected type is available.")
    sku_id = str(entry.get("skuId")).lower()
    sku = load_catalog().by_graph_id.get(sku_id)
    if sku is None or prepaid_units(tenant, sku_key=sku.key).capability_status in {"Deleted", "Suspended"}:
        raise bad_request(NOT_OWNED.format(sku_id))
    return Addition(sku=sku, disabled_plans=tuple(str(plan).lower() for plan in entry.get("disabledPlans") or ()))


def _without(user: User, *, removed: list[str]) -> list[AssignedLicense]:
    for sku_id in removed:
        if not has_license(user, sku_id=sku_id):
            raise bad_request(NOT_ASSIGNED)
        if all(one.assigned_by_group is not None for one in user.licenses if one.sku_id == sku_id):
            raise bad_request(INHERITED)
    return [one for one in user.licenses if one.sku_id not in removed or one.assigned_by_group is not None]


def _with(
    licenses: list[AssignedLicense], *, added: list[Addition], user: User, tenant: Tenant, now: datetime.datetime
) -> list[AssignedLicense]:
    if added and user.usage_location is None:
        raise bad_request(NO_USAGE_LOCATION)
    for addition in added:
        sku_id = addition.sku.graph_sku_id
        units = prepaid_units(tenant, sku_key=addition.sku.key)
        if not has_license(user, sku_id=sku_id) and consumed_units(tenant, sku_id=sku_id) >= units.assignable:
            raise bad_request(NO_SEAT.format(sku_id))
        licenses = [one for one in licenses if one.sku_id != sku_id or one.assigned_by_group is not None]
        plans = list(addition.disabled_plans)
        licenses.append(AssignedLicense(sku_id=sku_id, disabled_plans=plans, assigned_at=now))
    return licenses


def _check_plans(licenses: list[AssignedLicense]) -> None:
    catalog = load_catalog()
    enabled = {
        plan.id
        for license_ in licenses
        for plan in catalog.by_graph_id[license_.sku_id].service_plans
        if plan.id not in license_.disabled_plans
    }
    for first, second in catalog.exclusive_plans:
        if first in enabled and second in enabled:
            detail = {"code": "MutuallyExclusiveViolation", "target": first, "message": EXCLUSIVE.format(first, second)}
            raise bad_request(EXCLUSIVE.format(first, second), details=[detail])
    for plan_id, needed in catalog.plan_needs_one_of.items():
        if plan_id in enabled and not enabled.intersection(needed):
            raise bad_request(DEPENDENT.format(plan_id, needed[0]))


def _details_row(license_: AssignedLicense, *, tenant: Tenant) -> JsonObject:
    sku = load_catalog().by_graph_id[license_.sku_id]
    key = uuid.UUID(tenant.id).bytes + uuid.UUID(sku.graph_sku_id).bytes
    return {
        "id": base64.urlsafe_b64encode(key).rstrip(b"=").decode(),
        "skuId": sku.graph_sku_id,
        "skuPartNumber": sku.part_number,
        "servicePlans": [
            {
                "servicePlanId": plan.id,
                "servicePlanName": plan.name,
                "provisioningStatus": "Disabled" if plan.id in license_.disabled_plans else "Success",
                "appliesTo": "User",
            }
            for plan in sku.service_plans
        ],
    }
