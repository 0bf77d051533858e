"""The people of a tenant: reading, making, changing, deleting and restoring them."""

from __future__ import annotations

import re
import uuid

from perseat.simulator.calls import Call
from perseat.simulator.catalog import load_catalog
from perseat.simulator.graph_errors import TAKEN, bad_request, not_found
from perseat.simulator.graph_queries import page_of_users
from perseat.simulator.graph_resources import context, find_tenant, read_body, select, selected_names
from perseat.simulator.graph_user_bodies import DEFAULT_NAMES, PASSING_NAMES, user_body
from perseat.simulator.licenses import consumed_units, living_users, prepaid_units
from perseat.simulator.messages import Answer, JsonObject
from perseat.simulator.router import Router
from perseat.simulator.store import Tenant, User

_REQUIRED = ("accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_ADDRESS = re.compile(r"[A-Za-z0-9'._\-!#^~+]+@[^@\s]+")


def add_routes(router: Router) -> None:
    """Answer the addresses of users."""
    router.add("GET", "/v1.0/users", list_users)
    router.add("POST", "/v1.0/users", create_user)
    router.add("GET", "/v1.0/users/{user}", get_user)
    router.add("PATCH", "/v1.0/users/{user}", update_user)
    router.add("DELETE", "/v1.0/users/{user}", delete_user)
    router.add("POST", "/v1.0/users/{user}/revokeSignInSessions", revoke_sessions)
    router.add("GET", "/v1.0/directory/deletedItems/microsoft.graph.user", list_deleted_users)
    router.add("POST", "/v1.0/directory/deletedItems/{user}/restore", restore_user)


def list_users(call: Call) -> Answer:
    """A page of users."""
    return Answer(status=200, body=page_of_users(call, living_users(find_tenant(call))))


def get_user(call: Call) -> Answer:
    """One user; most properties come only when they are selected."""
    tenant = find_tenant(call)
    names = selected_names(call)
    body = select(user_body(find_user(call, tenant=tenant)), names or DEFAULT_NAMES)
    return Answer(status=200, body={"@odata.context": context("users/$entity"), **body})


def create_user(call: Call) -> Answer:
    """A new user; the password is checked and forgotten."""
    tenant = find_tenant(call)
    body = read_body(call)
    for name in _REQUIRED:
        value = body.get(name)
        if value is None or value == "" or (isinstance(value, dict) and not value.get("password")):
            raise bad_request(f"A value is required for property '{name}' of resource 'User'.")
    principal_name = _check_principal_name(str(body["userPrincipalName"]), tenant=tenant, besides=None)
    user = User(
        id=str(uuid.uuid4()),
        user_principal_name=principal_name,
        display_name=str(body["displayName"]),
        mail_nickname=str(body["mailNickname"]),
        account_enabled=bool(body["accountEnabled"]),
        created_at=call.now,
    )
    _apply(body, user=user, tenant=tenant)
    tenant.users[user.id] = user
    tenant.touch(user)
    created = select(user_body(user), DEFAULT_NAMES)
    return Answer(status=201, body={"@odata.context": context("users/$entity"), **created})


def update_user(call: Call) -> Answer:
    """Change what the body names."""
    tenant = find_tenant(call)
    user = find_user(call, tenant=tenant)
    _apply(read_body(call), user=user, tenant=tenant)
    tenant.touch(user)
    return Answer(status=204)


def delete_user(call: Call) -> Answer:
    """Delete a user for thirty days; the seats are free at once."""
    tenant = find_tenant(call)
    user = find_user(call, tenant=tenant)
    user.deleted_at = call.now
    tenant.touch(user)
    return Answer(status=204)


def list_deleted_users(call: Call) -> Answer:
    """The users that can still be restored."""
    deleted = [user for user in find_tenant(call).users.values() if user.deleted_at is not None]
    return Answer(status=200, body=page_of_users(call, deleted))


def restore_user(call: Call) -> Answer:
    """Bring a deleted user back, with those licenses for which a seat is free."""
    tenant = find_tenant(call)
    user = tenant.users.get(call.names["user"].lower())
    if user is None or user.deleted_at is None:
        raise not_found(call.names["user"])
    _check_principal_name(user.user_principal_name, tenant=tenant, besides=user)
    user.licenses = [one for one in user.licenses if _has_free_seat(tenant, sku_id=one.sku_id)]
    user.deleted_at = None
    tenant.touch(user)
    body = select(user_body(user), DEFAULT_NAMES)
    head = {"@odata.context": context("directoryObjects/$entity"), "@odata.type": "#microsoft.graph.user"}
    return Answer(status=200, body={**head, **body})


def revoke_sessions(call: Call) -> Answer:
    """Sign the user out everywhere."""
    tenant = find_tenant(call)
    user = find_user(call, tenant=tenant)
    user.sessions_valid_from = call.now
    tenant.touch(user)
    return Answer(status=200, body={"@odata.context": context("Edm.Boolean"), "value": True})


def find_user(call: Call, *, tenant: Tenant) -> User:
    """The user whose id or principal name the path names.

    :raises GraphRefusal: 404 when there is none.
    """
    name = call.names["user"].lower()
    user = tenant.users.get(name)
    if user is None:
        user = next((one for one in living_users(tenant) if one.user_principal_name.lower() == name), None)
    if user is None or user.deleted_at is not None:
        raise not_found(call.names["user"])
    return user


def _apply(body: JsonObject, *, user: User, tenant: Tenant) -> None:
    """Take over the named properties, after all of them were checked."""
    location = body.get("usageLocation", user.usage_location)
    if location is not None and not _COUNTRY.fullmatch(str(location)):
        raise bad_request("Invalid value specified for property 'usageLocation' of resource 'User'.")
    name = str(body.get("userPrincipalName", user.user_principal_name))
    user.user_principal_name = _check_principal_name(name, tenant=tenant, besides=user)
    user.usage_location = None if location is None else str(location).upper()
    user.display_name = str(body.get("displayName", user.display_name))
    user.mail_nickname = str(body.get("mailNickname", user.mail_nickname))
    user.account_enabled = bool(body.get("accountEnabled", user.account_enabled))
    user.attributes |= {name: value for name, value in body.items() if name in PASSING_NAMES}


def _check_principal_name(name: str, *, tenant: Tenant, besides: User | None) -> str:
    domain = name.rpartition("@")[2].lower()
    verified = {known.name for known in tenant.domains if known.is_verified}
    if not _ADDRESS.fullmatch(name) or domain not in verified:
        raise bad_request(
            "The domain portion of the userPrincipalName property is invalid. "
            "You must use one of the verified domain names in your organization."
        )
    for other in living_users(tenant):
        if other is not besides and other.user_principal_name.lower() == name.lower():
            message = TAKEN.format("userPrincipalName")
            detail = {"code": "ObjectConflict", "target": "userPrincipalName", "message": message}
            raise bad_request(message, details=[detail])
    return name


def _has_free_seat(tenant: Tenant, *, sku_id: str) -> bool:
    sku = load_catalog().by_graph_id[sku_id]
    return consumed_units(tenant, sku_id=sku_id) < prepaid_units(tenant, sku_key=sku.key).assignable
