"""Graph as a whole: who may call, the headers of every answer, and the batch of up to twenty calls."""

from __future__ import annotations

import dataclasses
import datetime
import json
import uuid
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from perseat.simulator import graph_delta, graph_licenses, graph_relationships, graph_tenant, graph_users
from perseat.simulator.budgets import Spent
from perseat.simulator.calls import Call
from perseat.simulator.faults import FaultList
from perseat.simulator.graph_errors import (
    BAD_JSON,
    TOKEN_MESSAGES,
    WRONG_AUDIENCE,
    GraphRefusal,
    refusal_answer,
    throttled_answer,
)
from perseat.simulator.graph_misbehavior import answer_fault
from perseat.simulator.graph_permissions import check_permission
from perseat.simulator.graph_roles import check_roles
from perseat.simulator.messages import Answer, JsonObject, Request
from perseat.simulator.router import Router
from perseat.simulator.store import Store
from perseat.simulator.tokens import GRAPH, AccessToken, TokenRefused, read_token

LARGEST_BATCH = 20
_CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_BATCH_METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})


def build_router() -> Router:
    """All addresses of Graph; fixed parts come before names."""
    router = Router()
    graph_delta.add_routes(router)
    graph_tenant.add_routes(router)
    graph_users.add_routes(router)
    graph_licenses.add_routes(router)
    graph_relationships.add_routes(router)
    return router


_ROUTER = build_router()


def answer_graph_call(request: Request, *, store: Store, now: datetime.datetime, faults: FaultList) -> Answer:
    """The answer of Graph; `faults` may strike the parts of a batch."""
    request_id = str(uuid.uuid4())
    client_request_id = request.headers.get("client-request-id") or request_id
    try:
        token = _check_token(request, now=now)
        if request.method == "POST" and request.path.lower() == "/v1.0/$batch":
            answer = _answer_batch(request, store=store, now=now, token=token, faults=faults)
        else:
            answer = _answer_one(request, store=store, now=now, token=token, request_id=request_id)
    except GraphRefusal as refusal:
        answer = refusal_answer(refusal, request_id=request_id, client_request_id=client_request_id, now=now)
    headers = {"request-id": request_id, "client-request-id": client_request_id}
    return answer.with_headers(headers | ({} if answer.body is None else {"Content-Type": _CONTENT_TYPE}))


def _check_token(request: Request, *, now: datetime.datetime) -> AccessToken:
    code = "InvalidAuthenticationToken"
    try:
        token = read_token(request.headers.get("authorization"), now=now)
    except TokenRefused as refused:
        raise GraphRefusal(401, code, TOKEN_MESSAGES[refused.fault]) from refused
    if token.audience != GRAPH:
        raise GraphRefusal(401, code, WRONG_AUDIENCE)
    return token


def _answer_one(
    request: Request, *, store: Store, now: datetime.datetime, token: AccessToken, request_id: str
) -> Answer:
    tenant = store.tenants.get(token.tenant_id)
    users = tenant.holders.living if tenant else 0
    spent = store.budgets.spend_at_graph(request, tenant_id=token.tenant_id, users=users, now=now)
    if spent.retry_after:
        return throttled_answer(
            spent.retry_after, request_id=request_id, now=now, scope=spent.scope, information=spent.information
        )
    found = _ROUTER.find(method=request.method, path=request.path)
    if found is not None:
        handler, names = found
        if tenant is not None:
            check_permission(tenant, method=request.method, path=request.path)
            check_roles(store, tenant, token=token, method=request.method, path=request.path)
        call = Call(request=request, store=store, now=now, token=token, names=names, request_id=request_id)
        return handler(call).with_headers(_headers_of(spent))
    if _ROUTER.knows_path(request.path):
        raise GraphRefusal(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    segment = request.path.removeprefix("/v1.0/")
    raise GraphRefusal(400, "BadRequest", f"Resource not found for the segment '{segment}'.")


def _headers_of(spent: Spent) -> dict[str, str]:
    told = {"x-ms-throttle-limit-percentage": f"{spent.percentage:g}"} if spent.percentage else {}
    return {"x-ms-resource-unit": str(spent.units), **told}


def _answer_batch(
    request: Request, *, store: Store, now: datetime.datetime, token: AccessToken, faults: FaultList
) -> Answer:
    parts = _read_parts(request)
    statuses: dict[str, int] = {}
    responses: list[JsonObject] = []
    for part in parts:
        needed = [str(name) for name in part.get("dependsOn") or ()]
        if any(statuses.get(name, 424) >= 400 for name in needed):
            answer = Answer(status=424, body={"error": {"code": "FailedDependency", "message": "Failed Dependency"}})
        else:
            answer = _answer_part(part, request, store=store, now=now, token=token, faults=faults)
        statuses[str(part["id"])] = answer.status
        responses.append(_response_body(str(part["id"]), answer))
    # The order of the responses means nothing; turned round, nobody comes to rely on it.
    return Answer(status=200, body={"responses": responses[::-1]})


def _read_parts(request: Request) -> list[JsonObject]:
    try:
        body = request.json()
    except ValueError as problem:
        raise GraphRefusal(400, "BadRequest", BAD_JSON) from problem
    parts = body.get("requests") if isinstance(body, dict) else None
    if not isinstance(parts, list) or not parts:
        raise GraphRefusal(400, "BadRequest", "Invalid batch payload format.")
    if len(parts) > LARGEST_BATCH:
        text = f"Number of batch request steps exceeds the maximum value of {LARGEST_BATCH}."
        raise GraphRefusal(400, "BadRequest", text)
    for part in parts:
        _check_part(part)
    if len({str(part["id"]) for part in parts}) < len(parts):
        raise GraphRefusal(400, "BadRequest", "Request Id has to be unique in a batch.")
    return parts


def _check_part(part: Any) -> None:
    if not isinstance(part, dict) or any(not part.get(name) for name in ("id", "method", "url")):
        raise GraphRefusal(400, "BadRequest", "Invalid batch payload format.")
    if str(part["method"]).upper() not in _BATCH_METHODS:
        raise GraphRefusal(400, "BadRequest", "Invalid batch payload format.")
    headers = part.get("headers") or {}
    if part.get("body") is not None and "content-type" not in {str(name).lower() for name in headers}:
        text = "Write request id : {} does not contain Content-Type header or body."
        raise GraphRefusal(400, "BadRequest", text.format(part["id"]))


def _answer_part(
    part: JsonObject,
    request: Request,
    *,
    store: Store,
    now: datetime.datetime,
    token: AccessToken,
    faults: FaultList,
) -> Answer:
    inner = _part_request(part, request)
    request_id = str(uuid.uuid4())
    fault = faults.take(method=inner.method, path=inner.path, about=token.tenant_id)
    struck = None if fault is None else answer_fault(fault, token=token, request_id=request_id, now=now)
    if struck is not None and fault is not None and not fault.is_done_first:
        return struck
    try:
        answer = _answer_one(inner, store=store, now=now, token=token, request_id=request_id)
    except GraphRefusal as refusal:
        answer = refusal_answer(refusal, request_id=request_id, client_request_id=request_id, now=now)
    answer = struck or answer
    return answer.with_headers({"Content-Type": "application/json"} if answer.body is not None else {})


def _part_request(part: JsonObject, request: Request) -> Request:
    address = urlsplit(str(part["url"]))
    body = part.get("body")
    return dataclasses.replace(
        request,
        method=str(part["method"]).upper(),
        path="/v1.0/" + unquote(address.path).lstrip("/"),
        query=dict(parse_qsl(address.query, keep_blank_values=True)),
        headers={str(name).lower(): str(value) for name, value in (part.get("headers") or {}).items()},
        body=b"" if body is None else json.dumps(body).encode(),
    )


def _response_body(name: str, answer: Answer) -> JsonObject:
    response: JsonObject = {"id": name, "status": answer.status, "headers": answer.headers}
    return response if answer.body is None else response | {"body": answer.body}
