"""Graph's contract for delegated access, over canned answers: asked for once, locked once, given once."""

from __future__ import annotations

import httpx
import pytest
from tests.integrations.canned import PARTNER, CountedTokens, StandingClock, Wire

from perseat.domain.tenant_access import DIRECTORY_READERS, AccessState, GroupState
from perseat.integrations.graph.connection import Connection
from perseat.integrations.graph.delegated_access import GraphDelegatedAccess
from perseat.ports.delegated_access import Relationship
from perseat.ports.failures import Refused, WritesAreOff

GROUP = "9f0a7c52-4c1e-4f7b-8f56-3d1b0c2e4a90"
NAME = "Perseat C-1001 5f2a6c1e1d0b 1"
ROOT = "/v1.0/tenantRelationships/delegatedAdminRelationships"
ROLES = {"unifiedRoles": [{"roleDefinitionId": DIRECTORY_READERS}]}


def access(wire: Wire, *, writes: bool = True, group_id: str = GROUP) -> GraphDelegatedAccess:
    connection = Connection(
        httpx.Client(transport=httpx.MockTransport(wire)),
        base_url="https://graph.example",
        tokens=CountedTokens(),
        clock=StandingClock(),
        writes=writes,
    )
    return GraphDelegatedAccess(connection, partner_tenant_id=PARTNER, group_id=group_id)


def ok(body: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


def relationship(status: str, **extra: object) -> dict[str, object]:
    facts = {"id": "r-1", "displayName": NAME, "status": status, "customer": {"tenantId": "T-1"}}
    return facts | {"accessDetails": ROLES} | extra


def rows(*found: object) -> httpx.Response:
    return ok({"value": list(found)})


def assignment(status: str, group_id: str = GROUP) -> dict[str, object]:
    return {"id": "a-1", "status": status, "accessContainer": {"accessContainerId": group_id}, "accessDetails": ROLES}


def ask(wire: Wire, **settings: bool) -> Relationship:
    return access(wire, **settings).ask_relationship(
        name=NAME, tenant_id="t-1", company="Contoso", role_ids=[DIRECTORY_READERS], days=730
    )


LOST = httpx.ReadTimeout("lost")


def test_it_is_made_locked_and_read_with_the_link_to_approve_it() -> None:
    wire = Wire(rows(), ok(relationship("created"), 201), ok({}, 201), ok(relationship("approvalPending")))

    found = ask(wire)

    assert [f"{each.method} {each.url.path.removeprefix(ROOT)}" for each in wire.sent] == [
        "GET ",
        "POST ",
        "POST /r-1/requests",
        "GET /r-1",
    ]
    assert (wire.body(1)["displayName"], wire.body(1)["duration"]) == (NAME, "P730D")
    assert wire.body(2) == {"action": "lockForApproval"}
    assert found.state is AccessState.APPROVAL_PENDING
    assert found.approval_link.endswith("/granularAdminRelationships/r-1")
    assert (found.tenant_id, found.role_ids) == ("t-1", (DIRECTORY_READERS,))


def test_one_that_is_there_is_not_made_again() -> None:
    wire = Wire(rows(relationship("approvalPending", displayName=NAME.upper())))

    assert ask(wire).state is AccessState.APPROVAL_PENDING
    assert len(wire.sent) == 1


def test_when_the_answer_is_lost_it_is_found_by_its_name() -> None:
    conflict = ok({"error": {"code": "Conflict", "message": "exists"}}, 409)
    wire = Wire(
        rows(), LOST, conflict, conflict, rows(relationship("created")), ok({}, 201), ok(relationship("active"))
    )

    assert ask(wire).state is AccessState.ACTIVE
    assert wire.is_used_up


def test_a_lock_whose_answer_is_lost_counts_when_it_has_moved_on() -> None:
    refused = ok({"error": {"code": "BadRequest", "message": "status"}}, 400)
    wire = Wire(rows(relationship("created")), refused, ok(relationship("approvalPending")))

    assert ask(wire).state is AccessState.APPROVAL_PENDING
    with pytest.raises(Refused):
        ask(Wire(rows(relationship("created")), refused, ok(relationship("created"))))


def test_nothing_is_asked_for_while_writing_is_switched_off() -> None:
    with pytest.raises(WritesAreOff):
        ask(Wire(rows()), writes=False)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("created", AccessState.CREATED),
        ("approvalPending", AccessState.APPROVAL_PENDING),
        ("approved", AccessState.ACTIVATING),
        ("activating", AccessState.ACTIVATING),
        ("active", AccessState.ACTIVE),
        ("expiring", AccessState.EXPIRING),
        ("expired", AccessState.EXPIRED),
        ("terminationRequested", AccessState.TERMINATED),
        ("terminating", AccessState.TERMINATED),
        ("terminated", AccessState.TERMINATED),
    ],
)
def test_each_of_microsofts_states_is_one_of_ours(status: str, state: AccessState) -> None:
    found = access(Wire(ok(relationship(status, endDateTime="2028-11-22T09:00:00Z")))).get_relationship("r-1")

    assert found.state is state
    assert found.ends_at is not None
    assert found.ends_at.isoformat() == "2028-11-22T09:00:00+00:00"


def test_our_group_is_given_its_roles_once() -> None:
    wire = Wire(rows(assignment("active", group_id="another")), ok(assignment("pending"), 201))

    first = access(wire).give_to_group("r-1", role_ids=[DIRECTORY_READERS])
    second = access(Wire(rows(assignment("active")))).give_to_group("r-1", role_ids=[DIRECTORY_READERS])

    assert (first.state, second.state) == (GroupState.PENDING, GroupState.ACTIVE)
    assert wire.body(1)["accessContainer"] == {"accessContainerId": GROUP, "accessContainerType": "securityGroup"}


def test_a_lost_answer_about_the_group_is_read_back() -> None:
    conflict = ok({"error": {"code": "Conflict", "message": "exists"}}, 409)
    wire = Wire(rows(), LOST, conflict, conflict, rows(assignment("pending")))

    assert access(wire).give_to_group("r-1", role_ids=[DIRECTORY_READERS]).state is GroupState.PENDING


def test_what_is_being_taken_away_counts_as_nothing() -> None:
    assert access(Wire(rows(assignment("deleting")))).get_group_grant("r-1").state is GroupState.NONE


def test_without_a_group_it_is_not_used() -> None:
    assert not access(Wire(), group_id="").is_used
    assert access(Wire()).is_used
