"""Tasks of the billing clock: unpaid orders lapse and periods are charged. Every task may run twice."""

from __future__ import annotations

from datetime import UTC, datetime

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from perseat.journeys.catching_up import catch_up, queue_catching_up

_CRASHED = RetryStrategy(max_attempts=5, exponential_wait=3)


@app.task(name="catch_up_customer", retry=_CRASHED)
def catch_up_customer(customer_id: int) -> None:
    """Let the customer's unpaid orders lapse and charge the periods that have begun."""
    catch_up(customer_id, now=datetime.now(UTC))


@app.periodic(cron="*/5 * * * *", periodic_id="queue_catching_up")
@app.task(name="queue_catching_up", queueing_lock="queue_catching_up")
def queue_due_customers(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Queue every customer for whom something is due; each one's day begins at its own midnight."""
    queue_catching_up(now=datetime.now(UTC))
