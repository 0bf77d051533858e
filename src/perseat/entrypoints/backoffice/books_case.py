"""Books case: what the audit found for one customer, both figures beside each other; closed when the books hold."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.customers.queries import get_customer_by_number
from perseat.capabilities.ledger.cases import get_open_case
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.forms import ReasonForm
from perseat.journeys.audit import BooksStillDiffer, settle_case


@staff_page
def books_case(request: StaffRequest, case_id: int) -> HttpResponse:
    """Show the case; audit again and close it."""
    try:
        case = get_open_case(case_id)
    except LookupError:
        raise Http404 from None
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            settle_case(case_id, reason=form.cleaned_data["reason"], actor=request.staff.email, now=present_moment())
        except BooksStillDiffer as still:
            count = len(still.differences)
            form.add_error(
                None, f"The books still differ in {count} figure{'s' if count > 1 else ''}. Nothing changed."
            )
        else:
            messages.success(request, "The books hold. The case is closed, and billing goes on.")
            return redirect("office:home")
    customer = get_customer_by_number(case.customer_number) if case.customer_number else None
    context = {"case": case, "customer": customer, "form": form}
    return render(request, "office/books_case.html", context, status=422 if form.errors else 200)
