"""Product summary: one service, its money and its licenses; every figure leads to the documents behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perseat import wiring
from perseat.capabilities.provisioning.drifts import list_drifts_of_service
from perseat.domain.rights import may_ask_billing, may_buy, may_manage_people
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import day_of, present_moment
from perseat.entrypoints.portal.labels import ORDER_TONES, document_rows, per_period, service_label
from perseat.entrypoints.portal.seat_counts import SeatsInTenant, seats_by_edition
from perseat.journeys.product_summary import LicenseFigure, ProductSummary, get_product_summary
from perseat.journeys.seat_counts import SeatCounts, available_of, get_last_seat_counts, get_seat_counts

_FRESH = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseRow:
    """A row of Licenses. `tenant` and `available` are None while Microsoft has not told its numbers.

    `available`: seats that are both ours to give and at Microsoft, less the assigned ones; never below 0.
    `microsoft_note`: what it has, when that is not what was purchased: on the way, or (also) of other sellers.
    """

    figure: LicenseFigure
    tenant: SeatsInTenant | None
    available: int | None
    microsoft_note: str


@require_GET
@member_page
def summary(request: MemberRequest, service_id: int) -> HttpResponse:
    """Show the service at once, with what Microsoft said last; the licenses are asked for anew behind it."""
    facts = {"customer_id": request.member.customer_id, "service_id": service_id}
    counts = get_last_seat_counts(**facts)
    if counts.read_at is None or "fresh" in request.GET:
        counts = get_seat_counts(wiring.get_outside(), **facts)
    return render(request, "summary.html", _context(request, service_id=service_id, counts=counts))


@require_GET
@member_page
def licenses(request: MemberRequest, service_id: int) -> HttpResponse:
    """Only the section Licenses, with what Microsoft says now."""
    counts = get_seat_counts(wiring.get_outside(), customer_id=request.member.customer_id, service_id=service_id)
    context = _context(request, service_id=service_id, counts=counts) | {"is_stale": False}
    return render(request, "parts/licenses.html", context)


def _context(request: MemberRequest, *, service_id: int, counts: SeatCounts) -> dict[str, object]:
    member = request.member
    now = present_moment()
    today = day_of(member, now=now)
    found = get_product_summary(customer_id=member.customer_id, service_id=service_id, today=today)
    label, tone = service_label(found.state)
    rows = _license_rows(found, counts=counts)
    is_old = counts.read_at is None or now - counts.read_at > _FRESH
    return {
        "summary": found,
        "today": today,
        "label": label,
        "tone": tone,
        "per_period": per_period(found.cycle),
        "tax_note": found.price_kind,
        "licenses": rows,
        "counts": counts,
        "is_stale": not counts.is_current and (is_old or any(row.microsoft_note for row in rows)),
        "documents": document_rows(found.documents),
        "drifts": list_drifts_of_service(service_id),
        "order_tone": ORDER_TONES[found.open_order.state] if found.open_order else "",
        "may_buy": may_buy(member.role),
        "may_manage_people": may_manage_people(member.role),
        "may_ask": may_ask_billing(member.role),
    }


def _license_rows(found: ProductSummary, *, counts: SeatCounts) -> list[LicenseRow]:
    by_edition = seats_by_edition(counts)
    return [_license_row(each, counts=by_edition) for each in found.licenses]


def _license_row(figure: LicenseFigure, *, counts: Mapping[str, SeatsInTenant]) -> LicenseRow:
    tenant = counts.get(figure.edition)
    if tenant is None:
        return LicenseRow(figure=figure, tenant=None, available=None, microsoft_note="")
    available = available_of(figure.held - figure.returning, purchased=tenant.purchased, assigned=tenant.assigned)
    return LicenseRow(figure=figure, tenant=tenant, available=available, microsoft_note=_microsoft_note(figure, tenant))


def _microsoft_note(figure: LicenseFigure, tenant: SeatsInTenant) -> str:
    if tenant.purchased < figure.held:
        return f"{tenant.purchased} at Microsoft so far"
    if tenant.purchased > figure.held:
        return f"Microsoft shows {tenant.purchased}: what is more goes soon, or was bought elsewhere"
    return ""
