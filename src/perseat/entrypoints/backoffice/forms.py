"""Forms of the back office."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import available_timezones

from babel import Locale
from django import forms

from perseat.capabilities.catalog.queries import PriceList
from perseat.capabilities.customers.actions import NewBillingDetails
from perseat.capabilities.customers.tax_numbers import TaxNumberUnusable, normalize_tax_number
from perseat.capabilities.questions.actions import MAXIMUM_LENGTH
from perseat.domain.money import get_currency
from perseat.domain.parties import DocumentLanguage, PaymentTerms
from perseat.domain.rights import StaffRole
from perseat.entrypoints.backoffice.labels import DOCUMENT_LANGUAGES, PAYMENT_TERMS, STAFF_ROLES, price_list_label
from perseat.entrypoints.pages.periods import DayField

_MOST_MINOR = 10**14
_PLAIN_AMOUNT = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[0-9]+(\.[0-9]+)?")


class AmountUnusable(ValueError):
    """What was typed is no amount of the currency; the text says why."""


def parse_amount(text: str, *, currency: str) -> int:
    """Turn "1,234.50" into whole minor units of the currency; never rounds.

    :raises AmountUnusable: for anything that is not a plain amount, or has more digits than the currency.
    """
    typed = text.strip()
    if not typed.isascii() or not _PLAIN_AMOUNT.fullmatch(typed):
        raise AmountUnusable("Write the amount in figures, such as 1234.50.")
    digits = get_currency(currency).digits
    try:
        minor = Decimal(typed.replace(",", "")).scaleb(digits)
    except InvalidOperation:
        raise AmountUnusable("Write the amount in figures, such as 1234.50.") from None
    if minor != minor.to_integral_value():
        raise AmountUnusable(f"An amount in {currency} has at most {digits} digits after the point.")
    if minor > _MOST_MINOR:
        raise AmountUnusable("This amount is too large to be right.")
    return int(minor)


def country_choices() -> list[tuple[str, str]]:
    """ISO codes and English names, by name."""
    names = Locale("en").territories
    countries = [(code, name) for code, name in names.items() if len(code) == 2 and code.isalpha()]
    unknown = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
    return sorted((pair for pair in countries if pair[0] not in unknown), key=lambda pair: pair[1])


class CustomerForm(forms.Form):
    """A new customer."""

    legal_name = forms.CharField(label="Legal name", max_length=200)
    owner_email = forms.EmailField(
        label="Owner's email", required=False, help_text="Is invited by e-mail. You can do it later, too."
    )
    street = forms.CharField(label="Street and number", max_length=200, required=False)
    postal_code = forms.CharField(label="Postal code", max_length=20, required=False)
    city = forms.CharField(label="City", max_length=100, required=False)
    region = forms.CharField(label="State or region", max_length=100, required=False)
    country = forms.ChoiceField(label="Country", choices=country_choices)
    tax_number = forms.CharField(label="Tax number", max_length=40, required=False)
    order_reference = forms.CharField(label="Order reference", max_length=60, required=False)
    invoice_email = forms.EmailField(label="Send invoices to", required=False)
    language = forms.ChoiceField(
        label="Language of documents", choices=[(each.value, DOCUMENT_LANGUAGES[each]) for each in DocumentLanguage]
    )
    time_zone = forms.ChoiceField(
        label="Time zone", choices=lambda: [(zone, zone) for zone in sorted(available_timezones())]
    )
    prices = forms.ChoiceField(
        label="Prices", help_text="At which the customer buys, for good; they are those of the catalog."
    )
    payment_terms = forms.ChoiceField(
        label="Payment terms", choices=[(each.value, PAYMENT_TERMS[each]) for each in PaymentTerms]
    )
    credit_limit = forms.CharField(
        label="Credit limit",
        initial="0",
        max_length=30,
        help_text="In the currency of the prices. Counts with payment on account only.",
    )

    def __init__(self, *args: object, price_lists: Sequence[PriceList], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._lists = {f"{each.currency}-{each.includes_tax}": each for each in price_lists}
        choices = [(key, price_list_label(each)) for key, each in self._lists.items()]
        self.fields["prices"] = forms.ChoiceField(
            label="Prices", choices=choices, help_text=self.fields["prices"].help_text
        )

    @property
    def price_list(self) -> PriceList:
        """The prices that were chosen."""
        return self._lists[self.cleaned_data["prices"]]

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if "credit_limit" in cleaned and "prices" in cleaned:
            try:
                cleaned["credit_limit"] = parse_amount(str(cleaned["credit_limit"]), currency=self.price_list.currency)
            except AmountUnusable as problem:
                self.add_error("credit_limit", str(problem))
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


class TermsForm(forms.Form):
    """How a customer pays."""

    payment_terms = forms.ChoiceField(
        label="Payment terms", choices=[(each.value, PAYMENT_TERMS[each]) for each in PaymentTerms]
    )
    credit_limit = forms.CharField(label="Credit limit", max_length=30)

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.currency = currency
        self.fields["credit_limit"].label = f"Credit limit in {currency}"

    def clean_credit_limit(self) -> int:
        return _amount(self.cleaned_data["credit_limit"], currency=self.currency)


class InviteOwnerForm(forms.Form):
    """Whom to invite as an owner."""

    email = forms.EmailField(label="Owner's email")


class ReceiptForm(forms.Form):
    """Money on the bank statement."""

    document_number = forms.CharField(
        label="Invoice", max_length=40, help_text="Its number, or the payment reference of the transfer."
    )
    amount = forms.CharField(label="Amount received", max_length=30)
    received_on = DayField(label="Received on")
    bank_reference = forms.CharField(
        label="Bank reference", max_length=100, help_text="The statement's own number of this receipt; each once."
    )

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.today = today

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError("This day has not come yet.")
        return day


class ReasonForm(forms.Form):
    """Why something is taken back or stopped."""

    reason = forms.CharField(
        label="Reason", max_length=300, error_messages={"required": "Say why, for whoever asks later."}
    )


class AnswerForm(forms.Form):
    """An answer of the billing team."""

    text = forms.CharField(
        label="Your answer",
        max_length=MAXIMUM_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Write the answer."},
    )


class StaffForm(forms.Form):
    """A new person of the staff."""

    email = forms.EmailField(label="Email")
    role = forms.ChoiceField(
        label="Role",
        choices=[(each.value, STAFF_ROLES[each]) for each in (StaffRole.CLERK, StaffRole.ADMINISTRATOR)],
    )


def _amount(text: str, *, currency: str) -> int:
    try:
        return parse_amount(text, currency=currency)
    except AmountUnusable as problem:
        raise forms.ValidationError(str(problem)) from None
