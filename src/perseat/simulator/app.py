"""The simulator as a WSGI program: finds out whose call it is, lets it misbehave if told to, and answers."""

from __future__ import annotations

import collections
import copy
import datetime
import http
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from perseat.simulator import partner_notices
from perseat.simulator.calls import CallRecord
from perseat.simulator.clock import SimulatorClock
from perseat.simulator.control import answer_control_call, is_loopback
from perseat.simulator.faults import Fault, FaultKind, FaultList
from perseat.simulator.graph_api import answer_graph_call
from perseat.simulator.keeping import Keeper
from perseat.simulator.licenses import living_users
from perseat.simulator.messages import Answer, Request
from perseat.simulator.misbehaving import LateCall, answer_struck, change_before, tenant_of
from perseat.simulator.partner_api import answer_partner_call
from perseat.simulator.partner_notices import Notice, note_changes
from perseat.simulator.partner_price_sheet import answer_price_sheet_call
from perseat.simulator.persistence import load_store, save_store
from perseat.simulator.seeds import SeedSubscription, SeedTenant, SeedUser, plant_tenant
from perseat.simulator.store import ClockPosition, Store, Subscription, User
from perseat.simulator.timeline import settle
from perseat.simulator.token_endpoint import answer_token_request
from perseat.simulator.watch import note_uncovered

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOGGED_CALLS = 10_000
COUNTS_PATH = "/v1.0/subscribedskus"
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
        self._late: list[LateCall] = []
        self._counted: dict[str, Answer] = {}
        self._keeper = None if state_path is None else Keeper(self._write, lock=self._lock)
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
        """The answer to one request, after the armed faults, and chance, have had their say."""
        if request.path.startswith("/control/"):
            return self._answer_control(request, remote_address=remote_address)
        tenant_id = tenant_of(request)
        with self._lock:
            fault = self.faults.take(method=request.method, path=request.path, about=tenant_id)
        # Waits are outside the lock: others are served meanwhile.
        if fault is not None and fault.kind in {FaultKind.SLOW, FaultKind.TIMEOUT_BEFORE}:
            threading.Event().wait(fault.seconds)
        with self._lock:
            self._let_late_calls_arrive()
            answer = self._answer_now(request, fault=fault, tenant_id=tenant_id)
        if fault is not None and fault.kind is FaultKind.TIMEOUT_AFTER:
            threading.Event().wait(fault.seconds)
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
            self._settle(tenant_id, now=self.clock.now())
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

    def close(self) -> None:
        """Write down what was not written yet."""
        if self._keeper is not None:
            self._keeper.finish()

    def reset(self) -> None:
        """Forget everything but the clock and the settings."""
        with self._lock:
            self.store = Store(provisioning_delay_seconds=self.store.provisioning_delay_seconds)
            self.faults.disarm_all()
            self._late.clear()
            self._counted.clear()
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

    def _answer_now(self, request: Request, *, fault: Fault | None, tenant_id: str) -> Answer:
        now = self.clock.now()
        self._settle(tenant_id, now=now)
        answer, was_done = self._answer_at(request, fault=fault, now=now)
        self._settle(tenant_id, now=now)
        self._note_changes(tenant_id, now=now)
        self._log(request, answer, now=now, was_done=was_done)
        if request.method not in {"GET", "HEAD"}:
            if tenant_id in self.store.tenants:
                note_uncovered(self.store.tenants[tenant_id], now=now)
            self._save()
        return answer

    def _settle(self, tenant_id: str, *, now: datetime.datetime) -> None:
        """Only one tenant's own clockwork matters to a call about it; a call about none may show them all."""
        tenant = self.store.tenants.get(tenant_id)
        settle(self.store, now=now, only=None if tenant is None else [tenant])

    def _note_changes(self, tenant_id: str, *, now: datetime.datetime) -> None:
        tenant = self.store.tenants.get(tenant_id)
        note_changes(self.store, now=now, only=None if tenant is None else [tenant])

    def _let_late_calls_arrive(self) -> None:
        now = self.clock.now()
        due = [late for late in self._late if late.arrives_at <= now]
        self._late = [late for late in self._late if late.arrives_at > now]
        for late in sorted(due, key=lambda each: each.arrives_at):
            self._answer_now(late.request, fault=None, tenant_id=tenant_of(late.request))

    def _answer_at(self, request: Request, *, fault: Fault | None, now: datetime.datetime) -> tuple[Answer, bool]:
        """The answer, and whether the call was acted upon."""
        struck = None if fault is None else answer_struck(fault, request, now=now)
        if fault is not None and fault.kind is FaultKind.LATE:
            arrives_at = now + datetime.timedelta(seconds=fault.seconds)
            self._late.append(LateCall(arrives_at=arrives_at, request=request))
        if struck is not None and fault is not None and not fault.is_done_first:
            return struck, False
        answer = self._act_with(request, fault=fault, now=now)
        return struck or answer, not answer.is_repeated

    def _act_with(self, request: Request, *, fault: Fault | None, now: datetime.datetime) -> Answer:
        """Act as often as the call arrives, and as the directory knows of it."""
        if fault is None:
            return self._remember_counts(request, self._act(request, fault=None, now=now))
        match fault.kind:
            case FaultKind.DUPLICATE:
                self._act(request, fault=None, now=now)
            case FaultKind.STALE_ETAG:
                change_before(request, store=self.store)
            case FaultKind.STALE_READ:
                known = self._counted.get(tenant_of(request))
                if known is not None:
                    return known
            case FaultKind.SEATS_SHOW_LATE:
                usual = self.store.provisioning_delay_seconds
                self.store.provisioning_delay_seconds = max(fault.seconds, usual)
                try:
                    return self._act(request, fault=None, now=now)
                finally:
                    self.store.provisioning_delay_seconds = usual
            case _:
                pass
        return self._remember_counts(request, self._act(request, fault=fault, now=now))

    def _remember_counts(self, request: Request, answer: Answer) -> Answer:
        if request.method == "GET" and request.path.lower() == COUNTS_PATH and answer.status == http.HTTPStatus.OK:
            self._counted[tenant_of(request)] = answer
        return answer

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
        if self._keeper is not None:
            self._keeper.changed()

    def _write(self) -> None:
        if self._state_path is None:
            return
        offset = self.clock.offset.total_seconds()
        self.store.clock = ClockPosition(frozen_at=self.clock.frozen_at, offset_seconds=offset)
        save_store(self.store, path=self._state_path)

    def _take_up_clock(self) -> None:
        position = self.store.clock
        offset = datetime.timedelta(seconds=position.offset_seconds)
        self.clock.restore(frozen_at=position.frozen_at, offset=offset)


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
