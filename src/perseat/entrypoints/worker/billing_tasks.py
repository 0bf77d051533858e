"""Tasks of the billing clock: unpaid orders lapse, periods are charged, and the books are audited.

Every task may run twice.
"""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from perseat.journeys.audit import audit_everything
from perseat.journeys.catching_up import catch_up, queue_catching_up

_logger = structlog.get_logger(__name__)
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


@app.periodic(cron="30 15 * * *", periodic_id="audit_books")
@app.task(name="audit_books", queueing_lock="audit_books", lock="audit_books", retry=_CRASHED)
def audit_books(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Recompute everybody's books; whoever's do not hold is parked and becomes a case of the billing team."""
    for customer_number, difference in audit_everything(now=datetime.now(UTC)):
        _logger.error(
            "books_differ",
            customer=customer_number,
            subject=difference.subject,
            what=difference.what,
            expected=difference.expected,
            found=difference.found,
        )
