"""Seat counts: what the directory says is purchased and assigned; when it is silent, the last answer with its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.customers.models import Tenant
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.licensing.actions import CountToStore, store_readings
from perseat.capabilities.licensing.queries import list_readings
from perseat.capabilities.subscriptions.models import Service
from perseat.ports.directory import SeatCount
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.ports.outside import Outside


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantOfService:
    """Where a service's people are. `country` is the default for a person's."""

    tenant_row_id: int
    tenant_id: str
    domain: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseCount:
    """Seats of one edition in the tenant, over all sellers. `available` may be below 0 after a decrease.

    `apps`: plain names of what a license holds; only known while the directory answers.
    """

    edition: str
    edition_name: str
    sku_id: str
    purchased: int
    assigned: int
    apps: tuple[str, ...] = ()

    @property
    def available(self) -> int:
        """Seats that can still be given to somebody."""
        return self.purchased - self.assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatCounts:
    """The counts per edition in catalog order, editions without seats included.

    `read_at`: when the directory said so, None when it never has. `is_current`: it answered just now;
    `problem`: the sentence when it did not.
    """

    rows: tuple[LicenseCount, ...]
    read_at: datetime | None
    is_current: bool
    problem: str = ""

    def of(self, sku_id: str) -> LicenseCount | None:
        """The count of one edition, None for one that is not ours to sell."""
        return next((each for each in self.rows if each.sku_id == sku_id), None)


def available_of(held: int, *, purchased: int, assigned: int) -> int:
    """Seats that are both held here and at Microsoft (`purchased`), less the assigned ones; never below 0."""
    return max(0, min(held, purchased) - assigned)


def get_tenant_of_service(*, customer_id: int, service_id: int) -> TenantOfService:
    """:raises DoesNotBelong: when the service is not the customer's."""
    service = Service.objects.select_related("tenant").filter(pk=service_id, customer_id=customer_id).first()
    if service is None:
        raise DoesNotBelong(service_id)
    return _tenant(service.tenant)


def read_seat_counts(outside: Outside, *, tenant_row_id: int) -> SeatCounts:
    """Ask the directory and store its answer.

    :raises Unanswered, Refused, CredentialsRefused: when it says nothing.
    """
    tenant = Tenant.objects.only("id", "tenant_id").get(pk=tenant_row_id)
    counts = outside.directory.list_seat_counts(str(tenant.tenant_id))
    now = outside.clock.now()
    with transaction.atomic():
        store_readings([_to_store(each) for each in counts], tenant_row_id=tenant_row_id, now=now)
    apps = {each.sku_id: tuple(sorted({plan.title for plan in each.plans if plan.title})) for each in counts}
    return _last_counts(tenant_row_id, is_current=True, problem="", apps=apps, now=now)


def get_seat_counts(outside: Outside, *, customer_id: int, service_id: int) -> SeatCounts:
    """The counts of a service's tenant: asked now, or the last known ones when the directory does not answer.

    :raises DoesNotBelong: when the service is not the customer's.
    """
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    try:
        return read_seat_counts(outside, tenant_row_id=tenant.tenant_row_id)
    except (Unanswered, Refused, CredentialsRefused) as failure:
        return _last_counts(tenant.tenant_row_id, is_current=False, problem=failure.sentence)


def get_last_seat_counts(*, customer_id: int, service_id: int) -> SeatCounts:
    """The last known counts, without asking; see their `read_at`."""
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    return _last_counts(tenant.tenant_row_id, is_current=False, problem="")


def list_tenants_to_read() -> tuple[tuple[int, UUID], ...]:
    """Every tenant that has a service, for the schedule."""
    rows = Tenant.objects.filter(service__isnull=False).order_by("pk")
    return tuple(rows.values_list("pk", "tenant_id"))


def _tenant(tenant: Tenant) -> TenantOfService:
    return TenantOfService(
        tenant_row_id=tenant.pk, tenant_id=str(tenant.tenant_id), domain=tenant.domain, country=tenant.country
    )


def _to_store(count: SeatCount) -> CountToStore:
    return CountToStore(sku_id=count.sku_id, purchased=count.purchased, assigned=count.assigned)


def _last_counts(
    tenant_row_id: int,
    *,
    is_current: bool,
    problem: str,
    apps: Mapping[str, tuple[str, ...]] | None = None,
    now: datetime | None = None,
) -> SeatCounts:
    """`now`: when the directory has just answered, maybe that there is nothing yet."""
    readings = {each.sku_id: each for each in list_readings(tenant_row_id)}
    rows = []
    for edition in Edition.objects.order_by("position"):
        reading = readings.get(str(edition.directory_sku_id))
        rows.append(
            LicenseCount(
                edition=edition.code,
                edition_name=edition.name,
                sku_id=str(edition.directory_sku_id),
                purchased=reading.purchased if reading else 0,
                assigned=reading.assigned if reading else 0,
                apps=(apps or {}).get(str(edition.directory_sku_id), ()),
            )
        )
    read_at = max((each.read_at for each in readings.values()), default=now)
    return SeatCounts(rows=tuple(rows), read_at=read_at, is_current=is_current, problem=problem)
