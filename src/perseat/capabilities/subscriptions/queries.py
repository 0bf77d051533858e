"""Reads of services and what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.subscriptions.models import Service, ServiceState, Subscription

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSeats:
    """Seats of one edition that are held, and the plan for the renewal."""

    edition: str
    edition_name: str
    held: int
    planned: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """A row of Active Services. `next_charge_on`: the first day of the next charge period, None when ended."""

    service_id: int
    name: str
    domain: str
    domains: tuple[str, ...]
    tenant_id: str
    state: ServiceState
    seats: tuple[HeldSeats, ...]
    next_charge_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffServiceRow:
    """A service in the staff's list, with whose it is."""

    customer_id: int
    customer_number: str
    customer_name: str
    service: ServiceRow


def list_services(customer_id: int, *, page: int = 1) -> tuple[ServiceRow, ...]:
    """The customer's services in the order they were opened, 100 a page; a fixed number of queries."""
    services = _services().filter(customer_id=customer_id).order_by("pk")
    return tuple(_row(service) for service in services[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])


def get_service(customer_id: int, service_id: int) -> ServiceRow:
    """:raises DoesNotBelong: when it is not the customer's."""
    service = _services().filter(customer_id=customer_id, pk=service_id).first()
    if service is None:
        raise DoesNotBelong(service_id)
    return _row(service)


def list_services_for_staff(*, search: str = "", page: int = 1) -> tuple[StaffServiceRow, ...]:
    """All services, newest first, 100 a page. `search`: the beginning of a customer's name, number or domain."""
    services = _services().select_related("customer")
    if search:
        services = services.filter(customer__legal_name__istartswith=search) | services.filter(
            customer__number__istartswith=search
        )
    found = services.order_by("-pk")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return tuple(
        StaffServiceRow(
            customer_id=service.customer_id,
            customer_number=service.customer.number,
            customer_name=service.customer.legal_name,
            service=_row(service),
        )
        for service in found
    )


def _services() -> QuerySet[Service]:
    running = Subscription.objects.filter(ended_on=None).select_related("offer__edition")
    return Service.objects.select_related("tenant").prefetch_related(
        Prefetch("subscriptions", queryset=running.order_by("offer__edition__position"), to_attr="running")
    )


def _row(service: Service) -> ServiceRow:
    running: list[Subscription] = vars(service)["running"]
    return ServiceRow(
        service_id=service.pk,
        name=service.name,
        domain=service.tenant.domain,
        domains=tuple(service.tenant.domains),
        tenant_id=str(service.tenant.tenant_id),
        state=ServiceState(service.state),
        seats=tuple(
            HeldSeats(
                edition=each.offer.edition.code,
                edition_name=each.offer.edition.name,
                held=each.held_seats,
                planned=each.planned_seats,
            )
            for each in running
        ),
        next_charge_on=(service.billed_through or service.billing_starts_on) if running else None,
    )
