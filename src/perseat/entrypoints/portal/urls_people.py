"""Addresses: the people of a tenant, their licenses, and the first steps of a customer."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from perseat.entrypoints.portal import (
    getting_started,
    user,
    user_add,
    user_licenses,
    users,
    users_change,
    users_licenses,
    users_start,
)
from perseat.entrypoints.portal.person_ids import PersonIdConverter

register_converter(PersonIdConverter, "person")

_USERS = "services/<int:service_id>/users/"
_CHANGE = _USERS + "changes/<uuid:change_id>/"
_USER = _USERS + "<person:person_id>/"

urlpatterns: list[URLPattern] = [
    path("users/", users_start.users_start, name="users-start"),
    path(_USERS, users.users, name="users"),
    path(_USERS + "add/", user_add.user_add, name="user-add"),
    path(_USERS + "licenses/", users_licenses.users_licenses, name="users-licenses"),
    path(_CHANGE, users_change.users_change, name="users-change"),
    path(_CHANGE + "progress/", users_change.progress, name="users-change-progress"),
    path(_CHANGE + "retry/", users_change.retry, name="users-change-retry"),
    path(_USER, user.user, name="user"),
    path(_USER + "licenses/", user_licenses.user_licenses, name="user-licenses"),
    path(_USER + "sign-out/", user.sign_out, name="user-sign-out"),
    path(_USER + "block/", user.block, name="user-block"),
    path(_USER + "allow/", user.allow, name="user-allow"),
    path(_USER + "delete/", user.delete, name="user-delete"),
    path("getting-started/", getting_started.getting_started, name="getting-started"),
]
