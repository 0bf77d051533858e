"""Record a receipt: money that stands on the bank statement."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.ledger.months import open_day
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment, today
from perseat.entrypoints.backoffice.forms import AmountUnusable, ReceiptForm, parse_amount
from perseat.entrypoints.pages.templatetags.money import money
from perseat.journeys.back_office import PayableDocument, find_payable_document
from perseat.journeys.paying import AmountNotPositive, ReceiptAlreadyRecorded, ReceivedInFuture, record_bank_receipt


@staff_page
def payment_add(request: StaffRequest) -> HttpResponse:
    """Show the form; record the receipt."""
    if request.method == "POST":
        form = ReceiptForm(request.POST, today=today())
        if form.is_valid() and (document := _record(request, form)):
            _confirm(request, form, before=document)
            return redirect("office:invoice", number=document.number)
    else:
        initial = {"document_number": request.GET.get("document", ""), "received_on": today()}
        form = ReceiptForm(today=today(), initial=initial)
    return render(request, "office/payment_add.html", {"form": form}, status=422 if form.errors else 200)


def _record(request: StaffRequest, form: ReceiptForm) -> PayableDocument | None:
    """Record it and return the document as it was before; None with the problem beside its field."""
    typed = form.cleaned_data
    try:
        document = find_payable_document(typed["document_number"])
        record_bank_receipt(
            document_number=document.number,
            amount_minor=parse_amount(typed["amount"], currency=document.currency),
            received_on=typed["received_on"],
            bank_reference=typed["bank_reference"],
            staff_id=request.staff.user_id,
            now=present_moment(),
        )
    except DoesNotBelong:
        form.add_error("document_number", f"There is no document {typed['document_number']}.")
    except AmountUnusable as problem:
        form.add_error("amount", str(problem))
    except AmountNotPositive:
        form.add_error("amount", "The amount must be above zero.")
    except ReceivedInFuture as problem:
        form.add_error("received_on", str(problem))
    except ReceiptAlreadyRecorded:
        form.add_error("bank_reference", f"The receipt {typed['bank_reference']} is recorded already.")
    else:
        return document
    return None


def _confirm(request: StaffRequest, form: ReceiptForm, *, before: PayableDocument) -> None:
    after = find_payable_document(before.number)
    received = money(parse_amount(form.cleaned_data["amount"], currency=before.currency), before.currency)
    left = money(after.open_minor, after.currency)
    typed = form.cleaned_data["received_on"]
    dated = open_day(typed, at=present_moment())
    late = f" It is dated {dated:%d %B %Y} in the ledger, because the books of its month are closed."
    messages.success(
        request,
        f"{received} recorded for {before.number} of {before.customer_name}. Left to pay: {left}."
        + (late if dated != typed else ""),
    )
