"""Customer's tax: how the next lines of a customer are taxed."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.customers.actions import change_tax_treatment
from perseat.capabilities.customers.queries import get_billing_details, get_customer_by_number
from perseat.domain.parties import TaxTreatment
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.tax_forms import TreatmentForm


@administrator_page
def customer_tax(request: StaffRequest, number: str) -> HttpResponse:
    """Show and change how the customer is taxed."""
    facts = get_customer_by_number(number)
    details = get_billing_details(facts.customer_id)
    initial = {
        "tax_treatment": details.tax_treatment.value,
        "tax_number": details.tax_number,
        "exemption_reason": details.exemption_reason,
    }
    form = TreatmentForm(
        request.POST or None,
        country=details.country,
        seller_country=settings.PERSEAT.provider_country,
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        change_tax_treatment(
            facts.customer_id,
            treatment=TaxTreatment(form.cleaned_data["tax_treatment"]),
            tax_number=form.cleaned_data["tax_number"],
            exemption_reason=form.cleaned_data["exemption_reason"],
            user_id=request.staff.user_id,
            now=present_moment(),
        )
        messages.success(request, "Saved. New charges are taxed this way; credits keep the tax of what they credit.")
        return redirect("office:customer", number=number)
    context = {
        "form": form,
        "customer": facts,
        "title": "Tax",
        "intro": "It counts for new charges, renewals included. Documents already issued stay as they are.",
        "button": "Save tax",
    }
    return render(request, "office/customer_form.html", context, status=422 if form.errors else 200)
