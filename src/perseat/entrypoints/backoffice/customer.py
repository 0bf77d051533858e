"""Customer: one customer's story in one timeline, with who they are, what they owe, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from perseat.capabilities.catalog.queries import PriceList
from perseat.capabilities.customers.queries import (
    get_billing_details,
    get_customer_by_number,
    list_members,
    list_open_invitations,
    list_tenants,
)
from perseat.capabilities.ledger.queries import get_balance_minor
from perseat.capabilities.payments.queries import get_owed_minor
from perseat.capabilities.provisioning.drifts import list_open_drifts_of_customer
from perseat.entrypoints.backoffice.access import StaffRequest, staff_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.filters import state_in
from perseat.entrypoints.backoffice.labels import PAYMENT_TERMS, TAX_TREATMENTS, price_list_label
from perseat.entrypoints.backoffice.tenant_lists import list_rows
from perseat.entrypoints.pages.templatetags.money import money
from perseat.journeys.customer_story import PAGE_SIZE, Kind, StoryEntry, get_customer_story
from perseat.journeys.welcome import ROLE_WORDS

_ADDRESSES = {
    Kind.ORDERS: ("office:order", "order_id"),
    Kind.DOCUMENTS: ("office:invoice", "number"),
    Kind.PAYMENTS: ("office:payment", "payment_id"),
    Kind.REPAYMENTS: ("office:repayment", "repayment_id"),
    Kind.DELIVERIES: ("office:delivery", "delivery_id"),
    Kind.QUESTIONS: ("office:question", "question_id"),
}
_KIND_WORDS = {
    Kind.ORDERS: "Orders",
    Kind.DOCUMENTS: "Documents",
    Kind.PAYMENTS: "Payments",
    Kind.REPAYMENTS: "Returned money",
    Kind.DELIVERIES: "Deliveries",
    Kind.QUESTIONS: "Questions",
    Kind.ACTS: "Who did what",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as components/timeline.html shows it."""

    at: datetime
    title: str
    text: str
    actor: str
    address: str


@staff_page
def customer(request: StaffRequest, number: str) -> HttpResponse:
    """Show everything about one customer."""
    facts = get_customer_by_number(number)
    kind = state_in(request, states=Kind, name="show")
    before = _moment_in(request)
    details = get_billing_details(facts.customer_id)
    entries = get_customer_story(facts, kind=kind, before=before, page_size=PAGE_SIZE + 1)
    shown = entries[:PAGE_SIZE]
    context = {
        "customer": facts,
        "details": details,
        "terms_label": PAYMENT_TERMS[facts.payment_terms],
        "prices_label": price_list_label(PriceList(currency=facts.currency, includes_tax=details.prices_include_tax)),
        "tax_label": TAX_TREATMENTS[details.tax_treatment].partition(":")[0],
        "members": [(each.email, ROLE_WORDS[each.role]) for each in list_members(facts.customer_id)],
        "invitations": list_open_invitations(facts.customer_id, now=present_moment()),
        "tenants": list_tenants(facts.customer_id),
        "lists": list_rows(facts, now=present_moment()),
        "owed_minor": get_owed_minor(facts.customer_id, currency=facts.currency),
        "balance_minor": get_balance_minor(facts.number, facts.currency),
        "drifts": list_open_drifts_of_customer(facts.customer_id),
        "entries": [_line(each) for each in shown],
        "kinds": [(each.value, _KIND_WORDS[each]) for each in Kind],
        "chosen": kind or "",
        "older_before": shown[-1].at.isoformat() if len(entries) > PAGE_SIZE else "",
        "is_first": before is None,
    }
    return render(request, "office/customer.html", context)


def _moment_in(request: StaffRequest) -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.GET.get("before", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _line(entry: StoryEntry) -> Line:
    address = ""
    if entry.kind in _ADDRESSES:
        name, parameter = _ADDRESSES[entry.kind]
        address = reverse(name, kwargs={parameter: entry.reference})
    amount = "" if entry.amount_minor is None else money(entry.amount_minor, entry.currency)
    return Line(
        at=entry.at,
        title=f"{entry.title}, {amount}" if amount else entry.title,
        text=entry.text,
        actor=entry.actor,
        address=address,
    )
