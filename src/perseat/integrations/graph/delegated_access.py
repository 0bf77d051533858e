"""The DelegatedAccess port on Graph's delegated admin relationships, asked in the partner's own directory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perseat.domain.tenant_access import AccessState, GroupState
from perseat.integrations.graph.answers import JsonObject
from perseat.integrations.graph.connection import Connection, path_part
from perseat.integrations.graph.reading import read_moment
from perseat.ports.delegated_access import GroupGrant, Relationship
from perseat.ports.failures import Refused, Unanswered

_ROOT = "/tenantRelationships/delegatedAdminRelationships"
# Where the customer's administrator approves; the address is Microsoft's, the id the relationship's.
_APPROVAL = "https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/"
_STATE_OF = {
    "created": AccessState.CREATED,
    "approvalpending": AccessState.APPROVAL_PENDING,
    "approved": AccessState.ACTIVATING,
    "activating": AccessState.ACTIVATING,
    "active": AccessState.ACTIVE,
    "expiring": AccessState.EXPIRING,
    "expired": AccessState.EXPIRED,
    "terminationrequested": AccessState.TERMINATED,
    "terminating": AccessState.TERMINATED,
    "terminated": AccessState.TERMINATED,
}
_GROUP_STATE_OF = {"pending": GroupState.PENDING, "active": GroupState.ACTIVE, "error": GroupState.ERROR}


class GraphDelegatedAccess:
    """Answers the DelegatedAccess port. `group_id`: our security group in the partner's directory, "" for none."""

    def __init__(self, connection: Connection, *, partner_tenant_id: str, group_id: str) -> None:
        self._connection = connection
        self._home = partner_tenant_id
        self._group_id = group_id.lower()

    @property
    def is_used(self) -> bool:
        """Whether a group is named."""
        return bool(self._group_id)

    def try_reading(self) -> None:
        """The first page will do."""
        self._connection.get(self._home, path=_ROOT)

    def ask_relationship(
        self, *, name: str, tenant_id: str, company: str, role_ids: Sequence[str], days: int
    ) -> Relationship:
        """Make it, unless one of that name is there, then lock it: from then on the customer can approve it."""
        found = self._find(name) or self._make(
            name=name, tenant_id=tenant_id, company=company, role_ids=role_ids, days=days
        )
        if found.state is not AccessState.CREATED:
            return found
        try:
            self._write(f"{_path(found.relationship_id)}/requests", body={"action": "lockForApproval"})
        except (Refused, Unanswered):
            # A lost answer, or somebody else was quicker: what counts is where it stands.
            after = self.get_relationship(found.relationship_id)
            if after.state is AccessState.CREATED:
                raise
            return after
        return self.get_relationship(found.relationship_id)

    def get_relationship(self, relationship_id: str) -> Relationship:
        """One relationship."""
        return _read(self._connection.get(self._home, path=_path(relationship_id)))

    def give_to_group(self, relationship_id: str, *, role_ids: Sequence[str]) -> GroupGrant:
        """Read what the group has; only when it has nothing, give."""
        held = self.get_group_grant(relationship_id)
        if held.state is not GroupState.NONE:
            return held
        body = {
            "accessContainer": {"accessContainerId": self._group_id, "accessContainerType": "securityGroup"},
            "accessDetails": _access_details(role_ids),
        }
        try:
            made = self._write(f"{_path(relationship_id)}/accessAssignments", body=body)
        except (Refused, Unanswered):
            held = self.get_group_grant(relationship_id)
            if held.state is GroupState.NONE:
                raise
            return held
        return _read_grant(made)

    def get_group_grant(self, relationship_id: str) -> GroupGrant:
        """Assignments that are being taken away count as none."""
        for row in self._connection.list_all(self._home, path=f"{_path(relationship_id)}/accessAssignments"):
            grant = _read_grant(row)
            group_id = _part(row, "accessContainer").get("accessContainerId")
            if str(group_id).lower() == self._group_id and grant.state is not GroupState.NONE:
                return grant
        return GroupGrant(state=GroupState.NONE, role_ids=())

    def _make(self, *, name: str, tenant_id: str, company: str, role_ids: Sequence[str], days: int) -> Relationship:
        body = {
            "displayName": name,
            "duration": f"P{days}D",
            "customer": {"tenantId": tenant_id, "displayName": company},
            "accessDetails": _access_details(role_ids),
        }
        try:
            return _read(self._write(_ROOT, body=body))
        except (Refused, Unanswered):
            # Names are unique: if the answer was lost, or a second try met the first one, it is there by now.
            found = self._find(name)
            if found is None:
                raise
            return found

    def _find(self, name: str) -> Relationship | None:
        rows = self._connection.list_all(self._home, path=_ROOT)
        return next((_read(row) for row in rows if str(row.get("displayName")).casefold() == name.casefold()), None)

    def _write(self, path: str, *, body: object) -> JsonObject:
        return self._connection.write("POST", tenant_id=self._home, path=path, body=body)


def _path(relationship_id: str) -> str:
    return f"{_ROOT}/{path_part(relationship_id)}"


def _read(row: JsonObject) -> Relationship:
    relationship_id = str(row.get("id") or "")
    if not relationship_id:
        raise Unanswered("Microsoft Graph answered without the relationship's id.")
    return Relationship(
        relationship_id=relationship_id,
        name=str(row.get("displayName") or ""),
        tenant_id=str(_part(row, "customer").get("tenantId") or "").lower(),
        state=_STATE_OF.get(str(row.get("status")).casefold(), AccessState.CREATED),
        role_ids=_role_ids(row),
        approval_link=_APPROVAL + relationship_id,
        ends_at=read_moment(row.get("endDateTime")),
    )


def _read_grant(row: JsonObject) -> GroupGrant:
    state = _GROUP_STATE_OF.get(str(row.get("status")).casefold(), GroupState.NONE)
    return GroupGrant(state=state, role_ids=_role_ids(row))


def _role_ids(row: JsonObject) -> tuple[str, ...]:
    roles = _part(row, "accessDetails").get("unifiedRoles")
    listed = roles if isinstance(roles, list) else []
    return tuple(str(each.get("roleDefinitionId")).lower() for each in listed if isinstance(each, dict))


def _part(row: JsonObject, name: str) -> dict[str, Any]:
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def _access_details(role_ids: Sequence[str]) -> dict[str, object]:
    return {"unifiedRoles": [{"roleDefinitionId": each} for each in role_ids]}
