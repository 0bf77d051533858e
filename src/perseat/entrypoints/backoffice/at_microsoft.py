"""At Microsoft: what a tenant holds there as it is read now, and its seats suspended or opened again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from perseat.capabilities.customers.queries import get_customer_by_number, get_tenant
from perseat.domain.fulfillment import SuspensionState
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page, staff_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.customer_tenant import said_by_microsoft
from perseat.entrypoints.backoffice.forms import ReasonForm
from perseat.journeys.at_microsoft import SeenSubscription, get_service_at_microsoft, read_subscriptions
from perseat.journeys.suspension import AlreadySo, resume_service, retry_suspension, suspend_service
from perseat.ports.failures import OutsideFailure
from perseat.wiring import get_outside


@staff_page
def at_microsoft(request: StaffRequest, number: str, tenant_row_id: int) -> HttpResponse:
    """Show every subscription."""
    return _page(request, number, tenant_row_id)


@require_POST
@administrator_page
def suspend(request: StaffRequest, number: str, tenant_row_id: int) -> HttpResponse:
    """Block the seats of the tenant's service, with a reason."""
    return _decide(request, number, tenant_row_id, is_opening=False)


@require_POST
@administrator_page
def resume(request: StaffRequest, number: str, tenant_row_id: int) -> HttpResponse:
    """Open them again, with a reason."""
    return _decide(request, number, tenant_row_id, is_opening=True)


@require_POST
@administrator_page
def retry(request: StaffRequest, number: str, tenant_row_id: int) -> HttpResponse:
    """Ask Microsoft again after it refused."""
    facts = get_customer_by_number(number)
    service = get_service_at_microsoft(customer_id=facts.customer_id, tenant_row_id=tenant_row_id)
    try:
        if service.service_id is not None:
            retry_suspension(service.service_id, user_id=request.staff.user_id, now=present_moment())
    except AlreadySo:
        messages.warning(request, "It has moved on in the meantime; nothing was changed.")
    else:
        messages.success(request, "Microsoft is asked again now.")
    return redirect("office:at-microsoft", number=number, tenant_row_id=tenant_row_id)


def _decide(request: StaffRequest, number: str, tenant_row_id: int, *, is_opening: bool) -> HttpResponse:
    facts = get_customer_by_number(number)
    service = get_service_at_microsoft(customer_id=facts.customer_id, tenant_row_id=tenant_row_id)
    form = ReasonForm(request.POST)
    if service.service_id is None or not form.is_valid():
        return _page(request, number, tenant_row_id, form=form)
    act = resume_service if is_opening else suspend_service
    try:
        act(
            service.service_id,
            user_id=request.staff.user_id,
            reason=form.cleaned_data["reason"],
            now=present_moment(),
        )
    except AlreadySo:
        messages.warning(request, "It has moved on in the meantime; nothing was changed.")
    else:
        what = "opened again" if is_opening else "suspended"
        messages.success(request, f"The seats are being {what}. This page shows how it goes.")
    return redirect("office:at-microsoft", number=number, tenant_row_id=tenant_row_id)


def _page(request: StaffRequest, number: str, tenant_row_id: int, *, form: ReasonForm | None = None) -> HttpResponse:
    facts = get_customer_by_number(number)
    service = get_service_at_microsoft(customer_id=facts.customer_id, tenant_row_id=tenant_row_id)
    found: tuple[SeenSubscription, ...] = ()
    problem = ""
    try:
        found = read_subscriptions(get_outside(), customer_id=facts.customer_id, tenant_row_id=tenant_row_id)
    except OutsideFailure as failure:
        problem = said_by_microsoft(failure)
    suspension = service.suspension
    context = {
        "customer": facts,
        "tenant": get_tenant(tenant_row_id, customer_id=facts.customer_id),
        "found": found,
        "problem": problem,
        "service": service,
        "suspension": suspension,
        "is_parked": suspension is not None and suspension.state is SuspensionState.PARKED,
        "is_under_way": suspension is not None and suspension.state is SuspensionState.WAITING,
        "form": form or ReasonForm(),
    }
    return render(request, "office/at_microsoft.html", context, status=422 if form else 200)
