"""Billing details: what the next documents say of the customer."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.customers.actions import change_billing_details
from perseat.capabilities.customers.queries import get_billing_details
from perseat.capabilities.customers.tax_numbers import ReverseChargeImpossible
from perseat.domain.rights import may_buy
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import present_moment
from perseat.entrypoints.portal.forms import BillingDetailsForm


@member_page
def billing_details(request: MemberRequest) -> HttpResponse:
    """Show the details; an owner may change them."""
    details = get_billing_details(request.member.customer_id)
    if request.method == "POST":
        form = BillingDetailsForm(request.POST)
        if form.is_valid() and _save(request, form):
            messages.success(request, "Saved. Your next documents say this; those already issued stay as they are.")
            return redirect("portal:billing-details")
    else:
        form = BillingDetailsForm(initial=asdict(details))
    may_change = may_buy(request.member.role)
    if not may_change:
        for field in form.fields.values():
            field.disabled = True
    context = {"form": form, "details": details, "may_change": may_change}
    return render(request, "billing_details.html", context, status=422 if form.errors else 200)


def _save(request: MemberRequest, form: BillingDetailsForm) -> bool:
    try:
        change_billing_details(
            form.details(),
            customer_id=request.member.customer_id,
            user_id=request.member.user_id,
            now=present_moment(),
        )
    except ReverseChargeImpossible as problem:
        form.add_error(problem.field, f"{problem} Our billing team can change how you are taxed.")
        return False
    return True
