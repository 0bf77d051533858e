"""Reads of services and what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from perseat.capabilities.subscriptions.models import ServiceState


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


def list_services(customer_id: int, *, page: int = 1) -> tuple[ServiceRow, ...]:
    """The customer's services in the order they were opened, 100 a page; a fixed number of queries."""
    raise NotImplementedError


def get_service(customer_id: int, service_id: int) -> ServiceRow:
    """:raises DoesNotBelong: when it is not the customer's."""
    raise NotImplementedError
