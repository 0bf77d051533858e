"""Tasks of the billing clock: orders lapse, periods are charged, silent gateways are asked. All may run twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from perseat.journeys.catching_up import catch_up, queue_catching_up
from perseat.journeys.paying import GatewayUnknown, check_payment, list_payments_to_check
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.wiring import get_outside

log = structlog.get_logger(__name__)

_CRASHED = RetryStrategy(max_attempts=5, exponential_wait=3)
_NOTICE_TAKES = timedelta(minutes=5)


@app.task(name="catch_up_customer", retry=_CRASHED)
def catch_up_customer(customer_id: int) -> None:
    """Let the customer's unpaid orders lapse and charge the periods that have begun."""
    catch_up(customer_id, now=datetime.now(UTC))


@app.periodic(cron="*/10 * * * *", periodic_id="queue_catching_up")
@app.task(name="queue_catching_up", queueing_lock="queue_catching_up")
def queue_due_customers(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Queue every customer for whom something is due."""
    queue_catching_up(now=datetime.now(UTC))


@app.periodic(cron="*/5 * * * *", periodic_id="check_payments")
@app.task(name="check_payments", queueing_lock="check_payments")
def check_payments(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Ask the gateways about payments of which no notice came."""
    outside = get_outside()
    now = datetime.now(UTC)
    for payment_id in list_payments_to_check(started_before=now - _NOTICE_TAKES):
        try:
            check_payment(outside, payment_id, now=now)
        except (Unanswered, Refused, CredentialsRefused, GatewayUnknown) as silence:
            log.info("a gateway did not answer", payment=payment_id, reason=str(silence))
