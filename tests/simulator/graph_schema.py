"""Every answer of the simulated Graph is held against graph_schema.json, which restates the schemas of Graph."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

_SCHEMAS = json.loads((Path(__file__).parent / "graph_schema.json").read_text("utf-8"))
_FORMATS = FormatChecker(formats=["uuid"])
# By method and path, the first that fits: the schema of one object, and whether the answer is a list of such objects.
_GDAP = "/tenantrelationships/delegatedadminrelationships"
_ANSWERS = (
    ("POST", r"/\$batch", "batchResponse", False),
    ("GET", r"/users", "user", True),
    ("GET", r"/users/delta(\(\))?", "user", True),
    ("GET", r"/directory/deleteditems/microsoft.graph.user", "user", True),
    ("GET", r"/users/[^/]+/licensedetails", "licenseDetails", True),
    ("POST", r"/users/[^/]+/revokesigninsessions", "truthValue", False),
    ("POST", r"/users|/users/[^/]+/(assignlicense|reprocesslicenseassignment)", "user", False),
    ("POST", r"/directory/deleteditems/[^/]+/restore", "user", False),
    ("GET", r"/users/[^/]+", "user", False),
    ("GET", r"/subscribedskus", "subscribedSku", True),
    ("GET", r"/subscribedskus/[^/]+", "subscribedSku", False),
    ("GET", r"/organization", "organization", True),
    ("GET", r"/organization/[^/]+", "organization", False),
    ("GET", r"/domains", "domain", True),
    ("GET", r"/domains/[^/]+", "domain", False),
    ("GET", r"/directory/subscriptions", "companySubscription", True),
    ("GET", _GDAP, "delegatedAdminRelationship", True),
    ("POST", _GDAP, "delegatedAdminRelationship", False),
    ("GET", rf"{_GDAP}/[^/]+", "delegatedAdminRelationship", False),
    ("POST", rf"{_GDAP}/[^/]+/requests", "delegatedAdminRelationshipRequest", False),
    ("GET", rf"{_GDAP}/[^/]+/accessassignments", "delegatedAdminAccessAssignment", True),
    ("POST", rf"{_GDAP}/[^/]+/accessassignments", "delegatedAdminAccessAssignment", False),
)
_EMPTY = (("PATCH", r"/users/[^/]+"), ("DELETE", r"/users/[^/]+"))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def check_answer(response: httpx.Response) -> None:
    """A hook for clients of the simulator. :raises AssertionError: Graph does not answer so."""
    request = response.request
    if request.url.path.startswith("/v1.0/") and not request.url.path.startswith("/v1.0/sales/"):
        response.read()
        sent = request.read()
        body = response.json() if response.content else None
        found = problems(method=request.method, path=request.url.path, status=response.status_code, body=body)
        if isinstance(body, dict) and "responses" in body:
            found += _problems_of_parts(json.loads(sent)["requests"], body["responses"])
        assert found == [], f"{request.method} {request.url.path}: {found}"


def problems(*, method: str, path: str, status: int, body: Any) -> list[str]:
    """Where an answer is not by Graph's schemas; the path begins at /v1.0."""
    if status >= 400:
        return _errors("error", is_list=False, body=body)
    below = path.lower().removeprefix("/v1.0").rstrip("/")
    if status == 204:
        is_known = any(method == one and re.fullmatch(pattern, below) for one, pattern in _EMPTY)
        return [] if is_known and body is None else ["this has an answer of its own"]
    for one, pattern, schema, is_list in _ANSWERS:
        if method == one and re.fullmatch(pattern, below):
            return _errors(schema, is_list=is_list, body=body)
    return ["no schema is named for this address"]


def _problems_of_parts(requests: list[Any], responses: list[Any]) -> list[str]:
    asked = {str(request["id"]): request for request in requests}
    return [
        f"part {response['id']}: {problem}"
        for response in responses
        for problem in problems(
            method=asked[response["id"]]["method"].upper(),
            path="/v1.0" + asked[response["id"]]["url"].partition("?")[0],
            status=response["status"],
            body=response.get("body"),
        )
    ]


def _errors(schema: str, *, is_list: bool, body: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in _validator(schema, is_list=is_list).iter_errors(body)]


@cache
def _validator(schema: str, *, is_list: bool) -> Draft202012Validator:
    whole: dict[str, Any] = {"$ref": f"#/$defs/{schema}"}
    if is_list:
        whole = {
            "type": "object",
            "required": ["value"],
            "properties": {
                "value": {"type": "array", "items": whole},
                "@odata.context": {"type": "string", "format": "uri"},
                "@odata.count": {"type": "integer"},
                "@odata.nextLink": {"type": "string"},
                "@odata.deltaLink": {"type": "string"},
            },
            "additionalProperties": False,
        }
    return Draft202012Validator({"$defs": _SCHEMAS["$defs"]} | whole, format_checker=_FORMATS)
