"""The sandbox gateway's own work: telling Perseat of a decision, as a real gateway's server does."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from perseat import wiring
from perseat.integrations.sandbox_gateway.notices import send_notice
from perseat.ports.failures import Unanswered


@app.task(
    name="sandbox.send_notice",
    retry=RetryStrategy(max_attempts=8, exponential_wait=3, retry_exceptions=[Unanswered]),
)
def send_sandbox_notice(*, body: str) -> int:
    """Send the notice; tried again for some minutes when the shop does not answer."""
    with httpx.Client(timeout=20, follow_redirects=False) as http:
        return send_notice(
            http,
            body.encode(),
            base_url=settings.PERSEAT.base_url,
            secret=wiring.sandbox_secret(settings.PERSEAT),
            epoch_seconds=int(datetime.now(UTC).timestamp()),
        )
