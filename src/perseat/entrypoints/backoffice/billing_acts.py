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
from perseat.entrypoints.backoffice.confirming import Question, do_when_confirmed
from perseat.entrypoints.backoffice.forms import ReasonForm
from perseat.entrypoints.pages.templatetags.money import money, unit_price
from perseat.journeys import billing_acts as acts
from perseat.journeys.recipient import correct_recipient
from perseat.journeys.taxation import list_charge_taxes

_ISSUED = "A document is issued for ever and sent to the customer. Only another document can mend it."


@staff_page
def goodwill(request: StaffRequest, number: str) -> HttpResponse:
    """Give part of an invoice back, without taking seats back."""
    document = get_document(None, number, today=today())
    form = GoodwillForm(
        request.POST or None, currency=document.currency, prices_include_tax=document.prices_include_tax
    )
    kind = _kind(prices_include_tax=document.prices_include_tax)
    done = do_when_confirmed(
        request,
        form,
        act=lambda: acts.give_goodwill(
            number, amount_minor=form.cleaned_data["amount"], reason=form.cleaned_data["reason"],
            staff_id=request.staff.user_id, now=present_moment(),
        ),
        question=lambda: Question(
            heading=f"Give goodwill for {number}?",
            facts=[
                ("Customer", str(document.buyer["name"])),
                (f"Amount {kind}", money(form.cleaned_data["amount"], document.currency)),
                ("Reason, on the credit note", form.cleaned_data["reason"]),
            ],
            warning=_ISSUED,
            button=f"Give {money(form.cleaned_data['amount'], document.currency)} {kind}",
        ),
        fields={acts.ActRefused: "amount"},
    )  # fmt: skip
    if isinstance(done, HttpResponse):
        return done
    if done is not None:
        messages.success(request, f"Credited by {done}.")
        return redirect("office:invoice", number=done)
    lead = "A credit note. It closes what is open of the invoice; the rest is the customer's balance. No seat changes."
    return _show(request, form, heading=f"Goodwill for {number}", lead=lead, button="Give goodwill", number=number)


@staff_page
def recipient(request: StaffRequest, number: str) -> HttpResponse:
    """Issue an invoice again to the customer as they are today."""
    document = get_document(None, number, today=today())
    name = get_customer_facts(document.customer_id).legal_name
    form = ReasonForm(request.POST or None)
    done = do_when_confirmed(
        request,
        form,
        act=lambda: correct_recipient(
            number, reason=form.cleaned_data["reason"], staff_id=request.staff.user_id, now=present_moment()
        ),
        question=lambda: Question(
            heading=f"Issue {number} again?",
            facts=[
                ("Taken back from", str(document.buyer["name"])),
                ("Issued again to", name),
                ("Total", money(document.total_minor, document.currency)),
                ("Reason, on both documents", form.cleaned_data["reason"]),
            ],
            warning=_ISSUED,
            button=f"Issue {number} again",
        ),
        fields={acts.ActRefused: None},
    )
    if isinstance(done, HttpResponse):
        return done
    if done is not None:
        credited = f" Its credits follow as {', '.join(done.credited_again_by)}." if done.credited_again_by else ""
        messages.success(
            request, f"{number} is taken back by {done.taken_back_by} and issued again as {done.reissued_as}.{credited}"
        )
        return redirect("office:invoice", number=done.reissued_as)
    lead = (
        f"{number} names {document.buyer['name']}. All that stands of it is taken back, and a new invoice names {name}"
        " with today's billing details. What was paid or credited moves to the new one."
    )
    return _show(
        request, form, heading=f"Correct the recipient of {number}", lead=lead, button="Issue again", number=number
    )


@staff_page
def charge(request: StaffRequest, number: str) -> HttpResponse:
    """Charge something that no subscription charges."""
    customer = get_customer_by_number(number)
    taxes = {code: f"{name} ({code})" for code, name in list_charge_taxes(customer.customer_id)}
    prices_include_tax = get_billing_details(customer.customer_id).prices_include_tax
    form = ChargeForm(
        request.POST or None,
        categories=list(taxes.items()),
        currency=customer.currency,
        prices_include_tax=prices_include_tax,
    )
    kind = _kind(prices_include_tax=prices_include_tax)
    done = do_when_confirmed(
        request,
        form,
        act=lambda: acts.charge_by_hand(
            customer.customer_id, text=form.cleaned_data["text"], quantity=form.cleaned_data["quantity"],
            unit_price=form.cleaned_data["unit_price"], category=form.cleaned_data["category"],
            reason=form.cleaned_data["reason"], staff_id=request.staff.user_id, now=present_moment(),
        ),
        question=lambda: Question(
            heading=f"Charge {customer.legal_name}?",
            facts=[
                ("What for", form.cleaned_data["text"]),
                ("Quantity", str(form.cleaned_data["quantity"])),
                (f"Price each, {kind}", unit_price(form.cleaned_data["unit_price"], customer.currency)),
                ("Tax", taxes[form.cleaned_data["category"]]),
                ("Reason", form.cleaned_data["reason"]),
            ],
            warning=_ISSUED,
            button="Issue the invoice",
        ),
        fields={acts.ActRefused: "unit_price"},
    )  # fmt: skip
    if isinstance(done, HttpResponse):
        return done
    if done is not None:
        messages.success(request, f"Charged by {done}.")
        return redirect("office:invoice", number=done)
    lead = f"An invoice to {customer.legal_name} in {customer.currency}, due as every other. No seat changes."
    return _show(request, form, heading="Charge by hand", lead=lead, button="Issue invoice", customer_number=number)


@staff_page
def months(request: StaffRequest) -> HttpResponse:
    """List the closed months; close one."""
    form = MonthForm(request.POST or None)

    def close() -> str:
        month = form.cleaned_data["month"]
        acts.close_month(
            month, reason=form.cleaned_data["reason"], staff_id=request.staff.user_id, now=present_moment()
        )
        return f"{month:%B %Y}"

    done = do_when_confirmed(
        request,
        form,
        act=close,
        question=lambda: Question(
            heading=f"Close {form.cleaned_data['month']:%B %Y}?",
            facts=[("Reason", form.cleaned_data["reason"])],
            warning="This month and all before it are closed for ever; nobody can open them again. What comes late is"
            " dated on the first day after it and says so.",
            button=f"Close {form.cleaned_data['month']:%B %Y}",
        ),
        fields={acts.ActRefused: "month", MonthIsClosed: "month"},
    )
    if isinstance(done, HttpResponse):
        return done
    if done is not None:
        messages.success(request, f"{done} is closed.")
        return redirect("office:months")
    lead = "No document and no ledger entry can be dated into a closed month; what comes late is dated on the next day."
    return _show(
        request, form, heading="Closed months", lead=lead, button="Close the month", closed=list_closed_months()
    )


def _kind(*, prices_include_tax: bool) -> str:
    return "with the tax in it" if prices_include_tax else "before tax"


def _show(request: StaffRequest, form: ReasonForm, **context: object) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "office/billing_act.html", {"form": form, **context}, status=status)
