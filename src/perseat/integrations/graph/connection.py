"""One conversation with Graph: headers, tokens of the customer's tenant, patience, and addresses of its own only."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

import httpx
import structlog

from perseat.integrations.graph.answers import JsonObject, understand
from perseat.ports.clock import Clock
from perseat.ports.failures import NotFound, Unanswered, WritesAreOff

log = structlog.get_logger(__name__)

_TRIES = 3


class TokenSource(Protocol):
    """Where access tokens come from; wiring decides."""

    def get_token(self, tenant_id: str) -> str:
        """A good token."""
        ...

    def get_token_instead_of(self, refused: str, *, tenant_id: str) -> str:
        """Another one than the refused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    tenant_id: str
    method: str
    path: str
    params: Mapping[str, str | int] | None
    headers: Mapping[str, str]
    body: object


class Connection:
    """Speaks to Graph for any tenant. Every call says a wanted state, so each may be repeated after a lost answer.

    Waits go through the clock and end at `patience_seconds` in all; then the caller hears Unanswered.
    """

    def __init__(
        self,
        http: httpx.Client,
        *,
        base_url: str,
        tokens: TokenSource,
        clock: Clock,
        writes: bool,
        patience_seconds: float = 20.0,
    ) -> None:
        self._http = http
        self.root = f"{base_url.rstrip('/')}/v1.0"
        self._tokens = tokens
        self.clock = clock
        self._writes = writes
        self._patience_seconds = patience_seconds

    def get_token(self, tenant_id: str) -> str:
        """The token with which calls about this tenant are made."""
        return self._tokens.get_token(tenant_id)

    def get(
        self,
        tenant_id: str,
        *,
        path: str,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> JsonObject:
        """Read `path`, which begins below /v1.0."""
        return self._ask(
            _Call(tenant_id=tenant_id, method="GET", path=path, params=params, headers=headers or {}, body=None)
        )

    def list_all(
        self, tenant_id: str, *, path: str, params: Mapping[str, str | int] | None = None
    ) -> tuple[JsonObject, ...]:
        """Read a collection, all of its pages."""
        body = self.get(tenant_id, path=path, params=params)
        found = list_of_objects(body)
        while link := body.get("@odata.nextLink"):
            body = self.get(tenant_id, path=self.path_of(str(link)))
            found += list_of_objects(body)
        return tuple(found)

    def write(self, method: str, *, tenant_id: str, path: str, body: object = None) -> JsonObject:
        """Write. :raises WritesAreOff: before anything is sent."""
        if not self._writes:
            raise WritesAreOff("Writing to Microsoft is switched off (PERSEAT_SUPPLIER_WRITES).")
        return self._ask(_Call(tenant_id=tenant_id, method=method, path=path, params=None, headers={}, body=body))

    def path_of(self, link: str) -> str:
        """What follows our root in a link of Graph's. :raises Unanswered: it leads elsewhere."""
        if not link.startswith(f"{self.root}/"):
            raise Unanswered("Microsoft Graph pointed to an address that is not its own.")
        return link.removeprefix(self.root)

    def _ask(self, call: _Call) -> JsonObject:
        began = self.clock.now()
        for tries_left in reversed(range(_TRIES)):
            try:
                return understand(self._send(call))
            except httpx.TransportError as error:
                failure = Unanswered(f"Microsoft Graph did not answer ({type(error).__name__}).")
            except Unanswered as error:
                failure = error
            pause = failure.retry_after_seconds
            pause = float(2 ** (_TRIES - 1 - tries_left)) if pause is None else pause
            spent = (self.clock.now() - began).total_seconds()  # a silent Microsoft takes time, too
            if not tries_left or spent + pause > self._patience_seconds:
                raise failure
            self.clock.wait(pause)
        raise AssertionError("the last try returns or raises")

    def _send(self, call: _Call) -> httpx.Response:
        token = self._tokens.get_token(call.tenant_id)
        answer = self._send_once(call, token=token)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            token = self._tokens.get_token_instead_of(token, tenant_id=call.tenant_id)
            answer = self._send_once(call, token=token)
        return answer

    def _send_once(self, call: _Call, *, token: str) -> httpx.Response:
        client_request_id = str(uuid.uuid4())
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "client-request-id": client_request_id,
            "return-client-request-id": "true",
            **call.headers,
        }
        facts = {"method": call.method, "path": _loggable(call.path), "tenant_id": call.tenant_id}
        try:
            answer = self._http.request(
                call.method,
                self.root + call.path,
                params=dict(call.params) if call.params else None,
                headers=headers,
                json=call.body,
            )
        except httpx.TransportError as error:
            log.warning("graph unanswered", **facts, client_request_id=client_request_id, error=type(error).__name__)
            raise
        log.info(
            "graph",
            **facts,
            client_request_id=client_request_id,
            request_id=answer.headers.get("request-id", ""),
            status=answer.status_code,
        )
        return answer


def list_of_objects(body: JsonObject) -> list[JsonObject]:
    """The objects of a collection's page."""
    value = body.get("value")
    if not isinstance(value, list):
        raise Unanswered("Microsoft Graph answered without a list.")
    return [part for part in value if isinstance(part, dict)]


def path_part(name: str) -> str:
    """One part of a path, so quoted that nothing in it leads elsewhere. :raises NotFound: for what is no name."""
    if name in {"", ".", ".."}:
        raise NotFound(code="Request_ResourceNotFound", sentence="Microsoft does not know this person.")
    return quote(name, safe="")


def _loggable(path: str) -> str:
    """A path without what it says of people: neither the query, which may be a search, nor a sign-in name."""
    return re.sub(r"/users/[^/]*%40[^/]*", "/users/(sign-in name)", path.partition("?")[0])
