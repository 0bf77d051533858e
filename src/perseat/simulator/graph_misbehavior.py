"""The answers Graph gives when it cannot, or will not, do what it is asked."""

from __future__ import annotations

import datetime

from perseat.simulator.faults import Fault, FaultKind
from perseat.simulator.graph_errors import TOKEN_MESSAGES, GraphRefusal, refusal_answer, throttled_answer
from perseat.simulator.messages import Answer
from perseat.simulator.tokens import AccessToken

_TROUBLE = {
    FaultKind.FAIL_BEFORE: (500, "InternalServerError", "An unexpected error occurred."),
    FaultKind.UNAVAILABLE: (503, "ServiceUnavailable", "The service is temporarily unavailable."),
    FaultKind.FAIL_AFTER: (500, "InternalServerError", "An unexpected error occurred."),
    FaultKind.DROP_BEFORE: (504, "GatewayTimeout", "The gateway did not answer in time."),
    FaultKind.DROP_AFTER: (504, "GatewayTimeout", "The gateway did not answer in time."),
    FaultKind.TIMEOUT_BEFORE: (504, "GatewayTimeout", "The gateway did not answer in time."),
    FaultKind.TIMEOUT_AFTER: (504, "GatewayTimeout", "The gateway did not answer in time."),
    FaultKind.LATE: (504, "GatewayTimeout", "The gateway did not answer in time."),
    FaultKind.TOKEN_EXPIRED: (401, "InvalidAuthenticationToken", TOKEN_MESSAGES["expired"]),
}


def answer_fault(fault: Fault, *, token: AccessToken | None, request_id: str, now: datetime.datetime) -> Answer | None:
    """The answer instead of the true one; nothing when the fault leaves the answer as it is."""
    if fault.kind is FaultKind.THROTTLED:
        tenant_id = token.tenant_id if token else "unknown"
        return throttled_answer(fault.seconds, tenant_id=tenant_id, request_id=request_id, now=now)
    if fault.kind is FaultKind.REFUSED:
        return Answer(status=int(fault.answer.get("status", 400)), body=fault.answer.get("body"))
    if fault.kind in _TROUBLE:
        refusal = GraphRefusal(*_TROUBLE[fault.kind])
        answer = refusal_answer(refusal, request_id=request_id, client_request_id=request_id, now=now)
        retry_after = {"Retry-After": str(fault.seconds)} if fault.kind is FaultKind.UNAVAILABLE else {}
        return answer.with_headers(retry_after)
    return None
