"""The answers Partner Center gives when it cannot, or will not, do what it is asked."""

from __future__ import annotations

from perseat.simulator.faults import Fault, FaultKind
from perseat.simulator.messages import Answer
from perseat.simulator.partner_errors import PartnerRefusal, error_body, refusal_answer, throttled_answer

_TROUBLE = {
    FaultKind.FAIL_BEFORE: (500, "Unexpected service error"),
    FaultKind.UNAVAILABLE: (503, "Service unavailable"),
    FaultKind.FAIL_AFTER: (500, "Unexpected service error"),
    FaultKind.DROP_BEFORE: (504, "Gateway timeout"),
    FaultKind.DROP_AFTER: (504, "Gateway timeout"),
    FaultKind.TIMEOUT_BEFORE: (504, "Gateway timeout"),
    FaultKind.TIMEOUT_AFTER: (504, "Gateway timeout"),
    FaultKind.LATE: (504, "Gateway timeout"),
}
_EXPIRED = 400


def answer_fault(fault: Fault) -> Answer | None:
    """The answer instead of the true one; nothing when the fault leaves the answer as it is."""
    if fault.kind is FaultKind.THROTTLED:
        return throttled_answer(fault.seconds)
    if fault.kind is FaultKind.REFUSED:
        return Answer(status=int(fault.answer.get("status", 400)), body=fault.answer.get("body"))
    if fault.kind is FaultKind.TOKEN_EXPIRED:
        return refusal_answer(PartnerRefusal(_EXPIRED))
    if fault.kind in _TROUBLE:
        status, text = _TROUBLE[fault.kind]
        headers = {"Retry-After": str(fault.seconds)} if fault.kind is FaultKind.UNAVAILABLE else {}
        return Answer(status=status, body=error_body(800003, text), headers=headers)
    return None
