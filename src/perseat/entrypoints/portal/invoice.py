"""Invoice: one issued document as it stands, what settled it, its PDF and its electronic invoice."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from perseat import wiring
from perseat.capabilities.invoicing.queries import get_document
from perseat.domain.rights import may_ask_billing, may_buy
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.entrypoints.portal.labels import document_label, kind_label
from perseat.journeys.electronic_invoicing import exemption_reasons, why_not_electronic, write_electronic_invoice
from perseat.journeys.printing import party_lines, print_document
from perseat.ports.electronic_invoice import InvoiceNotExpressible


@member_page
def invoice(request: MemberRequest, number: str) -> HttpResponse:
    """Show a document."""
    member = request.member
    today = day_of(member, now=present_moment())
    document = get_document(member.customer_id, number, today=today)
    label, tone = document_label(document)
    context = {
        "document": document,
        "kind_label": kind_label(document.kind),
        "label": label,
        "tone": tone,
        "seller_lines": party_lines(document.seller),
        "buyer_lines": party_lines(document.buyer),
        "today": today,
        "may_buy": may_buy(member.role),
        "exemptions": exemption_reasons(document),
        "has_xml": not why_not_electronic(document),
        "is_open": document.open_minor > 0,
        "may_ask": may_ask_billing(member.role),
    }
    return render(request, "invoice.html", context)


@member_page
def invoice_pdf(request: MemberRequest, number: str) -> HttpResponse:
    """The document as PDF, made once from what was issued."""
    member = request.member
    content = print_document(
        wiring.get_outside(),
        customer_id=member.customer_id,
        number=number,
        today=day_of(member, now=present_moment()),
    )
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return response


@member_page
def invoice_xml(request: MemberRequest, number: str) -> HttpResponse:
    """The document as an electronic invoice, the file that is in its PDF."""
    member = request.member
    try:
        file = write_electronic_invoice(
            wiring.get_outside(),
            customer_id=member.customer_id,
            number=number,
            today=day_of(member, now=present_moment()),
        )
    except InvoiceNotExpressible as reason:
        raise Http404(str(reason)) from None
    response = HttpResponse(file.content, content_type="application/xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.xml"'
    return response
