"""Tasks of a tenant's beginning: look for those that are on their way, and read how the linked ones stand.

Every task may run twice. A silent Microsoft is asked again by the schedule.
"""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from perseat.capabilities.customers.tenant_queries import list_open_beginnings, list_tenants_to_read
from perseat.journeys import tenant_finding, tenant_standing
from perseat.ports.failures import OutsideFailure
from perseat.wiring import get_outside

log = structlog.get_logger(__name__)

_SILENCE = RetryStrategy(max_attempts=4, exponential_wait=4)


@app.task(name="look_for_tenant", retry=_SILENCE)
def look_for_tenant(beginning_id: int) -> None:
    """Link the tenant if it is a customer of ours by now."""
    tenant_finding.look_for_tenant(get_outside(), beginning_id, now=datetime.now(UTC))


@app.task(name="read_tenant", retry=_SILENCE)
def read_tenant(tenant_row_id: int) -> None:
    """Read how a tenant stands at Microsoft, and drive its delegated access."""
    tenant_standing.read_tenant(get_outside(), tenant_row_id, now=datetime.now(UTC))


@app.periodic(cron="*/5 * * * *", periodic_id="drive_tenants")
@app.task(name="drive_tenants", queueing_lock="drive_tenants", lock="drive_tenants")
def drive_tenants(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
    """Look for everything that is waited for, and read every tenant with something left to do."""
    outside, now = get_outside(), datetime.now(UTC)
    for beginning_id in list_open_beginnings():
        try:
            tenant_finding.look_for_tenant(outside, beginning_id, now=now)
        except OutsideFailure as silence:
            log.info("a tenant could not be looked for", beginning=beginning_id, reason=str(silence))
    for tenant_row_id in list_tenants_to_read(now=now):
        try:
            tenant_standing.read_tenant(outside, tenant_row_id, now=now)
        except OutsideFailure as silence:
            log.info("a tenant could not be read", tenant=tenant_row_id, reason=str(silence))
