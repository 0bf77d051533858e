"""The form of a new tenant."""

from __future__ import annotations

from django import forms

from perseat.entrypoints.backoffice.forms import country_choices
from perseat.journeys.tenant_creation import PrefixUnusable, domain_of
from perseat.ports.tenancies import NewTenant, PostalAddress

_LANGUAGE = "en"


class NewTenantForm(forms.Form):
    """What Microsoft wants to know of a new customer."""

    domain_name = forms.CharField(
        label="Name at Microsoft",
        max_length=60,
        help_text="The part before .onmicrosoft.com: letters and digits only. It cannot be changed later.",
    )
    company = forms.CharField(label="Company", max_length=200)
    first_name = forms.CharField(label="Contact's first name", max_length=50)
    last_name = forms.CharField(label="Contact's last name", max_length=50)
    email = forms.EmailField(label="Contact's email", help_text="Microsoft writes to it, too.")
    phone = forms.CharField(
        label="Phone", max_length=30, required=False, help_text="Some countries ask for it. Digits only."
    )
    street = forms.CharField(label="Street and number", max_length=200)
    postal_code = forms.CharField(label="Postal code", max_length=20)
    city = forms.CharField(label="City", max_length=100)
    region = forms.CharField(label="State or region", max_length=100, required=False)
    country = forms.ChoiceField(label="Country", choices=country_choices)
    registration_number = forms.CharField(
        label="Registration number",
        max_length=60,
        required=False,
        help_text="Of the company. Some countries ask for it; others refuse it.",
    )

    def clean_domain_name(self) -> str:
        try:
            domain_of(self.cleaned_data["domain_name"])
        except PrefixUnusable as problem:
            raise forms.ValidationError(str(problem)) from None
        return str(self.cleaned_data["domain_name"])

    def clean_phone(self) -> str:
        digits = "".join(each for each in self.cleaned_data["phone"] if each not in " +-()/.")
        if digits and not (digits.isascii() and digits.isdecimal()):
            raise forms.ValidationError("Write the number in digits, such as 0255501234.")
        return digits

    def address(self) -> PostalAddress:
        """The address and whom it is for."""
        names = ("street", "city", "region", "postal_code", "country", "first_name", "last_name", "phone")
        return PostalAddress(**{name: " ".join(self.cleaned_data[name].split()) for name in names})

    def new_tenant(self) -> NewTenant:
        """What was typed, for the journey."""
        typed = self.cleaned_data
        return NewTenant(
            domain=domain_of(typed["domain_name"]),
            company=" ".join(typed["company"].split()),
            email=typed["email"],
            culture=f"{_LANGUAGE}-{typed['country']}",
            language=_LANGUAGE,
            registration_number=typed["registration_number"].strip(),
            address=self.address(),
        )
