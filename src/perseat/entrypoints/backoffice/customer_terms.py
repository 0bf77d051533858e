"""Payment terms: how a customer pays, and up to which amount on account."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.customers.actions import change_payment_terms
from perseat.capabilities.customers.queries import get_customer_by_number
from perseat.domain.money import from_minor, get_currency
from perseat.domain.parties import PaymentTerms
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.forms import TermsForm


@administrator_page
def customer_terms(request: StaffRequest, number: str) -> HttpResponse:
    """Show and change the terms of the next orders."""
    facts = get_customer_by_number(number)
    limit = from_minor(facts.credit_limit_minor, get_currency(facts.currency))
    initial = {"payment_terms": facts.payment_terms.value, "credit_limit": str(limit)}
    form = TermsForm(request.POST or None, currency=facts.currency, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_payment_terms(
            facts.customer_id,
            payment_terms=PaymentTerms(form.cleaned_data["payment_terms"]),
            credit_limit_minor=form.cleaned_data["credit_limit"],
            user_id=request.staff.user_id,
            now=present_moment(),
        )
        messages.success(request, "Saved. The next order is paid this way.")
        return redirect("office:customer", number=number)
    context = {
        "form": form,
        "customer": facts,
        "title": "Payment terms",
        "intro": "They count from the next order on; orders already made keep theirs.",
        "button": "Save payment terms",
    }
    return render(request, "office/customer_form.html", context, status=422 if form.errors else 200)
