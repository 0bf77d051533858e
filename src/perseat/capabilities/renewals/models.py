"""Renewals: which periods of which services were charged, once each."""

from __future__ import annotations

from django.db import models

from perseat.capabilities.invoicing.models import Document
from perseat.capabilities.subscriptions.models import Service


class RenewedPeriod(models.Model):
    """A charge period of a service that was billed on its first day; `document` is None when nothing was held."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="renewed_periods")
    starts_on = models.DateField()
    ends_on = models.DateField()
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, related_name="renewed_periods", null=True, blank=True
    )
    renewed_at = models.DateTimeField()

    class Meta:
        db_table = "renewed_period"
        constraints = [
            models.UniqueConstraint(fields=["service", "starts_on"], name="renewed_period_is_charged_once"),
            models.CheckConstraint(
                name="renewed_period_has_days", condition=models.Q(starts_on__lt=models.F("ends_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} from {self.starts_on}"
