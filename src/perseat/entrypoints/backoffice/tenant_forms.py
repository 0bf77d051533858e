"""Forms around a customer's tenant: link it, note the agreement, open its service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict
from uuid import UUID

from django import forms

from perseat.domain.quote import DecreasePolicy
from perseat.entrypoints.pages.periods import DayField

_LENGTHS = {"P1M": "1 month", "P3M": "3 months", "P6M": "6 months", "P1Y": "1 year", "P3Y": "3 years"}
_POLICIES = {
    DecreasePolicy.ANYTIME: "Fewer seats at any time, credited to the day",
    DecreasePolicy.WINDOW: "Fewer seats within Microsoft's window, else at the renewal",
    DecreasePolicy.RENEWAL: "Fewer seats at the renewal only",
}


class Terms(TypedDict):
    """On which terms a service is opened."""

    billing_starts_on: date
    anchor_day: int
    term: str
    cycle: str
    policy: DecreasePolicy


class TenantForm(forms.Form):
    """A customer's Microsoft directory."""

    tenant_id = forms.CharField(
        label="Tenant ID", max_length=40, help_text="From the Microsoft Entra admin center: Overview, Tenant ID."
    )

    def clean_tenant_id(self) -> UUID:
        try:
            return UUID(self.cleaned_data["tenant_id"].strip())
        except ValueError:
            raise forms.ValidationError(
                "A tenant ID looks like 12345678-90ab-cdef-1234-567890abcdef; copy it whole."
            ) from None


class InvitationForm(forms.Form):
    """The tenant that is to accept us."""

    name = forms.CharField(
        label="Domain or tenant ID", max_length=253, help_text="Such as contoso.onmicrosoft.com; the customer knows it."
    )


class AgreementForm(forms.Form):
    """Who accepted the Microsoft Customer Agreement for the customer, and when."""

    first_name = forms.CharField(label="First name", max_length=100)
    last_name = forms.CharField(label="Last name", max_length=100)
    email = forms.EmailField(label="Email")
    agreed_on = DayField(label="Accepted on")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["agreed_on"].initial = today

    def clean_agreed_on(self) -> date:
        day: date = self.cleaned_data["agreed_on"]
        if day > self.today:
            raise forms.ValidationError("This day has not come yet.")
        return day


class ServiceForm(forms.Form):
    """What the service begins with, and on which terms."""

    subscriptions = forms.MultipleChoiceField(label="Subscriptions to take over", required=False)
    billing_starts_on = DayField(
        label="Billing starts on",
        help_text="The first day that we charge; days before it are never charged.",
    )
    anchor_day = forms.IntegerField(
        label="Day of the month that is charged", min_value=1, max_value=31, help_text="31 is the last day of a month."
    )
    term = forms.ChoiceField(label="Term", choices=[(each, _LENGTHS[each]) for each in ("P1M", "P1Y", "P3Y")])
    cycle = forms.ChoiceField(label="Charged every", choices=list(_LENGTHS.items()))
    policy = forms.ChoiceField(label="Fewer seats", choices=[(each.value, words) for each, words in _POLICIES.items()])

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subscriptions"].choices = list(choices)  # type: ignore[attr-defined]
        self.fields["subscriptions"].error_messages["invalid_choice"] = "One of them can no longer be taken over."
        self.fields["billing_starts_on"].initial = today
        self.fields["anchor_day"].initial = today.day

    def terms(self) -> Terms:
        """What was typed, for the journey."""
        typed = self.cleaned_data
        return Terms(
            billing_starts_on=typed["billing_starts_on"],
            anchor_day=typed["anchor_day"],
            term=typed["term"],
            cycle=typed["cycle"],
            policy=DecreasePolicy(typed["policy"]),
        )
