"""What the billing team does by hand: goodwill, another recipient, a charge, a closed month; each with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.customers.queries import get_billing_details, get_customer_by_number, get_customer_facts
from perseat.capabilities.invoicing.queries import get_document
from perseat.capabilities.ledger.months import MonthIsClosed, list_closed_months
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.billing_forms import ChargeForm, GoodwillForm, MonthForm
from perseat.entrypoints.backoffice.clock import present_moment, today
from perseat.entrypoints.backoffice.forms import ReasonForm
from perseat.journeys import billing_acts as acts
from perseat.journeys.parking import ServiceIsParked
from perseat.journeys.taxation import list_charge_taxes


@staff_page
def goodwill(request: StaffRequest, number: str) -> HttpResponse:
    """Give part of an invoice back, without taking seats back."""
    document = get_document(None, number, today=today())
    form = GoodwillForm(
        request.POST or None, currency=document.currency, prices_include_tax=document.prices_include_tax
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            given = acts.give_goodwill(
                number, amount_minor=typed["amount"], reason=typed["reason"], actor=request.staff.email,
                now=present_moment(),
            )  # fmt: skip
        except acts.ActRefused as refusal:
            form.add_error("amount", str(refusal))
        else:
            messages.success(request, f"Credited by {given}.")
            return redirect("office:invoice", number=given)
    lead = "A credit note. It closes what is open of the invoice; the rest is the customer's balance. No seat changes."
    return _show(request, form, heading=f"Goodwill for {number}", lead=lead, button="Give goodwill", number=number)


@staff_page
def recipient(request: StaffRequest, number: str) -> HttpResponse:
    """Issue an invoice again to the customer as they are today."""
    document = get_document(None, number, today=today())
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            back, again = acts.correct_recipient(
                number, reason=form.cleaned_data["reason"], actor=request.staff.email, now=present_moment()
            )
        except acts.ActRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{number} is credited by {back} and issued again as {again}.")
            return redirect("office:invoice", number=again)
    name = get_customer_facts(document.customer_id).legal_name
    lead = (
        f"{number} names {document.buyer['name']}. A credit note takes it back as a whole, and a new invoice names"
        f" {name} with today's billing details. What was paid pays the new one."
    )
    return _show(
        request, form, heading=f"Correct the recipient of {number}", lead=lead, button="Issue again", number=number
    )


@staff_page
def charge(request: StaffRequest, number: str) -> HttpResponse:
    """Charge something that no subscription charges."""
    customer = get_customer_by_number(number)
    form = ChargeForm(
        request.POST or None,
        categories=[(code, f"{name} ({code})") for code, name in list_charge_taxes(customer.customer_id)],
        currency=customer.currency,
        prices_include_tax=get_billing_details(customer.customer_id).prices_include_tax,
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            invoice = acts.charge_by_hand(
                customer.customer_id, text=typed["text"], quantity=typed["quantity"], unit_price=typed["unit_price"],
                category=typed["category"], reason=typed["reason"], actor=request.staff.email, now=present_moment(),
            )  # fmt: skip
        except acts.ActRefused as refusal:
            form.add_error("unit_price", str(refusal))
        except ServiceIsParked:
            form.add_error(None, "This customer's books are being checked; nothing is billed until they hold.")
        else:
            messages.success(request, f"Charged by {invoice}.")
            return redirect("office:invoice", number=invoice)
    lead = f"An invoice to {customer.legal_name} in {customer.currency}, due as every other. No seat changes."
    return _show(request, form, heading="Charge by hand", lead=lead, button="Issue invoice", customer_number=number)


@staff_page
def months(request: StaffRequest) -> HttpResponse:
    """List the closed months; close one."""
    form = MonthForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        month = form.cleaned_data["month"]
        try:
            acts.close_month(month, reason=form.cleaned_data["reason"], actor=request.staff.email, now=present_moment())
        except acts.ActRefused as refusal:
            form.add_error("month", str(refusal))
        except MonthIsClosed:
            form.add_error("month", "This month is closed already.")
        else:
            messages.success(request, f"{month:%B %Y} is closed.")
            return redirect("office:months")
    lead = "No document and no ledger entry can be dated into a closed month; what comes late is dated on the next day."
    return _show(
        request, form, heading="Closed months", lead=lead, button="Close the month", closed=list_closed_months()
    )


def _show(request: StaffRequest, form: ReasonForm, **context: object) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "office/billing_act.html", {"form": form, **context}, status=status)
