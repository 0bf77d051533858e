"""Sending a notice: what the sandbox gateway's own server does after a decision."""

from __future__ import annotations

import httpx

from perseat.integrations.sandbox_gateway.payments import sign_notice
from perseat.ports.failures import Unanswered

NOTICE_PATH = "/webhooks/payments/sandbox/"


def send_notice(http: httpx.Client, body: bytes, *, base_url: str, secret: str, epoch_seconds: int) -> int:
    """Send a notice, signed now; returns the status of the answer.

    :raises Unanswered: when the shop does not answer, or with an error of its own (5xx): send it again.
    """
    headers = sign_notice(body, secret=secret, epoch_seconds=epoch_seconds)
    try:
        answer = http.post(
            base_url.rstrip("/") + NOTICE_PATH, content=body, headers=headers | {"Content-Type": "application/json"}
        )
    except httpx.TransportError as error:
        raise Unanswered("The shop did not answer the notice.") from error
    if answer.is_server_error:
        raise Unanswered(f"The shop answered the notice with {answer.status_code}.")
    return answer.status_code
