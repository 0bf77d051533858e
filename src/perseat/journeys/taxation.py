"""Taxation: what a customer's lines are taxed as, at which rates, and what these taxes are called on documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext_noop

from perseat.capabilities.catalog.queries import list_tax_rates
from perseat.capabilities.customers.models import Customer
from perseat.domain.parties import TaxTreatment
from perseat.domain.quote import TaxRate

# EN 16931: the category of a treatment that leaves nothing to the edition, always at 0 %.
_TREATED_AS: Mapping[str, str] = {
    TaxTreatment.REVERSE_CHARGE: "AE",
    TaxTreatment.EXEMPT: "E",
    TaxTreatment.OUTSIDE_SCOPE: "O",
}
_LABELS: Mapping[str, str] = {
    "AE": gettext_noop("Reverse charge"),
    "E": gettext_noop("Exempt"),
    "O": gettext_noop("Not subject to tax"),
}
_UNNAMED = gettext_noop("Tax")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxation:
    """How a customer's new lines are taxed. `treated`: the category of all of them, "" where each edition has its own.

    `rates`: all dated ones of the seller's country, none for a seller outside any tax. `labels` by category.
    """

    treated: str
    rates: tuple[TaxRate, ...]
    labels: Mapping[str, str]

    def category_of(self, category: str) -> str:
        """What something of that category is taxed as, for this customer."""
        return self.treated or category


def taxation_of(customer: Customer) -> Taxation:
    """How the customer is taxed, as they are today."""
    dated = list_tax_rates(settings.PERSEAT.provider_country)
    treated = _TREATED_AS.get(customer.tax_treatment, "")
    free = TaxRate(category=treated, rate=Decimal(0), starts_on=date.min)
    rates = tuple(TaxRate(category=each.category, rate=each.rate, starts_on=each.starts_on) for each in dated)
    labels = {"S": _UNNAMED, **{each.category: each.label for each in dated}, **_LABELS}
    return Taxation(treated=treated, rates=(free,) if treated else rates, labels=labels)
