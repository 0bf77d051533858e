"""Writes of renewals: a charge period of a service is charged once."""

from __future__ import annotations

from datetime import datetime

from perseat.capabilities.renewals.models import RenewedPeriod
from perseat.domain.calendar import Period


def record_renewed_period(service_id: int, *, period: Period, document_id: int | None, now: datetime) -> None:
    """Remember that the period is charged; the database refuses a second time."""
    RenewedPeriod.objects.create(
        service_id=service_id,
        starts_on=period.start,
        ends_on=period.end,
        document_id=document_id,
        renewed_at=now,
    )
