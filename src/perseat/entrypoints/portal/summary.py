"""Product summary: one service, its money and its licenses; every figure leads to the documents behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from perseat.domain.rights import may_ask_billing, may_buy, may_manage_people
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.entrypoints.portal.labels import ORDER_TONES, document_rows, per_period, service_label, tax_note
from perseat.entrypoints.portal.seat_counts import SeatsInTenant, seats_in_tenant
from perseat.journeys.product_summary import LicenseFigure, ProductSummary, get_product_summary

_NONE_THERE = SeatsInTenant(purchased=0, assigned=0, available=0, read_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseRow:
    """A row of Licenses. `tenant` is None while Microsoft has not told its numbers.

    `is_under_way`: Microsoft does not have all purchased seats yet.
    """

    figure: LicenseFigure
    tenant: SeatsInTenant | None
    is_under_way: bool


@member_page
def summary(request: MemberRequest, service_id: int) -> HttpResponse:
    """Show the service."""
    member = request.member
    today = day_of(member, now=present_moment())
    found = get_product_summary(customer_id=member.customer_id, service_id=service_id, today=today)
    label, tone = service_label(found.state)
    context = {
        "summary": found,
        "today": today,
        "label": label,
        "tone": tone,
        "per_period": per_period(found.next_charge),
        "tax_note": tax_note(found.next_charge),
        "licenses": _license_rows(found, customer_id=member.customer_id),
        "documents": document_rows(found.documents),
        "order_tone": ORDER_TONES[found.open_order.state] if found.open_order else "",
        "may_buy": may_buy(member.role),
        "may_manage_people": may_manage_people(member.role),
        "may_ask": may_ask_billing(member.role),
    }
    return render(request, "summary.html", context)


def _license_rows(found: ProductSummary, *, customer_id: int) -> list[LicenseRow]:
    counts = seats_in_tenant(customer_id=customer_id, service_id=found.service_id)
    return [_license_row(each, counts=counts) for each in found.licenses]


def _license_row(figure: LicenseFigure, *, counts: Mapping[str, SeatsInTenant]) -> LicenseRow:
    tenant = counts.get(figure.directory_sku_id, _NONE_THERE if counts else None)
    return LicenseRow(figure=figure, tenant=tenant, is_under_way=tenant is not None and tenant.purchased < figure.held)
