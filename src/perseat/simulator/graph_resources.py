"""Shapes all Graph resources share: the tenant of a call, bodies, $select and the context."""

from __future__ import annotations

from perseat.simulator.calls import Call
from perseat.simulator.graph_errors import BAD_JSON, DENIED, GraphRefusal
from perseat.simulator.messages import JsonObject
from perseat.simulator.store import Tenant

METADATA = "https://graph.microsoft.com/v1.0/$metadata"


def find_tenant(call: Call) -> Tenant:
    """The tenant the token is for.

    :raises GraphRefusal: 403 when the application may not read it.
    """
    tenant = call.store.tenants.get(call.token.tenant_id)
    if tenant is None:
        raise GraphRefusal(403, "Authorization_RequestDenied", DENIED)
    return tenant


def read_body(call: Call) -> JsonObject:
    """The body of a write.

    :raises GraphRefusal: 400 when it is no JSON object.
    """
    try:
        body = call.request.json()
    except ValueError as problem:
        raise GraphRefusal(400, "BadRequest", BAD_JSON) from problem
    if not isinstance(body, dict):
        raise GraphRefusal(400, "BadRequest", BAD_JSON)
    return body


def selected_names(call: Call) -> tuple[str, ...]:
    """The names of $select, empty when everything (or the default) is wanted."""
    asked = call.request.query.get("$select", "")
    return tuple(name.strip() for name in asked.split(",") if name.strip())


def select(body: JsonObject, names: tuple[str, ...]) -> JsonObject:
    """The named properties of a body; all of them when none is named."""
    if not names:
        return body
    by_fold = {name.lower(): name for name in body}
    return {by_fold[name.lower()]: body[by_fold[name.lower()]] for name in names if name.lower() in by_fold}


def context(path: str, names: tuple[str, ...] = ()) -> str:
    """The context address of an answer."""
    return f"{METADATA}#{path}({','.join(names)})" if names else f"{METADATA}#{path}"
