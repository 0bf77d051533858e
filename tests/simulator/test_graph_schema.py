"""The schemas notice what Graph would not answer; every other test here asks under their eyes."""

from __future__ import annotations

import pytest
from tests.simulator.graph_schema import problems
from tests.simulator.world import World

PERSON = {"id": "0b9a3c54-6a5e-4f0f-9d55-6f2f1f1b7a10", "createdDateTime": "2026-03-10T09:30:00Z", "mail": None}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (PERSON, ""),
        (PERSON | {"accountEnabled": "true"}, "$.accountEnabled: 'true' is not of type 'boolean', 'null'"),
        (PERSON | {"nickname": "Ada"}, "'nickname'"),
        (PERSON | {"createdDateTime": "10 March"}, "is not a 'date-time'"),
        (PERSON | {"assignedLicenses": [{"skuId": "basic"}]}, "'basic' is not a 'uuid'"),
        (PERSON | {"id": None}, "$.id: None is not of type 'string'"),
    ],
)
def test_an_object_has_only_names_that_graph_knows_with_its_types(body: dict[str, object], problem: str) -> None:
    found = problems(method="GET", path="/v1.0/users/ada", status=200, body=body)

    assert problem in "".join(found)
    assert len(found) == bool(problem)


def test_an_error_has_a_code_and_a_message() -> None:
    assert problems(method="GET", path="/v1.0/users", status=404, body={"error": {"code": "x"}}) == [
        "$.error: 'message' is a required property"
    ]


def test_an_address_without_a_schema_is_noticed() -> None:
    assert problems(method="GET", path="/v1.0/groups", status=200, body={"value": []}) != []
    assert problems(method="POST", path="/v1.0/users", status=204, body=None) != []


def test_the_parts_of_a_batch_are_looked_at_each(world: World) -> None:
    parts = [{"id": "1", "method": "GET", "url": "/users"}, {"id": "2", "method": "GET", "url": "/users/nobody"}]

    answer = world.graph("POST", "/$batch", json={"requests": parts})

    assert {part["id"]: part["status"] for part in answer.json()["responses"]} == {"1": 200, "2": 404}
