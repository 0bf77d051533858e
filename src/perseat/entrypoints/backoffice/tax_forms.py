"""Forms of taxes: how a customer is taxed, and what a tax comes to from a day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms

from perseat.capabilities.customers.tax_numbers import (
    ReverseChargeImpossible,
    TaxNumberUnusable,
    check_reverse_charge,
    normalize_tax_number,
)
from perseat.domain.parties import TaxTreatment
from perseat.entrypoints.backoffice.labels import TAX_CATEGORIES, TAX_TREATMENTS
from perseat.entrypoints.pages.periods import DayField


class TreatmentForm(forms.Form):
    """How a customer is taxed."""

    tax_treatment = forms.ChoiceField(
        label="How it is taxed", choices=[(each.value, TAX_TREATMENTS[each]) for each in TaxTreatment]
    )
    tax_number = forms.CharField(
        label="Tax number", max_length=40, required=False, help_text="Reverse charge needs the customer's VAT number."
    )
    exemption_reason = forms.CharField(
        label="Why it is exempt",
        max_length=200,
        required=False,
        help_text="Printed on invoices, in the customer's language; only for an exempt customer.",
    )

    def __init__(self, *args: object, country: str, seller_country: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.country, self.seller_country = country, seller_country

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        treatment = cleaned.get("tax_treatment")
        try:
            number = normalize_tax_number(str(cleaned.get("tax_number", "")), country=self.country)
            if treatment == TaxTreatment.REVERSE_CHARGE:
                check_reverse_charge(tax_number=number, country=self.country, seller_country=self.seller_country)
            cleaned["tax_number"] = number
        except TaxNumberUnusable as problem:
            self.add_error("tax_number", str(problem))
        except ReverseChargeImpossible as problem:
            self.add_error("tax_number" if problem.field == "tax_number" else "tax_treatment", str(problem))
        if treatment == TaxTreatment.EXEMPT and not cleaned.get("exemption_reason"):
            self.add_error("exemption_reason", "Say why, as it shall stand on the customer's invoices.")
        return cleaned


class RateForm(forms.Form):
    """What a tax comes to from a day on."""

    category = forms.ChoiceField(label="Category", choices=list(TAX_CATEGORIES.items()))
    label = forms.CharField(label="Name", max_length=20, help_text="As it stands on invoices: GST, VAT.")
    rate = forms.DecimalField(
        label="Rate in percent",
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=7,
        decimal_places=4,
        error_messages={
            "min_value": "A rate is from 0 to 100 percent.",
            "max_value": "A rate is from 0 to 100 percent.",
            "max_decimal_places": "A rate has at most four decimals.",
        },
    )
    starts_on = DayField(label="From", help_text="Documents of that day have it.")

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.today = today

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if day <= self.today:
            raise forms.ValidationError("From tomorrow on at the earliest: documents of today may have been issued.")
        return day
