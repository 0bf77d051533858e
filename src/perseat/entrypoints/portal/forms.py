"""Forms of the Client Area that more than one page needs."""

from __future__ import annotations

from babel import Locale
from django import forms

from perseat.capabilities.customers.actions import NewBillingDetails
from perseat.capabilities.customers.tax_numbers import TaxNumberUnusable, normalize_tax_number
from perseat.capabilities.questions.actions import MAXIMUM_LENGTH
from perseat.domain.parties import DocumentLanguage
from perseat.entrypoints.portal.labels import DOCUMENT_LANGUAGES


def country_choices() -> list[tuple[str, str]]:
    """ISO codes and English names, by name."""
    names = Locale("en").territories
    countries = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    unknown = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
    return sorted((pair for pair in countries if pair[0] not in unknown), key=lambda pair: pair[1])


class BillingDetailsForm(forms.Form):
    """What documents say of the buyer."""

    legal_name = forms.CharField(
        label="Legal name", max_length=200, help_text="As it stands in your country's register."
    )
    street = forms.CharField(label="Street and number", max_length=200)
    postal_code = forms.CharField(label="Postal code", max_length=20, required=False)
    city = forms.CharField(label="City", max_length=100)
    region = forms.CharField(label="State or region", max_length=100, required=False)
    country = forms.ChoiceField(label="Country", choices=country_choices)
    tax_number = forms.CharField(
        label="Tax number", max_length=40, required=False, help_text="Your ABN, VAT number or the like."
    )
    order_reference = forms.CharField(
        label="Your order reference", max_length=60, required=False, help_text="Printed on your next documents."
    )
    invoice_email = forms.EmailField(
        label="Send invoices to",
        required=False,
        help_text="An address for bookkeeping; without it, invoices go to the owners.",
    )
    language = forms.ChoiceField(
        label="Language of documents",
        choices=[(each.value, DOCUMENT_LANGUAGES[each]) for each in DocumentLanguage],
        help_text="For your next invoices and credit notes.",
    )

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        country = cleaned.get("country")
        if isinstance(country, str) and country:
            try:
                cleaned["tax_number"] = normalize_tax_number(str(cleaned.get("tax_number", "")), country=country)
            except TaxNumberUnusable as problem:
                self.add_error("tax_number", str(problem))
        return cleaned

    def details(self) -> NewBillingDetails:
        """What was typed, for the action."""
        names = NewBillingDetails.__dataclass_fields__
        return NewBillingDetails(**{name: str(self.cleaned_data.get(name, "")) for name in names})


class MessageForm(forms.Form):
    """One message to the billing team."""

    text = forms.CharField(
        label="Your question",
        max_length=MAXIMUM_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": "Write what you want to know.",
            "max_length": f"This is longer than {MAXIMUM_LENGTH} characters; please shorten it.",
        },
    )
