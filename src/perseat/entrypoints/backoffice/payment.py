"""Payment: one receipt; a wrong one is reversed with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.customers.queries import get_customer_facts
from perseat.domain.fulfillment import PaymentState
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.forms import ReasonForm
from perseat.entrypoints.backoffice.labels import PAYMENT_METHODS, PAYMENT_STATES
from perseat.journeys.back_office import get_payment
from perseat.journeys.paying import CannotBeReversed, reverse_receipt


@staff_page
def payment(request: StaffRequest, payment_id: int) -> HttpResponse:
    """Show the payment; take it back."""
    facts = get_payment(payment_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reverse_receipt(
                payment_id=payment_id,
                reason=form.cleaned_data["reason"],
                staff_id=request.staff.user_id,
                now=present_moment(),
            )
        except CannotBeReversed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "Reversed. What it had settled is open again.")
        return redirect("office:payment", payment_id=payment_id)
    state_label, state_tone = PAYMENT_STATES[facts.state]
    context = {
        "payment": facts,
        "customer": get_customer_facts(facts.customer_id),
        "form": form,
        "method": PAYMENT_METHODS.get(facts.method, facts.method),
        "state_label": state_label,
        "state_tone": state_tone,
        "may_be_reversed": facts.state is PaymentState.SUCCEEDED,
    }
    return render(request, "office/payment.html", context, status=422 if form.errors else 200)
