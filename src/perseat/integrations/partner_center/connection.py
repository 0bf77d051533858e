"""One conversation with Partner Center: headers, tokens, patience, paging, and what an answer means."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, urlsplit

import httpx
import structlog

from perseat.integrations.partner_center.answers import Answer, understand
from perseat.integrations.partner_center.record import Record
from perseat.ports.clock import Clock
from perseat.ports.failures import NotFound, Unanswered, WritesAreOff

log = structlog.get_logger(__name__)

_TRIES_OF_A_READ = 3
_TRIES_OF_A_WRITE = 2
_PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_CONTINUATION = "MS-ContinuationToken"
_PAGES_AT_MOST = 10_000


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
    method: str
    path: str
    request_id: uuid.UUID
    params: Mapping[str, str | int] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None


class Connection:
    """Speaks to one partner's Partner Center.

    Reads are repeated a few times while the waits asked for fit in `patience_seconds`; writes only after a broken
    connection, once, with the same request id. All waits go through the clock.
    """

    def __init__(
        self,
        http: httpx.Client,
        *,
        base_url: str,
        partner_tenant_id: str,
        tokens: TokenSource,
        clock: Clock,
        writes: bool,
        patience_seconds: float = 20.0,
        root: str = "/v1",
    ) -> None:
        self._http = http
        self._root = f"{base_url.rstrip('/')}{root}"
        self._partner_tenant_id = partner_tenant_id
        self._tokens = tokens
        self._clock = clock
        self._writes = writes
        self._patience_seconds = patience_seconds

    def must_be_allowed_to_write(self) -> None:
        """:raises WritesAreOff: when the switch is off; nothing was sent."""
        if not self._writes:
            raise WritesAreOff("Writing to Microsoft is switched off (PERSEAT_SUPPLIER_WRITES).")

    def get(self, path: str, *, params: Mapping[str, str | int] | None = None) -> Record:
        """Read one resource."""
        return self._read(_Call(method="GET", path=path, request_id=uuid.uuid4(), params=params)).record

    def exists(self, path: str) -> bool:
        """Whether something is there, without reading it."""
        try:
            self._read(_Call(method="HEAD", path=path, request_id=uuid.uuid4()))
        except NotFound:
            return False
        return True

    def ask(self, path: str, *, body: object) -> Record:
        """A question that is put as a POST and changes nothing, so that it may be repeated like a read."""
        return self._read(_Call(method="POST", path=path, request_id=uuid.uuid4(), body=body)).record

    def list_all(self, path: str, *, params: Mapping[str, str | int] | None = None) -> tuple[Record, ...]:
        """Read a collection, all of its pages."""
        items: list[Record] = []
        call = _Call(method="GET", path=path, request_id=uuid.uuid4(), params=params)
        for _page in range(_PAGES_AT_MOST):
            page = self._read(call).record
            items.extend(page.records("items"))
            following = self._next_page(page, after=call)
            if following is None or (following.path, following.headers) == (call.path, call.headers):
                return tuple(items)
            call = following
        raise Unanswered("Partner Center's list does not end.")

    def write(
        self, method: str, path: str, *, body: object, request_id: uuid.UUID, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Write, with the caller's request id. :raises Unanswered: it may have happened; read back."""
        self.must_be_allowed_to_write()
        call = _Call(method=method, path=path, request_id=request_id, headers=headers or {}, body=body)
        for tries_left in reversed(range(_TRIES_OF_A_WRITE)):
            try:
                return understand(self._send(call))
            except httpx.TransportError as error:
                # After a time-out the time is spent: whether it acted is found out by reading back, later.
                if not tries_left or isinstance(error, httpx.TimeoutException):
                    raise _no_answer(error) from error
        raise AssertionError("the last try returns or raises")

    def follow(self, location: str) -> Record:
        """Read where a 202 pointed to; only addresses of Partner Center itself are followed."""
        return self._read(_Call(method="GET", path=self._own_path(location), request_id=uuid.uuid4())).record

    def _read(self, call: _Call) -> Answer:
        waited = 0.0
        for tries_left in reversed(range(_TRIES_OF_A_READ)):
            try:
                return understand(self._send(call))
            except httpx.TransportError as error:
                failure = _no_answer(error)
            except Unanswered as error:
                failure = error
            pause = failure.retry_after_seconds
            pause = float(2 ** (_TRIES_OF_A_READ - 1 - tries_left)) if pause is None else pause
            if not tries_left or waited + pause > self._patience_seconds:
                raise failure
            self._clock.wait(pause)
            waited += pause
        raise AssertionError("the last try returns or raises")

    def _send(self, call: _Call) -> httpx.Response:
        token = self._tokens.get_token(self._partner_tenant_id)
        answer = self._send_once(call, token=token)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            token = self._tokens.get_token_instead_of(token, tenant_id=self._partner_tenant_id)
            answer = self._send_once(call, token=token)
        return answer

    def _send_once(self, call: _Call, *, token: str) -> httpx.Response:
        correlation_id = str(uuid.uuid4())
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "MS-RequestId": str(call.request_id),
            "MS-CorrelationId": correlation_id,
            "MS-Contract-Version": "v1",
            "MS-PartnerCenter-Application": "Perseat",
            "X-Locale": "en-US",
            **call.headers,
        }
        facts = {"method": call.method, "path": call.path.partition("?")[0], "request_id": str(call.request_id)}
        try:
            answer = self._http.request(
                call.method,
                self._root + call.path,
                params=dict(call.params) if call.params else None,
                headers=headers,
                json=call.body,
            )
        except httpx.TransportError as error:
            log.warning("partner center unanswered", **facts, correlation_id=correlation_id, error=type(error).__name__)
            raise
        log.info("partner center", **facts, correlation_id=correlation_id, status=answer.status_code)
        return answer

    def _next_page(self, page: Record, *, after: _Call) -> _Call | None:
        """Where a list goes on: by a link with headers, by a link alone, or by a token beside the items."""
        following = page.record("links").record("next")
        uri = following.text("uri")
        token = page.text("continuationToken")
        if not uri and token:
            params = {**(after.params or {}), "seekOperation": "Next"}
            headers = {_CONTINUATION: token}
            return _Call(method="GET", path=after.path, request_id=uuid.uuid4(), params=params, headers=headers)
        if not uri:
            return None
        # Microsoft's own examples join a second part with another question mark.
        path, _, query = self._own_path(uri).partition("?")
        query = query.replace("?", "&")
        headers = {header.text("key"): header.text("value") for header in following.records("headers")}
        if headers and "seekoperation" not in query.casefold():
            query = f"{query}&seekOperation=Next".lstrip("&")
        return _Call(method="GET", path=f"{path}?{query}", request_id=uuid.uuid4(), headers=headers)

    def _own_path(self, address: str) -> str:
        """The part below our root of an address that Microsoft gave, which may be absolute or begin at /v1."""
        parts, root = urlsplit(address), urlsplit(self._root)
        if parts.netloc and parts.netloc != root.netloc:
            raise Unanswered("Partner Center pointed to an address that is not its own.")
        path = f"/{parts.path.lstrip('/')}".removeprefix(root.path)
        path = path.removeprefix("/v1") if path.startswith("/v1/") else path
        return f"{path}?{parts.query}" if parts.query else path


def _no_answer(error: httpx.TransportError) -> Unanswered:
    return Unanswered(f"Partner Center did not answer ({type(error).__name__}).")


def path_part(name: str) -> str:
    """One part of a path, so quoted that nothing in it leads elsewhere. :raises NotFound: for what is no name."""
    if name in {"", ".", ".."}:
        raise NotFound(code="1000", sentence="Microsoft does not know this.")
    return quote(name, safe="")
