"""Invoice: one issued document as it stands, what settled it, and its PDF."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render

from perseat import wiring
from perseat.capabilities.invoicing.queries import get_document
from perseat.domain.rights import may_ask_billing, may_buy
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.entrypoints.portal.labels import document_label, kind_label
from perseat.journeys.printing import print_document


@member_page
def invoice(request: MemberRequest, number: str) -> HttpResponse:
    """Show a document."""
    member = request.member
    today = day_of(member, now=present_moment())
    document = get_document(member.customer_id, number, today=today)
    label, tone = document_label(kind=document.kind, open_minor=document.open_minor, is_overdue=document.is_overdue)
    context = {
        "document": document,
        "kind_label": kind_label(document.kind),
        "label": label,
        "tone": tone,
        "seller_lines": party_lines(document.seller),
        "buyer_lines": party_lines(document.buyer),
        "today": today,
        "may_buy": may_buy(member.role),
        "is_open": document.open_minor > 0,
        "may_ask": may_ask_billing(member.role),
    }
    return render(request, "invoice.html", context)


@member_page
def invoice_pdf(request: MemberRequest, number: str) -> HttpResponse:
    """The document as PDF, made once from what was issued."""
    content = print_document(wiring.get_outside(), customer_id=request.member.customer_id, number=number)
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return response


def party_lines(party: Mapping[str, str]) -> list[str]:
    """A seller or buyer as an address, line by line; parts that are empty are left out."""
    town = " ".join(part for part in (party.get("city"), party.get("region"), party.get("postal_code")) if part)
    parts = [party.get("legal_name") or party.get("name"), party.get("street"), party.get("address"), town]
    tax_number = party.get("tax_number")
    reference = party.get("order_reference")
    return [
        *(part for part in parts if part),
        *([party["country"]] if party.get("country") else []),
        *([f"Tax number {tax_number}"] if tax_number else []),
        *([f"Your reference: {reference}"] if reference else []),
    ]
