"""What changed among the users since a marked moment."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import json
from urllib.parse import quote

from perseat.simulator.calls import Call
from perseat.simulator.graph_errors import GraphRefusal
from perseat.simulator.graph_resources import context, find_tenant, select, selected_names
from perseat.simulator.graph_user_bodies import DEFAULT_NAMES, user_body
from perseat.simulator.messages import Answer, JsonObject, instant, parse_instant
from perseat.simulator.router import Router
from perseat.simulator.store import Tenant, User

PAGE = 100
TOKEN_LIFETIME = datetime.timedelta(days=7)


def add_routes(router: Router) -> None:
    """Answer the address of changes, in both spellings."""
    router.add("GET", "/v1.0/users/delta", list_changes)
    router.add("GET", "/v1.0/users/delta()", list_changes)


def list_changes(call: Call) -> Answer:
    """A page of changed users in the order of their changes; the last page names where to go on another day."""
    tenant = find_tenant(call)
    mark = _read_mark(call, tenant=tenant)
    changed = _changed_users(tenant, mark=mark)
    page = changed[:PAGE]
    body: JsonObject = {"@odata.context": context("users", mark.names)}
    if len(changed) > PAGE:
        following = dataclasses.replace(mark, after=page[-1].change_number)
        body["@odata.nextLink"] = _link(call, "$skiptoken", following)
    else:
        following = dataclasses.replace(mark, after=tenant.last_change, deleted_before=0)
        body["@odata.deltaLink"] = _link(call, "$deltatoken", following)
    body["value"] = [_row(user, names=mark.names) for user in page]
    return Answer(status=200, body=body)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Mark:
    """How far a reader has come: all changes up to a number, with the properties asked for at first.

    Who was deleted before a first round began (`deleted_before`) is no news in it; who is deleted during it is.
    """

    after: int
    names: tuple[str, ...]
    deleted_before: int


def _changed_users(tenant: Tenant, *, mark: Mark) -> list[User]:
    changed = [
        user
        for user in tenant.users.values()
        if user.change_number > mark.after and (user.deleted_at is None or user.change_number > mark.deleted_before)
    ]
    return sorted(changed, key=lambda user: user.change_number)


def _row(user: User, *, names: tuple[str, ...]) -> JsonObject:
    if user.deleted_at is not None:
        return {"id": user.id, "@removed": {"reason": "changed"}}
    return {**select(user_body(user), names or DEFAULT_NAMES), "id": user.id}


def _read_mark(call: Call, *, tenant: Tenant) -> Mark:
    token = call.request.query.get("$skiptoken") or call.request.query.get("$deltatoken")
    if not token:
        return Mark(after=0, names=selected_names(call), deleted_before=tenant.last_change)
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.encode()))
        given_at = parse_instant(claims["given_at"])
        mark = Mark(after=claims["after"], names=tuple(claims["names"]), deleted_before=claims["deleted_before"])
    except (binascii.Error, ValueError, KeyError, TypeError) as problem:
        raise GraphRefusal(400, "Directory_ExpiredPageToken", "The specified page token is not valid.") from problem
    if call.now >= given_at + TOKEN_LIFETIME:
        raise GraphRefusal(410, "syncStateNotFound", "The sync state is too old. Start over without a token.")
    return mark


def _link(call: Call, name: str, mark: Mark) -> str:
    claims = {
        "after": mark.after,
        "names": mark.names,
        "deleted_before": mark.deleted_before,
        "given_at": instant(call.now),
    }
    token = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    return f"{call.request.base_url}/v1.0/users/delta?{name}={quote(token)}"
