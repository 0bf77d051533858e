"""Licensing: changes of people's licenses, and the last known seat counts of each tenant."""

from __future__ import annotations

import uuid
from enum import StrEnum

from django.conf import settings
from django.db import models

from perseat.capabilities.customers.models import Customer, Tenant
from perseat.capabilities.guards import choices_of, known_states


class ChangeState(StrEnum):
    """Where the change for one person stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class LicenseChange(models.Model):
    """One press of Save changes, for one person or many. `add` and `remove` are directory sku ids.

    `add`: [{"sku_id", "disabled_plans"}]; `remove`: ["sku_id"]. `country`: for people who have none, "" the tenant's.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="license_changes")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="license_changes")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="license_changes")
    asked_at = models.DateTimeField()
    add = models.JSONField(default=list)
    remove = models.JSONField(default=list)
    country = models.CharField(max_length=2, blank=True)

    class Meta:
        db_table = "license_change"

    def __str__(self) -> str:
        return str(self.public_id)


class PersonChange(models.Model):
    """The change for one person: its state, and the plain sentence when the directory refused."""

    change = models.ForeignKey(LicenseChange, on_delete=models.PROTECT, related_name="people")
    person_id = models.CharField(max_length=60)
    display_name = models.CharField(max_length=256)
    state = models.CharField(max_length=10, choices=choices_of(ChangeState), default=ChangeState.WAITING)
    sentence = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "person_change"
        constraints = [
            known_states("person_change", field="state", states=ChangeState),
            models.UniqueConstraint(fields=["change", "person_id"], name="person_change_is_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.display_name}: {self.state}"


class SeatCountReading(models.Model):
    """What the directory last said about an edition in a tenant; shown with its time when the directory is silent.

    `more_allowed`: how many more seats the supplier said that the tenant may have, when it refused some.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="seat_counts")
    sku_id = models.UUIDField()
    purchased = models.PositiveIntegerField()
    assigned = models.PositiveIntegerField()
    read_at = models.DateTimeField()
    more_allowed = models.PositiveIntegerField(null=True, blank=True)
    more_allowed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "seat_count_reading"
        constraints = [models.UniqueConstraint(fields=["tenant", "sku_id"], name="seat_count_reading_is_once_per_sku")]

    def __str__(self) -> str:
        return f"{self.sku_id}: {self.assigned} of {self.purchased}"
