"""Add a customer: who they are, how they pay, and who is invited as their owner."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.catalog.queries import PriceList, list_price_lists
from perseat.capabilities.customers.actions import create_customer
from perseat.capabilities.customers.queries import get_customer_facts
from perseat.domain.parties import PaymentTerms
from perseat.domain.rights import MemberRole
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.forms import CustomerForm
from perseat.journeys.welcome import invite_member


@administrator_page
def customer_add(request: StaffRequest) -> HttpResponse:
    """Show the form; make the customer."""
    chosen = settings.PERSEAT
    defaults = {
        "country": chosen.provider_country,
        "time_zone": chosen.time_zone,
        "payment_terms": "prepaid",
        "language": "en",
    }
    if request.method != "POST":
        form = CustomerForm(price_lists=_price_lists(), initial=defaults)
        return render(request, "office/customer_add.html", {"form": form})
    form = CustomerForm(request.POST, price_lists=_price_lists())
    if not form.is_valid():
        return render(request, "office/customer_add.html", {"form": form}, status=422)
    customer_id = _create(request, form)
    facts = get_customer_facts(customer_id)
    invited = form.cleaned_data["owner_email"]
    and_invited = f" An invitation is on its way to {invited}." if invited else ""
    messages.success(request, f"{facts.legal_name} is customer {facts.number}.{and_invited}")
    return redirect("office:customer", number=facts.number)


def _price_lists() -> list[PriceList]:
    """The catalog's, those in the provider's own currency first; before there are any, what will be the first."""
    own = settings.PERSEAT.currency
    found = list_price_lists() or (PriceList(currency=own, includes_tax=False),)
    return sorted(found, key=lambda each: each.currency != own)


@transaction.atomic
def _create(request: StaffRequest, form: CustomerForm) -> int:
    now = present_moment()
    customer_id = create_customer(
        form.details(),
        currency=form.price_list.currency,
        prices_include_tax=form.price_list.includes_tax,
        time_zone=form.cleaned_data["time_zone"],
        payment_terms=PaymentTerms(form.cleaned_data["payment_terms"]),
        credit_limit_minor=form.cleaned_data["credit_limit"],
        user_id=request.staff.user_id,
        now=now,
    )
    if form.cleaned_data["owner_email"]:
        invite_member(
            form.cleaned_data["owner_email"],
            role=MemberRole.OWNER,
            customer_id=customer_id,
            user_id=request.staff.user_id,
            now=now,
        )
    return customer_id
