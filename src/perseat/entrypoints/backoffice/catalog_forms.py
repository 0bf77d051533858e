"""Forms of the catalog: a price sheet, a rule, a rate, an edition, a price, and the decision on each preview."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django import forms

from perseat.domain.price_making import MarkupKind, MarkupRule
from perseat.domain.quote import DecreasePolicy
from perseat.entrypoints.backoffice.labels import CYCLES, MARKUP_KINDS, POLICIES, TAX_CATEGORIES, TERMS
from perseat.entrypoints.pages.periods import DayField

_MOST_BYTES = 300_000_000
_MOST_PRICE = Decimal(10) ** 9
_DECIMALS = {"max_decimal_places": "At most eight decimals.", "invalid": "Write a number, such as 12.5."}


def _figure(label: str, *, initial: Decimal | None = None, help_text: str = "") -> forms.DecimalField:
    """A figure of a price: at most eight decimals."""
    return forms.DecimalField(
        label=label, initial=initial, help_text=help_text, max_digits=20, decimal_places=8, error_messages=_DECIMALS
    )


class SheetForm(forms.Form):
    """A price sheet as it was downloaded."""

    file = forms.FileField(
        label="Price sheet",
        help_text="The license-based sheet of your market, as Partner Center gives it: CSV, or packed (zip).",
        error_messages={"required": "Choose the file.", "empty": "The file is empty."},
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > _MOST_BYTES:
            raise forms.ValidationError("The file is larger than any price sheet (300 MB). Upload it packed as zip.")
        return file


class DecisionForm(forms.Form):
    """The decision on a preview: `shown` is what was looked at."""

    shown = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = forms.CharField(
        label="Reason",
        max_length=300,
        required=False,
        help_text="Why these prices may be nothing or below cost. It is kept with your name.",
    )
    ends_what_it_lacks = forms.BooleanField(label="Take off sale what the sheet lacks", required=False)

    def look_at(self, fingerprint: str) -> None:
        """From now on the present preview is what is decided upon; what was typed stays."""
        if self.is_bound:
            self.data = {name: self.data[name] for name in self.data} | {"shown": fingerprint}


class MarkupForm(forms.Form):
    """A rule that makes prices from costs."""

    subject = forms.ChoiceField(label="For", help_text="The most specific rule counts: edition, then group, then all.")
    term = forms.ChoiceField(label="Term", choices=[("", "Every term"), *TERMS.items()], required=False)
    cycle = forms.ChoiceField(label="Charged", choices=[("", "Every cycle"), *CYCLES.items()], required=False)
    prices = forms.ChoiceField(label="Prices", help_text="Which list the rule makes.")
    kind = forms.ChoiceField(label="Price", choices=[(each.value, MARKUP_KINDS[each]) for each in MarkupKind])
    value = _figure("Percent, amount or price", initial=Decimal(0))
    step = _figure(
        "In steps of",
        initial=Decimal("0.01"),
        help_text="Prices are rounded up: steps of 1 with the ending 0.95 make 7.95, 8.95.",
    )
    ending = _figure("Ending", initial=Decimal(0))
    starts_on = DayField(label="From")

    def __init__(
        self,
        *args: object,
        editions: Sequence[tuple[str, str]],
        groups: Sequence[str],
        lists: Sequence[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        subjects = [("all", "All editions")]
        subjects += [(f"group:{group}", f"Group {group}") for group in groups]
        subjects += [(f"edition:{code}", name) for code, name in editions]
        self.fields["subject"] = _choice(self.fields["subject"], choices=subjects)
        self.fields["prices"] = _choice(self.fields["prices"], choices=lists)

    def rule(self) -> MarkupRule:
        """The rule that was typed."""
        typed = self.cleaned_data
        kind, _, name = typed["subject"].partition(":")
        return MarkupRule(
            edition_code=name if kind == "edition" else "",
            group=name if kind == "group" else "",
            term=typed["term"],
            cycle=typed["cycle"],
            kind=MarkupKind(typed["kind"]),
            value=typed["value"],
            step=typed["step"],
            ending=typed["ending"],
            starts_on=typed["starts_on"],
        )


class RateForm(forms.Form):
    """What one unit of the supplier's currency comes to."""

    source = forms.CharField(label="One unit of", max_length=3, min_length=3)
    target = forms.CharField(label="In", max_length=3, min_length=3, help_text="The currency of your prices.")
    rate = _figure("Is")
    starts_on = DayField(label="From")

    def clean_source(self) -> str:
        return str(self.cleaned_data["source"]).upper()

    def clean_target(self) -> str:
        return str(self.cleaned_data["target"]).upper()


class EditionForm(forms.Form):
    """An edition that the supplier sells, as it shall stand in our catalog."""

    name = forms.CharField(label="Name", max_length=100)
    code = forms.SlugField(
        label="Code", max_length=40, help_text="Short, for good: it stands in addresses and in the API."
    )
    summary = forms.CharField(label="What one seat gives", max_length=300)
    group = forms.SlugField(label="Group", max_length=40, required=False, help_text="For markup rules of several.")
    directory_sku_id = forms.UUIDField(
        label="Microsoft's license id",
        help_text="The skuId in the customer's directory: by it licenses are found, never by the name.",
        error_messages={"invalid": "An id such as 3b555118-da6a-4418-894f-7df1e2096870."},
    )
    maximum_seats = forms.IntegerField(label="Seats at most", min_value=1, max_value=2_000_000_000, initial=300)
    tax_category = forms.ChoiceField(label="Tax", choices=list(TAX_CATEGORIES.items()))
    terms = forms.MultipleChoiceField(
        label="Terms",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one term."},
    )
    policy = forms.ChoiceField(label="Fewer seats", choices=[(each.value, POLICIES[each]) for each in DecreasePolicy])

    def __init__(self, *args: object, terms: Sequence[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(f"{term}/{cycle}", f"{TERMS[term]}, {CYCLES[cycle].lower()}") for term, cycle in terms]
        self.fields["terms"] = forms.MultipleChoiceField(
            label="Terms", widget=forms.CheckboxSelectMultiple, choices=choices
        )

    def offers(self) -> list[tuple[str, str, str]]:
        """Term, cycle and policy of each chosen one."""
        pairs = [str(each).split("/") for each in self.cleaned_data["terms"]]
        return [(term, cycle, str(self.cleaned_data["policy"])) for term, cycle in pairs]

    @property
    def license_id(self) -> UUID:
        """The directory's id."""
        found: UUID = self.cleaned_data["directory_sku_id"]
        return found


class PriceForm(forms.Form):
    """A price by hand."""

    prices = forms.ChoiceField(label="Prices")
    unit_price = _figure("Price of a seat")
    starts_on = DayField(label="From")
    reason = forms.CharField(
        label="Reason", max_length=300, required=False, help_text="Needed for nothing, or less than the seat costs."
    )

    def __init__(self, *args: object, lists: Sequence[tuple[str, str]], first_day: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.first_day = first_day
        self.fields["prices"] = _choice(self.fields["prices"], choices=lists)

    def clean_unit_price(self) -> Decimal:
        price: Decimal = self.cleaned_data["unit_price"]
        if not 0 <= price < _MOST_PRICE:
            raise forms.ValidationError("A price is zero or more, and less than a thousand million.")
        return price

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if day < self.first_day:
            raise forms.ValidationError("From tomorrow on at the earliest: today's price was asked already.")
        return day


class SaleForm(forms.Form):
    """Why an offer goes on sale or off it."""

    reason = forms.CharField(label="Reason", max_length=300, required=False)


def _choice(field: forms.Field, *, choices: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=field.label, help_text=field.help_text, choices=choices)
