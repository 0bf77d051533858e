"""Partner Center as a whole: who may call, repeated request ids, and the headers of every answer."""

from __future__ import annotations

import datetime
import uuid

from perseat.simulator import (
    partner_addresses,
    partner_carts,
    partner_catalog,
    partner_customers,
    partner_notices,
    partner_orders,
    partner_subscriptions,
    partner_transitions,
)
from perseat.simulator.calls import Call
from perseat.simulator.credentials import PARTNER_TENANT
from perseat.simulator.faults import Fault
from perseat.simulator.messages import Answer, Request
from perseat.simulator.partner_dialect import speak
from perseat.simulator.partner_errors import PartnerRefusal, refusal_answer, throttled_answer
from perseat.simulator.router import Router
from perseat.simulator.store import Remembered, Store
from perseat.simulator.tokens import (
    PARTNER_CENTER,
    RETIRED_GRAPH,
    AccessToken,
    TokenFault,
    TokenRefused,
    read_token,
)

# How many answers are kept to be given again; older ones are forgotten.
REMEMBERED_ANSWERS = 2000


def build_router() -> Router:
    """All addresses of Partner Center; fixed parts come before names."""
    router = Router()
    partner_customers.add_routes(router)
    partner_notices.add_routes(router)
    partner_addresses.add_routes(router)
    partner_catalog.add_routes(router)
    partner_orders.add_routes(router)
    partner_carts.add_routes(router)
    partner_transitions.add_routes(router)
    partner_subscriptions.add_routes(router)
    return router


_ROUTER = build_router()


def answer_partner_call(request: Request, *, store: Store, now: datetime.datetime, fault: Fault | None) -> Answer:
    """The answer of Partner Center, repeated when the request id of a write was answered before."""
    request_id = request.headers.get("ms-requestid") or str(uuid.uuid4())
    try:
        token = _check_token(request, now=now)
        answer = _answer_once(request, store=store, now=now, fault=fault, token=token, request_id=request_id)
        answer = speak(answer, request=request, dialect=store.dialect)
    except PartnerRefusal as refusal:
        answer = speak(refusal_answer(refusal), request=request, dialect=store.dialect)
    return answer.with_headers(answer_headers(request, request_id=request_id))


def answer_headers(request: Request, *, request_id: str) -> dict[str, str]:
    """The headers by which Microsoft's support finds a call again."""
    return {
        "MS-RequestId": request_id,
        "MS-CorrelationId": request.headers.get("ms-correlationid") or str(uuid.uuid4()),
        "MS-CV": f"{uuid.uuid4().hex[:16]}.0",
        "MS-ServerId": "202010223",
    }


def _answer_once(
    request: Request, *, store: Store, now: datetime.datetime, fault: Fault | None, token: AccessToken, request_id: str
) -> Answer:
    found = _ROUTER.find(method=request.method, path=request.path)
    if found is None:
        raise PartnerRefusal(1000)
    spent = store.budgets.spend_at_partner_center(request, now=now)
    if spent.retry_after:
        return throttled_answer(spent.retry_after)
    handler, names = found
    is_repeatable = request.method not in {"GET", "HEAD"} and "ms-requestid" in request.headers
    key = f"{request_id} {request.method} {request.path}".lower()
    if is_repeatable and key in store.remembered:
        known = store.remembered[key]
        return Answer(status=known.status, body=known.body, headers=known.headers, is_repeated=True)
    delay = None if fault is None else datetime.timedelta(seconds=fault.seconds)
    call = Call(
        request=request, store=store, now=now, token=token, names=names, request_id=request_id, update_delay=delay
    )
    answer = handler(call)
    if is_repeatable:
        _remember(store, key=key, answer=answer)
    return answer


def _remember(store: Store, *, key: str, answer: Answer) -> None:
    store.remembered[key] = Remembered(status=answer.status, body=answer.body, headers=answer.headers)
    while len(store.remembered) > REMEMBERED_ANSWERS:
        del store.remembered[next(iter(store.remembered))]


def _check_token(request: Request, *, now: datetime.datetime) -> AccessToken:
    try:
        token = read_token(request.headers.get("authorization"), now=now)
    except TokenRefused as refused:
        raise PartnerRefusal(800001 if refused.fault is TokenFault.MISSING else 400) from refused
    if token.audience == RETIRED_GRAPH:
        raise PartnerRefusal(900420)
    if token.audience != PARTNER_CENTER or token.tenant_id != PARTNER_TENANT:
        raise PartnerRefusal(400)
    return token
