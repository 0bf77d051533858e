"""Forms of what the billing team does by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms

from perseat.domain.money import UNIT_PRICE_DECIMALS
from perseat.entrypoints.backoffice.forms import AmountUnusable, ReasonForm, parse_amount
from perseat.entrypoints.pages.periods import DayField


class GoodwillForm(ReasonForm):
    """How much is given, and why."""

    amount = forms.CharField(label="Amount", max_length=30)
    field_order = ("amount", "reason")

    def __init__(self, *args: object, currency: str, prices_include_tax: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.currency = currency
        kind = "with the tax in it" if prices_include_tax else "before tax"
        self.fields["amount"].label = f"Amount in {currency}, {kind}"
        self.fields["amount"].help_text = (
            "As the invoice's lines are." if prices_include_tax else "The invoice's tax comes on top."
        )

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
        label="Price each",
        min_value=Decimal(0),
        max_value=Decimal(10**9),
        decimal_places=UNIT_PRICE_DECIMALS,
        max_digits=18,
        error_messages={
            "invalid": "Write the price in figures, such as 1234.50.",
            "min_value": "A price is zero or more.",
            "max_value": "This price is too large to be right.",
            "max_digits": "This price has more digits than can be right.",
            "max_decimal_places": f"A price has at most {UNIT_PRICE_DECIMALS} decimals.",
        },
    )
    category = forms.ChoiceField(label="Tax")
    field_order = ("text", "quantity", "unit_price", "category", "reason")

    def __init__(
        self,
        *args: object,
        categories: list[tuple[str, str]],
        currency: str,
        prices_include_tax: bool,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        kind = "with the tax in it" if prices_include_tax else "before tax"
        self.fields["unit_price"].label = f"Price each in {currency}, {kind}"
        self.fields["category"] = forms.ChoiceField(label="Tax", choices=categories)
        self.order_fields(self.field_order)


class MonthForm(ReasonForm):
    """Which month is closed, and why."""

    month = DayField(
        label="Month",
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        help_text="This month and all before it. It cannot be opened again.",
    )
    field_order = ("month", "reason")

    def clean_month(self) -> date:
        day: date = self.cleaned_data["month"]
        return day.replace(day=1)
