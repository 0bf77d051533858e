"""A program that calls the API with a token, and holds every answer against openapi.json."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from tests.journeys.outside import World

from perseat.capabilities.accounts.models import User
from perseat.capabilities.customers.api_tokens import make_token
from perseat.capabilities.customers.models import Membership

ROOT = "/api/v1"


@cache
def description() -> dict[str, Any]:
    """What openapi.json says."""
    response = Client().get(f"{ROOT}/openapi.json")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Holds one token; "" for none."""

    secret: str

    def get(self, address: str, **query: Any) -> SimpleNamespace:
        return self._checked("get", address, Client().get(ROOT + address, query, headers=self._headers()))

    def post(self, address: str, body: Any = None, *, key: str = "") -> SimpleNamespace:
        return self.send(address, b"" if body is None else json.dumps(body).encode(), key=key)

    def send(
        self, address: str, body: bytes, *, content_type: str = "application/json", key: str = ""
    ) -> SimpleNamespace:
        """Any bytes at all."""
        headers = {**self._headers(), **({"Idempotency-Key": key} if key else {})}
        response = Client(enforce_csrf_checks=True).post(
            ROOT + address, body, content_type=content_type, headers=headers
        )
        return self._checked("post", address, response)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}

    def _checked(self, method: str, address: str, response: Any) -> SimpleNamespace:
        assert response.status_code < 500 or response.status_code == 503
        if response.headers["Content-Type"] != "application/json":
            return SimpleNamespace(status=response.status_code, json=None, response=response)
        found = json.loads(response.content, parse_float=_no_float)
        _assert_fits(method, address, status=response.status_code, found=found)
        return SimpleNamespace(status=response.status_code, json=found, response=response)


def program_of(world: World, user: User, *, name: str = "ERP") -> Program:
    """A program with a token that the member made."""
    customer_id = Membership.objects.get(user=user).customer_id
    made = make_token(name, valid_for_days=90, customer_id=customer_id, user_id=user.pk, now=world.now())
    return Program(secret=made.secret)


def _no_float(text: str) -> None:
    raise AssertionError(f"a float in an answer: {text}")


def _assert_fits(method: str, address: str, *, status: int, found: Any) -> None:
    operation = _operation(method, address)
    if operation is None:
        assert status == 404, f"{method} {address} is not described"
        return
    described: Mapping[str, Any] = operation["responses"]
    assert str(status) in described, f"{method} {address} does not say that it may answer {status}: {found}"
    schema = described[str(status)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": description()["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(found)


def _operation(method: str, address: str) -> dict[str, Any] | None:
    for template, methods in description()["paths"].items():
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", template)
        if re.fullmatch(pattern, ROOT + address) and method in methods:
            operation: dict[str, Any] = methods[method]
            return operation
    return None
