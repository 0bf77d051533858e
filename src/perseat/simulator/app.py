"""The simulator as a WSGI program: finds out whose call it is, lets it misbehave if told to, and answers."""

from __future__ import annotations

import collections
import copy
import datetime
import http
import re
import threading
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from perseat.simulator import graph_misbehavior, partner_misbehavior, partner_notices
from perseat.simulator.calls import CallRecord
from perseat.simulator.clock import SimulatorClock
from perseat.simulator.control import answer_control_call, is_loopback
from perseat.simulator.faults import Fault, FaultKind, FaultList
from perseat.simulator.graph_api import answer_graph_call
from perseat.simulator.licenses import living_users
from perseat.simulator.messages import Answer, Request
from perseat.simulator.partner_api import answer_headers, answer_partner_call
from perseat.simulator.partner_notices import Notice, note_changes
from perseat.simulator.partner_price_sheet import answer_price_sheet_call
from perseat.simulator.persistence import load_store, save_store
from perseat.simulator.seeds import SeedSubscription, SeedTenant, SeedUser, plant_tenant
from perseat.simulator.store import ClockPosition, Store, Subscription, User
from perseat.simulator.timeline import settle
from perseat.simulator.token_endpoint import answer_token_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOGGED_CALLS = 10_000
_TOKEN_PATH = re.compile(r"^/([^/]+)/oauth2(/v2\.0)?/token$", re.IGNORECASE)


class Simulator:
    """Microsoft, as far as the reseller sees it. One lock: calls are answered one after the other."""

    def __init__(
        self,
        *,
        state_path: Path | None = None,
        clock: SimulatorClock | None = None,
        provisioning_delay_seconds: int = 0,
    ) -> None:
        self.clock = clock or SimulatorClock()
        self.faults = FaultList()
        self._state_path = state_path
        self._lock = threading.RLock()
        self._calls: collections.deque[CallRecord] = collections.deque(maxlen=LOGGED_CALLS)
        if state_path is not None and state_path.exists():
            self.store = load_store(state_path)
            if clock is None:
                self._take_up_clock()
        else:
            self.store = Store(provisioning_delay_seconds=provisioning_delay_seconds)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = _read_request(environ)
        answer = self.answer(request, remote_address=str(environ.get("REMOTE_ADDR", "")))
        content = answer.content()
        headers = answer.headers
        if answer.status != http.HTTPStatus.NO_CONTENT:
            kind = {"Content-Type": "application/json; charset=utf-8"}
            headers = kind | headers | {"Content-Length": str(len(content))}
        phrase = http.HTTPStatus(answer.status).phrase
        start_response(f"{answer.status} {phrase}", list(headers.items()))
        return [b"" if request.method == "HEAD" else content]

    def answer(self, request: Request, *, remote_address: str) -> Answer:
        """The answer to one request, after the armed faults have had their say."""
        if request.path.startswith("/control/"):
            return self._answer_control(request, remote_address=remote_address)
        with self._lock:
            fault = self.faults.take(method=request.method, path=request.path)
        if fault is not None and fault.kind is FaultKind.SLOW:
            # Outside the lock: others are served meanwhile.
            threading.Event().wait(fault.seconds)
        with self._lock:
            now = self.clock.now()
            settle(self.store, now=now)
            answer, was_done = self._answer_at(request, fault=fault, now=now)
            settle(self.store, now=now)
            note_changes(self.store, now=now)
            self._log(request, answer, now=now, was_done=was_done)
            if request.method not in {"GET", "HEAD"}:
                self._save()
            return answer

    def seed_tenant(
        self,
        *,
        tenant_id: str,
        company: str,
        domain: str,
        country: str,
        agreement: bool,
        extra_domains: Sequence[str] = (),
        users: Sequence[SeedUser] = (),
        subscriptions: Sequence[SeedSubscription] = (),
    ) -> None:
        """Add a customer of the partner; one that is known already stays as it is.

        :raises ValueError: when the country or a SKU is unknown.
        """
        seed = SeedTenant(
            tenant_id=tenant_id,
            company=company,
            domain=domain,
            country=country,
            agreement=agreement,
            extra_domains=tuple(extra_domains),
            users=tuple(users),
            subscriptions=tuple(subscriptions),
        )
        self.plant(seed)

    def plant(self, seed: SeedTenant) -> bool:
        """Add a customer; whether it was new.

        :raises ValueError: when the country or a SKU is unknown.
        """
        with self._lock:
            now = self.clock.now()
            was_added = plant_tenant(self.store, seed, now=now)
            settle(self.store, now=now)
            self._save()
            return was_added

    def subscriptions(self, tenant_id: str) -> list[Subscription]:
        """A tenant's subscriptions as they are now, in the order they were bought: copies."""
        with self._lock:
            settle(self.store, now=self.clock.now())
            return copy.deepcopy(list(self.store.tenants[tenant_id].subscriptions.values()))

    def users(self, tenant_id: str) -> list[User]:
        """A tenant's users, the deleted ones left out, in the order they were added: copies."""
        with self._lock:
            return copy.deepcopy(living_users(self.store.tenants[tenant_id]))

    def take_notices(self, *, base_url: str) -> list[Notice]:
        """The notices that were not sent yet, signed, the oldest first. `base_url`: where the simulator itself is."""
        with self._lock:
            bodies, self.store.waiting_notices = self.store.waiting_notices, []
            address = self.store.notice_address
        where = f"{base_url}{partner_notices.CERTIFICATE_PATH}"
        return [partner_notices.sign(each, address=address, certificate_address=where) for each in bodies]

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The calls since the start, the oldest first; at most ten thousand."""
        with self._lock:
            return tuple(self._calls)

    def reset(self) -> None:
        """Forget everything but the clock and the settings."""
        with self._lock:
            self.store = Store(provisioning_delay_seconds=self.store.provisioning_delay_seconds)
            self.faults.disarm_all()
            self._calls.clear()
            self._save()

    def _answer_control(self, request: Request, *, remote_address: str) -> Answer:
        if not is_loopback(remote_address):
            return Answer(status=403, body={"error": "The control address answers this machine only."})
        with self._lock:
            answer = answer_control_call(self, request)
            settle(self.store, now=self.clock.now())
            note_changes(self.store, now=self.clock.now())
            if request.method != "GET":
                self._save()
            return answer

    def _answer_at(self, request: Request, *, fault: Fault | None, now: datetime.datetime) -> tuple[Answer, bool]:
        """The answer, and whether the call was acted upon."""
        struck = None if fault is None else _answer_struck(fault, request, now=now)
        if struck is not None and fault is not None and not fault.is_done_first:
            return struck, False
        answer = self._act(request, fault=fault, now=now)
        return struck or answer, not answer.is_repeated

    def _act(self, request: Request, *, fault: Fault | None, now: datetime.datetime) -> Answer:
        token_path = _TOKEN_PATH.match(request.path)
        if token_path and request.method == "POST":
            version = 2 if token_path[2] else 1
            return answer_token_request(request, tenant=token_path[1], version=version, store=self.store, now=now)
        if request.path.startswith("/v1.0/sales/"):
            return answer_price_sheet_call(request, now=now)
        if request.path.startswith("/v1.0/"):
            return answer_graph_call(request, store=self.store, now=now, faults=self.faults)
        if request.path == partner_notices.CERTIFICATE_PATH:
            return Answer(status=200, body=partner_notices.certificate())
        if request.path.startswith(("/v1/", "/webhooks/v1/")):
            accepted = fault if fault is not None and fault.kind is FaultKind.ACCEPTED else None
            return answer_partner_call(request, store=self.store, now=now, fault=accepted)
        return Answer(status=404, body={"error": f"The simulator has nothing at {request.path}."})

    def _log(self, request: Request, answer: Answer, *, now: datetime.datetime, was_done: bool) -> None:
        request_id = request.headers.get("ms-requestid") or request.headers.get("client-request-id") or ""
        record = CallRecord(
            at=now,
            method=request.method,
            path=request.path,
            request_id=request_id,
            status=answer.status,
            was_done=was_done,
            was_repeated=answer.is_repeated,
        )
        self._calls.append(record)

    def _save(self) -> None:
        if self._state_path is None:
            return
        offset = self.clock.offset.total_seconds()
        self.store.clock = ClockPosition(frozen_at=self.clock.frozen_at, offset_seconds=offset)
        save_store(self.store, path=self._state_path)

    def _take_up_clock(self) -> None:
        position = self.store.clock
        offset = datetime.timedelta(seconds=position.offset_seconds)
        self.clock.restore(frozen_at=position.frozen_at, offset=offset)


def _answer_struck(fault: Fault, request: Request, *, now: datetime.datetime) -> Answer | None:
    request_id = request.headers.get("ms-requestid") or str(uuid.uuid4())
    if request.path.startswith("/v1.0/"):
        return graph_misbehavior.answer_fault(fault, token=None, request_id=request_id, now=now)
    answer = partner_misbehavior.answer_fault(fault)
    return answer and answer.with_headers(answer_headers(request, request_id=request_id))


def _read_request(environ: WSGIEnvironment) -> Request:
    length = str(environ.get("CONTENT_LENGTH") or "0")
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    host = headers.get("host") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    query: dict[str, Any] = dict(parse_qsl(str(environ.get("QUERY_STRING") or ""), keep_blank_values=True))
    return Request(
        method=str(environ["REQUEST_METHOD"]).upper(),
        path=str(environ.get("PATH_INFO") or "/").encode("latin-1").decode("utf-8", "replace"),
        query=query,
        headers=headers,
        body=environ["wsgi.input"].read(int(length)) if length.isdigit() else b"",
        base_url=f"{environ.get('wsgi.url_scheme', 'http')}://{host}",
    )
