"""One misbehaving call: what is answered instead, what is done besides, and calls that arrive late."""

from __future__ import annotations

import dataclasses
import datetime
import re
import uuid

from perseat.simulator import graph_misbehavior, partner_misbehavior
from perseat.simulator.faults import Fault, FaultKind
from perseat.simulator.messages import Answer, Request
from perseat.simulator.partner_api import answer_headers
from perseat.simulator.store import Store
from perseat.simulator.token_endpoint import revoked_answer
from perseat.simulator.tokens import tenant_named_in

_CUSTOMER = re.compile(r"^/v1/customers/([^/]+)", re.IGNORECASE)
_SUBSCRIPTION = re.compile(r"^/v1/customers/[^/]+/subscriptions/([^/]+)$", re.IGNORECASE)
_TOKEN = re.compile(r"^/([^/]+)/oauth2(/v2\.0)?/token$", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, kw_only=True)
class LateCall:
    """A call on its way: it arrives at this moment, when nobody waits for its answer any more."""

    arrives_at: datetime.datetime
    request: Request


def tenant_of(request: Request) -> str:
    """The tenant that a call is about, as far as it says so: "" for the partner's own."""
    for pattern in (_CUSTOMER, _TOKEN):
        if found := pattern.match(request.path):
            return found[1].lower()
    return tenant_named_in(request.headers.get("authorization")) if request.path.startswith("/v1.0/") else ""


def answer_struck(fault: Fault, request: Request, *, now: datetime.datetime) -> Answer | None:
    """The answer instead of the true one; nothing when the fault leaves the answer as it is."""
    request_id = request.headers.get("ms-requestid") or str(uuid.uuid4())
    if fault.kind is FaultKind.CONSENT_REVOKED:
        return revoked_answer(now)
    if request.path.startswith("/v1.0/"):
        return graph_misbehavior.answer_fault(fault, token=None, request_id=request_id, now=now)
    answer = partner_misbehavior.answer_fault(fault)
    return answer and answer.with_headers(answer_headers(request, request_id=request_id))


def change_before(request: Request, *, store: Store) -> None:
    """Somebody else touches the subscription that the call is about: its ETag is no longer the one that was read."""
    found, tenant = _SUBSCRIPTION.match(request.path), store.tenants.get(tenant_of(request))
    if found is not None and tenant is not None and found[1].lower() in tenant.subscriptions:
        tenant.subscriptions[found[1].lower()].version += 1
