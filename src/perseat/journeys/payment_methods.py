"""Payment methods: the ways in which a customer may pay, by its terms and by what is set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from perseat.capabilities.customers.models import Customer
from perseat.capabilities.payments.actions import BANK_TRANSFER
from perseat.domain.parties import PaymentTerms

ON_ACCOUNT = "on_account"
SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethod:
    """A way to pay: `code` is what accept_quote takes. `is_gateway`: the payer is sent to a gateway's page."""

    code: str
    label: str
    hint: str
    is_gateway: bool


def list_payment_methods(customer: Customer) -> tuple[PaymentMethod, ...]:
    """What the checkout offers, the quickest first."""
    methods: list[PaymentMethod] = []
    if customer.payment_terms == PaymentTerms.ON_ACCOUNT:
        methods.append(
            PaymentMethod(
                code=ON_ACCOUNT,
                label="On account",
                hint="Your seats are ordered at once, within your credit limit.",
                is_gateway=False,
            )
        )
    methods += [
        PaymentMethod(code=code, label="Card", hint="Your seats are ordered as soon as you have paid.", is_gateway=True)
        for code in list_gateways()
    ]
    methods.append(
        PaymentMethod(
            code=BANK_TRANSFER,
            label="Bank transfer",
            hint="Your seats are ordered when the money has arrived.",
            is_gateway=False,
        )
    )
    return tuple(methods)


def list_gateways() -> tuple[str, ...]:
    """The names of the payment gateways that are set up."""
    return (SANDBOX,) if settings.PERSEAT.sandbox_gateway == "on" else ()


def payment_due_on(day: date) -> date:
    """The last day on which what is issued on `day` can be paid in time."""
    due: date = day + timedelta(days=settings.PERSEAT.payment_days)
    return due
