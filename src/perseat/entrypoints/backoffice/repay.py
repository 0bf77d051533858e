"""Return money: a part of a customer's balance goes back, by bank or to the card; and what became of it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.customers.queries import CustomerFacts, get_customer_by_number
from perseat.capabilities.payments.queries import get_available_minor, get_owed_minor
from perseat.capabilities.payments.repayments import (
    PAGE_SIZE,
    CardPayment,
    get_repayment,
    get_returnable_minor,
    list_card_payments,
    list_repayments,
)
from perseat.domain.fulfillment import RepaymentState
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.confirming import Question, do_when_confirmed
from perseat.entrypoints.backoffice.filters import page_in, search_in, state_in
from perseat.entrypoints.backoffice.forms import AmountUnusable, ReasonForm, parse_amount
from perseat.entrypoints.backoffice.labels import PAYMENT_METHODS, REPAYMENT_STATES
from perseat.entrypoints.pages.templatetags.days import short_day
from perseat.entrypoints.pages.templatetags.money import money
from perseat.journeys.billing_acts import ActRefused
from perseat.journeys.repaying import TooMuchToReturn, return_money

_BANK = "bank_transfer"


class ReturnForm(ReasonForm):
    """How much goes back, which way, and why."""

    amount = forms.CharField(label="Amount", max_length=30)
    way = forms.ChoiceField(label="How")
    bank_reference = forms.CharField(
        label="Reference of the transfer",
        max_length=100,
        required=False,
        help_text="For a bank transfer: make it first, and name it here as our bank statement does.",
    )
    field_order = ("amount", "way", "bank_reference", "reason")

    def __init__(self, *args: object, currency: str, ways: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.currency = currency
        self.fields["amount"].label = f"Amount in {currency}"
        self.fields["way"] = forms.ChoiceField(label="How", choices=ways)
        self.fields["reason"].help_text = "The customer reads it."
        self.order_fields(self.field_order)

    def clean_amount(self) -> int:
        """Whole minor units above zero."""
        try:
            amount = parse_amount(self.cleaned_data["amount"], currency=self.currency)
        except AmountUnusable as problem:
            raise forms.ValidationError(str(problem)) from None
        if not amount:
            raise forms.ValidationError("The amount must be above zero.")
        return amount

    def clean(self) -> dict[str, object]:
        """A transfer has a reference."""
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("way") == _BANK and not str(cleaned.get("bank_reference", "")).strip():
            self.add_error("bank_reference", "Name the transfer by its reference on our bank statement.")
        return cleaned


@staff_page
def repay(request: StaffRequest, number: str) -> HttpResponse:
    """Return a part of the balance."""
    customer = get_customer_by_number(number)
    cards = list_card_payments(customer.customer_id, currency=customer.currency)
    ways = _ways(cards, currency=customer.currency)
    form = ReturnForm(request.POST or None, currency=customer.currency, ways=list(ways.items()))

    def act() -> int:
        typed = form.cleaned_data
        return return_money(
            customer.customer_id, amount_minor=typed["amount"],
            payment_id=None if typed["way"] == _BANK else int(typed["way"]), bank_reference=typed["bank_reference"],
            reason=typed["reason"], staff_id=request.staff.user_id, now=present_moment(),
        )  # fmt: skip

    done = do_when_confirmed(
        request,
        form,
        act=act,
        question=lambda: _question(customer, form, ways),
        fields={TooMuchToReturn: "amount", ActRefused: "bank_reference"},
    )
    if isinstance(done, HttpResponse):
        return done
    if done is not None:
        messages.success(request, "Recorded. The customer is told by e-mail when the money is sent.")
        return redirect("office:repayment", repayment_id=done)
    customer_id, currency = customer.customer_id, customer.currency
    context = {
        "form": form,
        "customer": customer,
        "balance_minor": get_available_minor(customer_id, currency=currency),
        "returnable_minor": get_returnable_minor(customer_id, currency=currency),
        "owed_minor": get_owed_minor(customer_id, currency=currency),
    }
    return render(request, "office/repay.html", context, status=422 if form.errors else 200)


@staff_page
def repayment(request: StaffRequest, repayment_id: int) -> HttpResponse:
    """Show one return."""
    facts = get_repayment(repayment_id)
    label, tone = REPAYMENT_STATES[facts.state]
    context = {
        "repayment": facts,
        "method": PAYMENT_METHODS.get(facts.method, facts.method),
        "state_label": label,
        "state_tone": tone,
        "is_refused": facts.state is RepaymentState.REFUSED,
    }
    return render(request, "office/repayment.html", context)


@staff_page
def repayments(request: StaffRequest) -> HttpResponse:
    """List what went back, the newest first."""
    state, page = state_in(request, states=RepaymentState), page_in(request)
    rows = list_repayments(search=search_in(request), state=state, page=page)
    context = {
        "rows": [(each, PAYMENT_METHODS.get(each.method, each.method), *REPAYMENT_STATES[each.state]) for each in rows],
        "search": search_in(request),
        "chosen": state or "",
        "choices": [(each.value, REPAYMENT_STATES[each][0]) for each in RepaymentState],
        "number": page,
        "has_previous": page > 1,
        "has_next": len(rows) == PAGE_SIZE,
    }
    return render(request, "office/repayments.html", context)


def _ways(cards: tuple[CardPayment, ...], *, currency: str) -> dict[str, str]:
    ways = {_BANK: "Bank transfer, made already"}
    for each in cards:
        name = PAYMENT_METHODS.get(each.method, each.method)
        day, left = short_day(each.received_on), money(each.left_minor, currency)
        ways[str(each.payment_id)] = f"{name}, back the way it came on {day} (at most {left})"
    return ways


def _question(customer: CustomerFacts, form: ReturnForm, ways: dict[str, str]) -> Question:
    typed = form.cleaned_data
    amount, is_transfer = money(typed["amount"], customer.currency), typed["way"] == _BANK
    facts = [("Customer", customer.legal_name), ("Amount", amount), ("How", ways[typed["way"]])]
    if is_transfer:
        facts.append(("Reference", typed["bank_reference"]))
    facts.append(("Reason, as the customer reads it", typed["reason"]))
    warning = (
        "The transfer is entered in the ledger, and the customer is told. It cannot be taken back here."
        if is_transfer
        else "The gateway is asked at once, and the customer is told when it has sent the money."
    )
    return Question(heading=f"Return {amount}?", facts=facts, warning=warning, button=f"Return {amount}")
