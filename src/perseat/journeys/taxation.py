"""Taxation: what a customer's lines are taxed as, at which rates, and what these taxes are called on documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.catalog.actions import set_tax_rate
from perseat.capabilities.catalog.queries import list_tax_rates
from perseat.capabilities.customers.models import Customer
from perseat.domain.parties import TaxTreatment, category_of_treatment
from perseat.domain.quote import TaxRate
from perseat.domain.rights import may_administer

_LABELS: Mapping[str, str] = {
    "AE": gettext_noop("Reverse charge"),
    "E": gettext_noop("Exempt"),
    "O": gettext_noop("Not subject to tax"),
}
_UNNAMED = gettext_noop("Tax")


class PriceKind(StrEnum):
    """What a customer's unit prices say of tax, in words to stand behind a figure."""

    PLUS_TAX = "plus tax"
    INCLUDES_TAX = "includes tax"
    WITHOUT_TAX = "no tax is added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxation:
    """How a customer's new lines are taxed. `treated`: the category of all of them, "" where each edition has its own.

    `rates`: all dated ones of the seller's country, none for a seller outside any tax. `labels` by category.
    """

    treated: str
    price_kind: PriceKind
    rates: tuple[TaxRate, ...]
    labels: Mapping[str, str]

    def category_of(self, category: str) -> str:
        """What something of that category is taxed as, for this customer."""
        return self.treated or category


def taxation_of(customer: Customer, *, known_at: datetime | None = None) -> Taxation:
    """How the customer is taxed, as they are today, at the rates known at that moment (None: now)."""
    dated = list_tax_rates(settings.PERSEAT.provider_country, known_at=known_at)
    treated = category_of_treatment(TaxTreatment(customer.tax_treatment))
    free = TaxRate(category=treated, rate=Decimal(0), starts_on=date.min)
    rates = tuple(TaxRate(category=each.category, rate=each.rate, starts_on=each.starts_on) for each in dated)
    labels = {"S": _UNNAMED, **{each.category: each.label for each in dated}, **_LABELS}
    is_taxed = not treated and any(each.rate for each in rates)
    kind = PriceKind.INCLUDES_TAX if customer.prices_include_tax else PriceKind.PLUS_TAX
    return Taxation(
        treated=treated,
        price_kind=kind if is_taxed else PriceKind.WITHOUT_TAX,
        rates=(free,) if treated else rates,
        labels=labels,
    )


def list_charge_taxes(customer_id: int) -> tuple[tuple[str, str], ...]:
    """Category and name of the taxes that a charge to the customer may have; one where there is no choice."""
    taxation = taxation_of(Customer.objects.get(pk=customer_id))
    categories = [taxation.treated] if taxation.treated else [each.category for each in taxation.rates] or ["S"]
    return tuple((each, taxation.labels[each]) for each in dict.fromkeys(categories))


@transaction.atomic
def enter_tax_rate(*, category: str, label: str, rate: Decimal, starts_on: date, user_id: int, now: datetime) -> None:
    """A rate of the provider's country, in percent, from that day on.

    :raises NotAllowed: (accounts.queries) unless an administrator asks.
    :raises TaxRateUnusable: (catalog.actions) for a rate that no document could be made with.
    """
    staff = require_staff(user_id, right=may_administer, act="enter tax rates")
    country = settings.PERSEAT.provider_country
    set_tax_rate(country, category=category, label=label, rate=rate, starts_on=starts_on, now=now)
    record_audit(
        "entered tax rate",
        actor=staff.email,
        object_label=f"{country} {category} from {starts_on}",
        at=now,
        details={"label": label, "rate": str(rate)},
    )
