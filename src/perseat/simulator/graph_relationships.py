"""The partner's own directory: delegated admin relationships (GDAP), asked for, approved, and given to groups."""

from __future__ import annotations

import re
import uuid
from typing import Any

from perseat.simulator.calls import Call
from perseat.simulator.credentials import PARTNER_TENANT
from perseat.simulator.graph_errors import DENIED, GraphRefusal, bad_request, not_found
from perseat.simulator.graph_resources import METADATA, read_body
from perseat.simulator.messages import Answer, JsonObject, instant
from perseat.simulator.relationships import AccessAssignment, AdminRelationship
from perseat.simulator.router import Router

_ROOT = "/v1.0/tenantRelationships/delegatedAdminRelationships"
_LONGEST_NAME = 50
_MOST_DAYS = 730


def add_routes(router: Router) -> None:
    """Answer the addresses of delegated administration."""
    router.add("GET", _ROOT, list_relationships)
    router.add("POST", _ROOT, create_relationship)
    router.add("GET", f"{_ROOT}/{{id}}", get_relationship)
    router.add("POST", f"{_ROOT}/{{id}}/requests", request_action)
    router.add("GET", f"{_ROOT}/{{id}}/accessAssignments", list_assignments)
    router.add("POST", f"{_ROOT}/{{id}}/accessAssignments", create_assignment)


def list_relationships(call: Call) -> Answer:
    """All of them, whatever their state."""
    _must_be_at_home(call)
    return _collection([_body(each) for each in call.store.relationships.values()], name="delegatedAdminRelationships")


def get_relationship(call: Call) -> Answer:
    """One of them."""
    return Answer(status=200, body=_body(_find(call)))


def create_relationship(call: Call) -> Answer:
    """A relationship that the customer does not see before it is locked for approval."""
    _must_be_at_home(call)
    body = read_body(call)
    name = str(body.get("displayName") or "")
    if not name or len(name) > _LONGEST_NAME:
        raise bad_request("Invalid value specified for property 'displayName' of resource.")
    if any(each.name.casefold() == name.casefold() for each in call.store.relationships.values()):
        raise GraphRefusal(409, "Conflict", "A relationship with the same displayName already exists.")
    customer = body.get("customer") or {}
    relationship = AdminRelationship(
        id=f"{uuid.uuid4()}-{uuid.uuid4()}",
        name=name,
        tenant_id=str(customer.get("tenantId") or "").lower(),
        company=str(customer.get("displayName") or ""),
        days=_days(body.get("duration")),
        role_ids=_roles(body),
        created_at=call.now,
        changed_at=call.now,
        extends_itself=str(body.get("autoExtendDuration") or "PT0S") == "P180D",
    )
    call.store.relationships[relationship.id] = relationship
    return Answer(status=201, body=_body(relationship))


def request_action(call: Call) -> Answer:
    """What the partner may do with a relationship: have the customer asked, or end it."""
    relationship = _find(call)
    action = str(read_body(call).get("action") or "")
    wanted = {"lockForApproval": ("created", "approvalPending"), "terminate": ("active", "terminated")}
    if action not in wanted:
        raise bad_request("Invalid value specified for property 'action' of resource.")
    before, after = wanted[action]
    if relationship.status != before:
        raise bad_request(f"The relationship is in status '{relationship.status}'.")
    relationship.become(after, now=call.now)
    body = {"id": str(uuid.uuid4()), "action": action, "status": "created", "createdDateTime": instant(call.now)}
    return Answer(status=201, body=body)


def list_assignments(call: Call) -> Answer:
    """What the partner's groups were given."""
    return _collection([_assignment_body(each) for each in _find(call).assignments], name="accessAssignments")


def create_assignment(call: Call) -> Answer:
    """Give roles of an active relationship to a security group."""
    relationship = _find(call)
    body = read_body(call)
    container = body.get("accessContainer") or {}
    group_id = str(container.get("accessContainerId") or "").lower()
    if not group_id or container.get("accessContainerType") != "securityGroup":
        raise bad_request("Invalid value specified for property 'accessContainer' of resource.")
    if relationship.status != "active":
        raise bad_request(f"The relationship is in status '{relationship.status}'.")
    role_ids = _roles(body)
    if not set(role_ids) <= set(relationship.role_ids):
        raise bad_request("Invalid value specified for property 'unifiedRoles' of resource.")
    if any(each.group_id == group_id for each in relationship.assignments):
        raise GraphRefusal(409, "Conflict", "The access container is assigned already.")
    assignment = AccessAssignment(id=str(uuid.uuid4()), group_id=group_id, role_ids=role_ids, created_at=call.now)
    relationship.assignments.append(assignment)
    return Answer(status=201, body=_assignment_body(assignment))


def _must_be_at_home(call: Call) -> None:
    """Only a person of the partner's, signed in in the partner's own directory, sees any of this."""
    if call.token.tenant_id != PARTNER_TENANT or call.token.is_app_only:
        raise GraphRefusal(403, "Authorization_RequestDenied", DENIED)


def _find(call: Call) -> AdminRelationship:
    _must_be_at_home(call)
    found = call.store.relationships.get(call.names["id"])
    if found is None:
        raise not_found(call.names["id"])
    return found


def _days(value: Any) -> int:
    found = re.fullmatch(r"P(\d{1,4})D", str(value or ""))
    days = int(found.group(1)) if found else 0
    if not 1 <= days <= _MOST_DAYS:
        raise bad_request("Invalid value specified for property 'duration' of resource.")
    return days


def _roles(body: JsonObject) -> list[str]:
    rows = (body.get("accessDetails") or {}).get("unifiedRoles") or []
    found = [str(row.get("roleDefinitionId") or "").lower() for row in rows if isinstance(row, dict)]
    if not found or not all(found):
        raise bad_request("Invalid value specified for property 'unifiedRoles' of resource.")
    return found


def _collection(rows: list[JsonObject], *, name: str) -> Answer:
    return Answer(status=200, body={"@odata.context": f"{METADATA}#tenantRelationships/{name}", "value": rows})


def _body(relationship: AdminRelationship) -> JsonObject:
    return {
        "@odata.etag": f'W/"{int(relationship.changed_at.timestamp())}"',
        "id": relationship.id,
        "displayName": relationship.name,
        "duration": f"P{relationship.days}D",
        "autoExtendDuration": "P180D" if relationship.extends_itself else "PT0S",
        "customer": {"tenantId": relationship.tenant_id, "displayName": relationship.company},
        "accessDetails": _access_details(relationship.role_ids),
        "status": relationship.status,
        "createdDateTime": instant(relationship.created_at),
        "lastModifiedDateTime": instant(relationship.changed_at),
        "activatedDateTime": instant(relationship.activated_at) if relationship.activated_at else None,
        "endDateTime": instant(relationship.ends_at) if relationship.ends_at else None,
    }


def _assignment_body(assignment: AccessAssignment) -> JsonObject:
    return {
        "id": assignment.id,
        "status": assignment.status,
        "createdDateTime": instant(assignment.created_at),
        "lastModifiedDateTime": instant(assignment.created_at),
        "accessContainer": {"accessContainerId": assignment.group_id, "accessContainerType": "securityGroup"},
        "accessDetails": _access_details(assignment.role_ids),
    }


def _access_details(role_ids: list[str]) -> JsonObject:
    return {"unifiedRoles": [{"roleDefinitionId": role} for role in role_ids]}
