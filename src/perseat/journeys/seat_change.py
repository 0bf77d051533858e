"""Seat change: from the totals a customer types to a stored quote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perseat.journeys.figures import QuoteFigures


class SeatsOutOfRange(ValueError):
    """More seats of an edition than the supplier sells to one tenant. `edition` is its name."""

    def __init__(self, *, edition: str, maximum: int) -> None:
        super().__init__(f"{edition}: at most {maximum} seats can be held.")
        self.edition = edition
        self.maximum = maximum


class NothingWouldChange(ValueError):
    """The totals are what is held and planned already."""

    def __init__(self) -> None:
        super().__init__("These totals are what you have already, so there is nothing to check out.")


class ServiceIsParked(Exception):
    """The customer's books are being checked by the staff, so nothing is billed until they hold again."""

    def __init__(self, *, customer_number: str) -> None:
        super().__init__("Changes are paused while our billing team checks your account. We will get back to you.")
        self.customer_number = customer_number


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingPerson:
    """A person who gets `add` (edition code, "" for none) and loses `remove` when the order is delivered."""

    person_id: str
    add: str
    remove: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePreview:
    """What totals would mean now; nothing is stored. `is_change`: whether there is something to check out."""

    service_id: int
    service_name: str
    domains: tuple[str, ...]
    figures: QuoteFigures
    is_change: bool
    open_order_id: int | None


def preview_change(*, customer_id: int, service_id: int, wanted: Mapping[str, int], now: datetime) -> ChangePreview:
    """What `wanted` (edition code → total) would mean; an empty mapping shows what is held and planned.

    :raises DoesNotBelong: when the service is not the customer's.
    :raises SeatsOutOfRange: for more than the supplier's maximum.
    :raises EditionUnknown, SeatsNotCountable: (perseat.domain.quote) for other totals that cannot be.
    """
    raise NotImplementedError


def make_quote(
    *,
    customer_id: int,
    service_id: int,
    wanted: Mapping[str, int],
    user_id: int,
    now: datetime,
    people: tuple[MovingPerson, ...] = (),
) -> UUID:
    """Store the quote and return its public id. Raises as `preview_change`, and besides:

    :raises NothingWouldChange: when there is nothing to check out.
    :raises ServiceIsParked: when the customer's books are being checked.
    """
    raise NotImplementedError
