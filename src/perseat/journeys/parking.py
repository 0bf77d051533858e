"""Parking: a customer whose books do not hold is never billed on (rule 17)."""

from __future__ import annotations

from perseat.capabilities.customers.models import Customer


class ServiceIsParked(Exception):
    """The customer's books are being checked by the staff, so nothing is billed until they hold again."""

    def __init__(self, *, customer_number: str) -> None:
        super().__init__("Changes are paused while our billing team checks your account. We will get back to you.")
        self.customer_number = customer_number


def check_not_parked(customer: Customer) -> None:
    """:raises ServiceIsParked: while the staff checks the customer's books."""
    if customer.parked_reason:
        raise ServiceIsParked(customer_number=customer.number)
