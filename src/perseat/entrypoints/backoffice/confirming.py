"""Confirming: an act that cannot be undone is tried out first, and shown with all that it does before it is done.

The first sending of a form tries the act and takes everything back, so that a refusal stands beside its field before
anybody is asked; the page that asks carries what was typed, and its button does it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render

from perseat.entrypoints.backoffice.access import StaffRequest
from perseat.journeys.billing_acts import ActRefused
from perseat.journeys.parking import ServiceIsParked

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the page asks. `facts`: label and value of what is about to happen; `button`: what it does, in words."""

    heading: str
    facts: Sequence[tuple[str, str]]
    warning: str
    button: str


def do_when_confirmed(
    request: StaffRequest,
    form: forms.Form,
    *,
    act: Callable[[], Result],
    question: Callable[[], Question],
    fields: Mapping[type[Exception], str | None],
) -> Result | HttpResponse | None:
    """What the act gave; the page that asks; None when the form has to be shown, with the refusal beside its field.

    `fields`: where each refusal belongs, the first that fits; None is above the form.
    """
    answer = request.POST.get("confirm")
    kinds: tuple[type[Exception], ...] = (*fields, ActRefused)
    if request.method != "POST" or answer == "back" or not form.is_valid():
        return None
    try:
        if answer == "yes":
            return act()
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
    except ServiceIsParked:
        form.add_error(None, "This customer's books are being checked; no money moves until they hold.")
        return None
    except kinds as refusal:
        fitting = (field for kind, field in fields.items() if isinstance(refusal, kind))
        form.add_error(next(fitting, None), str(refusal))
        return None
    typed = [(name, value) for name in form.fields for value in form.data.getlist(name)]  # type: ignore[attr-defined]
    return render(request, "office/confirm.html", {"question": question(), "typed": typed})
