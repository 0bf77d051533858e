"""What an administrator does while a tenant begins: invite it, stop waiting, ask for access, read it anew."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from perseat.capabilities.customers.queries import get_customer_by_number, get_tenant
from perseat.capabilities.customers.tenants import AccessIsInForce, withdraw_beginning
from perseat.domain.events import TenantLinked
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page, staff_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.journeys.reactions import react
from perseat.journeys.tenant_access import AccessIsNotUsed, ask_access
from perseat.wiring import get_outside


@require_POST
@administrator_page
def withdraw(request: StaffRequest, number: str, beginning_id: int) -> HttpResponse:
    """Stop waiting for a tenant."""
    facts = get_customer_by_number(number)
    withdraw_beginning(beginning_id, customer_id=facts.customer_id, user_id=request.staff.user_id, now=present_moment())
    messages.success(request, "We no longer wait for it. Nothing was changed at Microsoft.")
    return redirect("office:customer-tenant", number=number)


@require_POST
@administrator_page
def access(request: StaffRequest, number: str, tenant_row_id: int) -> HttpResponse:
    """Have the customer asked for delegated access, or for its renewal."""
    facts = get_customer_by_number(number)
    try:
        ask_access(
            get_outside(),
            customer_id=facts.customer_id,
            tenant_row_id=tenant_row_id,
            user_id=request.staff.user_id,
            now=present_moment(),
        )
    except (AccessIsNotUsed, AccessIsInForce) as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, "Microsoft is being asked. The customer's link appears here and on its own pages.")
    return redirect("office:customer-tenant", number=number)


@require_POST
@staff_page
def read(request: StaffRequest, number: str, tenant_row_id: int) -> HttpResponse:
    """Have the worker read the tenant now instead of in some minutes."""
    facts = get_customer_by_number(number)
    get_tenant(tenant_row_id, customer_id=facts.customer_id)
    with transaction.atomic():
        react(TenantLinked(tenant_row_id=tenant_row_id))
    messages.success(request, "Microsoft is being asked; look again in a moment.")
    return redirect("office:customer-tenant", number=number)
