"""Periods: the form in which somebody chooses the days of a statement or an export, and presets beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from django import forms

from perseat.domain.calendar import is_day_of_business


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A period that is often asked for, both days included."""

    label: str
    starts_on: date
    ends_on: date


class DayField(forms.DateField):
    """A day that something of ours can be dated on."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value: object) -> date | None:
        """The day. :raises ValidationError: for none, and for a day of another age."""
        day: date | None = super().clean(value)
        if day is not None and not is_day_of_business(day):
            raise forms.ValidationError("Choose a day of this century.")
        return day


class PeriodForm(forms.Form):
    """From one day to another, both included; without them `first` to `last`."""

    def __init__(self, data: Mapping[str, str], *, first: date, last: date) -> None:
        self.first, self.last = first, last
        told = {"from": data.get("from") or first.isoformat(), "to": data.get("to") or last.isoformat()}
        super().__init__(told, auto_id="%s")
        for name, label in (("from", "From"), ("to", "To")):
            self.fields[name] = DayField(label=label)

    def clean(self) -> dict[str, object]:
        """A period of days that can be."""
        cleaned: dict[str, object] = super().clean() or {}
        starts_on, ends_on = cleaned.get("from"), cleaned.get("to")
        if isinstance(starts_on, date) and isinstance(ends_on, date) and ends_on < starts_on:
            self.add_error("to", "The last day is before the first.")
        return cleaned

    def days(self) -> tuple[date, date]:
        """What was chosen; without a usable choice what stands there at first."""
        if self.is_valid():
            return self.cleaned_data["from"], self.cleaned_data["to"]
        return self.first, self.last


def presets(today: date) -> tuple[Preset, ...]:
    """The last three months, the year, and the last twelve months."""
    months: list[Preset] = []
    end = today
    for _month in range(3):
        start = end.replace(day=1)
        months.append(
            Preset(label=format_date(start, "MMMM y", locale="en"), starts_on=start, ends_on=_month_end(start))
        )
        end = start - timedelta(days=1)
    year = Preset(label=str(today.year), starts_on=date(today.year, 1, 1), ends_on=date(today.year, 12, 31))
    last = Preset(label="Last 12 months", starts_on=today - timedelta(days=365), ends_on=today)
    return (*months, year, last)


def _month_end(start: date) -> date:
    return (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)
