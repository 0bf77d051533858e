"""Taxes: the dated rates of the provider's country, and what each edition is taxed as; a new rate from a day on."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.catalog.actions import TaxRateUnusable
from perseat.capabilities.catalog.queries import list_editions, list_tax_rates
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment, today
from perseat.entrypoints.backoffice.labels import TAX_CATEGORIES
from perseat.entrypoints.backoffice.tax_forms import RateForm
from perseat.entrypoints.pages.templatetags.days import day
from perseat.journeys.taxation import enter_tax_rate


@staff_page
def taxes(request: StaffRequest) -> HttpResponse:
    """List the rates; enter one that begins later."""
    form = RateForm(request.POST or None, today=today())
    if request.method == "POST" and form.is_valid():
        try:
            enter_tax_rate(**form.cleaned_data, user_id=request.staff.user_id, now=present_moment())
        except TaxRateUnusable as problem:
            form.add_error(problem.field, str(problem))
        else:
            messages.success(request, f"Documents from {day(form.cleaned_data['starts_on'])} on have this rate.")
            return redirect("office:taxes")
    context = {
        "form": form,
        "country": settings.PERSEAT.provider_country,
        "rates": list_tax_rates(settings.PERSEAT.provider_country),
        "editions": [(each.name, TAX_CATEGORIES.get(each.tax_category, each.tax_category)) for each in list_editions()],
    }
    return render(request, "office/taxes.html", context, status=422 if form.errors else 200)
