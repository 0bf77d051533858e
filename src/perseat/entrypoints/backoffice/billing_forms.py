"""Forms of what the billing team does by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms

from perseat.entrypoints.backoffice.forms import AmountUnusable, ReasonForm, parse_amount


class GoodwillForm(ReasonForm):
    """How much is given, and why."""

    amount = forms.CharField(label="Amount before tax", max_length=30, help_text="The invoice's tax comes on top.")
    field_order = ("amount", "reason")

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.currency = currency
        self.fields["amount"].label = f"Amount in {currency}, before tax"

    def clean_amount(self) -> int:
        try:
            return parse_amount(self.cleaned_data["amount"], currency=self.currency)
        except AmountUnusable as problem:
            raise forms.ValidationError(str(problem)) from None


class ChargeForm(ReasonForm):
    """What is charged, how many, at which price."""

    text = forms.CharField(label="What for", max_length=200, help_text="Stands on the invoice.")
    quantity = forms.IntegerField(label="Quantity", min_value=1, max_value=1_000_000, initial=1)
    unit_price = forms.DecimalField(
        label="Price each, before tax", min_value=Decimal(0), max_value=Decimal(10**9), decimal_places=8, max_digits=18
    )
    category = forms.ChoiceField(label="Tax")
    field_order = ("text", "quantity", "unit_price", "category", "reason")

    def __init__(self, *args: object, categories: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["category"] = forms.ChoiceField(label="Tax", choices=categories)
        self.order_fields(self.field_order)


class MonthForm(ReasonForm):
    """Which month is closed, and why."""

    month = forms.DateField(
        label="Month",
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        help_text="This month and all before it. It cannot be opened again.",
    )
    field_order = ("month", "reason")

    def clean_month(self) -> date:
        day: date = self.cleaned_data["month"]
        return day.replace(day=1)
