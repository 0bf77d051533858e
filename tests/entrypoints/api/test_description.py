"""openapi.json: valid OpenAPI 3.1 as far as its parts can be checked here; every answer of the tests is held to it."""

from __future__ import annotations

import json
import re
from typing import Any

from jsonschema import Draft202012Validator
from tests.entrypoints.api.calling import description
from tests.entrypoints.api.test_access import PERMISSIONS

_PARTS = {"openapi", "info", "paths", "components", "servers"}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_openapi_3_1_with_its_required_parts() -> None:
    found = description()

    assert re.fullmatch(r"3\.1\.\d+", found["openapi"])
    assert set(found) == _PARTS
    assert found["info"]["title"]
    assert found["info"]["version"]


def test_every_schema_is_a_valid_json_schema_and_every_reference_leads_somewhere() -> None:
    found = description()

    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for _path, _method, operation in operations():
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                Draft202012Validator.check_schema(content["schema"])
    for name in re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(found)):
        assert name in found["components"]["schemas"]


def test_every_operation_has_an_id_of_its_own_a_token_and_its_path_parameters() -> None:
    ids = [operation["operationId"] for _path, _method, operation in operations()]

    assert len(set(ids)) == len(ids)
    for path, method, operation in operations():
        named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"\{([^}]+)\}", path))
        assert operation["security"] == [{"BearerToken": []}]
        assert "401" in operation["responses"]
        keys = [each for each in operation["parameters"] if each["name"] == "Idempotency-Key"]
        assert len(keys) == (method == "post")


def test_every_operation_is_in_the_table_of_permissions() -> None:
    described = {(method, re.sub(r"\{[^}]*\}", "{}", path)) for path, method, _ in operations()}
    tried = {(method, "/api/v1" + re.sub(r"\{[^}]*\}", "{}", address)) for method, address, *_ in PERMISSIONS}

    assert described == tried


def test_bodies_take_no_unknown_fields_and_answers_have_none() -> None:
    for name, schema in description()["components"]["schemas"].items():
        if schema.get("type") == "object":
            assert schema.get("additionalProperties") is False, name
