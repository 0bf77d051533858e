"""Create a tenant: name and address are checked at Microsoft first; the first password is shown once, here."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from perseat.capabilities.customers.queries import (
    BillingDetails,
    CustomerFacts,
    DoesNotBelong,
    get_billing_details,
    get_customer_by_number,
)
from perseat.capabilities.customers.tenant_queries import get_beginning
from perseat.capabilities.customers.tenants import TenantIsOnItsWay, TenantIsTaken
from perseat.domain.tenant_facts import BeginningKind, BeginningState
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.customer_tenant import said_by_microsoft
from perseat.entrypoints.backoffice.new_tenant_form import NewTenantForm
from perseat.journeys.tenant_creation import (
    CreationAnswer,
    DomainTaken,
    PrefixUnusable,
    check_address,
    check_domain,
    create_tenant,
    read_written,
)
from perseat.ports.failures import OutsideFailure
from perseat.ports.tenancies import AddressVerdict, NewTenant, PostalAddress
from perseat.wiring import get_outside

_FIELD_OF = {
    "600002": "registration_number",
    "600049": "registration_number",
    "600050": "registration_number",
    "600051": "phone",
}


@never_cache
@administrator_page
def tenant_create(request: StaffRequest, number: str) -> HttpResponse:
    """Show the form; check what was typed; create."""
    facts = get_customer_by_number(number)
    if request.method != "POST":
        return _form_page(request, facts, NewTenantForm(initial=_initial(get_billing_details(facts.customer_id))))
    form = NewTenantForm(request.POST)
    if "check" in request.POST:
        return _check_name(request, facts, form)
    if not form.is_valid() or not _is_free(form, facts):
        return _form_page(request, facts, form)
    suggestion = None if "keep_address" in request.POST else _better_address(form)
    if form.errors or (suggestion is not None and "use_suggestion" not in request.POST):
        return _form_page(request, facts, form, suggestion=suggestion)
    tenant = form.new_tenant()
    return _create(request, facts, form, tenant=replace(tenant, address=suggestion or tenant.address))


@never_cache
@require_POST
@administrator_page
def ask_again(request: StaffRequest, number: str, beginning_id: int) -> HttpResponse:
    """Repeat the very request whose answer was lost; Microsoft makes no second tenant of it."""
    facts = get_customer_by_number(number)
    beginning = get_beginning(beginning_id, customer_id=facts.customer_id)
    if beginning.facts.kind is not BeginningKind.CREATE:
        raise DoesNotBelong(beginning_id)
    if beginning.facts.state is not BeginningState.OPEN:
        messages.warning(request, "It has moved on in the meantime; nothing was asked.")
        return redirect("office:customer-tenant", number=number)
    tenant = read_written(beginning)
    try:
        answer = create_tenant(
            get_outside(),
            tenant=tenant,
            customer_id=facts.customer_id,
            user_id=request.staff.user_id,
            now=present_moment(),
        )
    except (DomainTaken, TenantIsOnItsWay, TenantIsTaken) as problem:
        messages.warning(request, str(problem))
    except OutsideFailure as problem:
        messages.warning(request, said_by_microsoft(problem))
    else:
        return _answer_page(request, facts, answer, tenant=tenant)
    return redirect("office:customer-tenant", number=number)


def _create(request: StaffRequest, facts: CustomerFacts, form: NewTenantForm, *, tenant: NewTenant) -> HttpResponse:
    try:
        answer = create_tenant(
            get_outside(),
            tenant=tenant,
            customer_id=facts.customer_id,
            user_id=request.staff.user_id,
            now=present_moment(),
        )
    except (DomainTaken, TenantIsOnItsWay, TenantIsTaken) as problem:
        form.add_error("domain_name", str(problem))
    except OutsideFailure as problem:
        field = _FIELD_OF.get(str(getattr(problem, "code", "")))
        form.add_error(field, said_by_microsoft(problem))
    else:
        return _answer_page(request, facts, answer, tenant=tenant)
    return _form_page(request, facts, form)


def _initial(details: BillingDetails) -> dict[str, str]:
    return {
        "company": details.legal_name,
        "street": details.street,
        "postal_code": details.postal_code,
        "city": details.city,
        "region": details.region,
        "country": details.country,
        "email": details.invoice_email,
    }


def _check_name(request: StaffRequest, facts: CustomerFacts, form: NewTenantForm) -> HttpResponse:
    """Say beside the field whether the name is free, and leave all else as it is."""
    typed = str(request.POST.get("domain_name", ""))
    again = NewTenantForm(initial={name: request.POST.get(name, "") for name in form.fields})
    free, problem = "", ""
    try:
        free = check_domain(get_outside(), prefix=typed, customer_id=facts.customer_id, now=present_moment())
    except (PrefixUnusable, DomainTaken) as refusal:
        problem = str(refusal)
    except OutsideFailure as silence:
        problem = said_by_microsoft(silence)
    return _form_page(request, facts, again, free=free, name_problem=problem)


def _is_free(form: NewTenantForm, facts: CustomerFacts) -> bool:
    try:
        check_domain(
            get_outside(), prefix=form.cleaned_data["domain_name"], customer_id=facts.customer_id, now=present_moment()
        )
    except DomainTaken as problem:
        form.add_error("domain_name", str(problem))
    except OutsideFailure as problem:
        form.add_error("domain_name", said_by_microsoft(problem))
    return not form.errors


def _better_address(form: NewTenantForm) -> PostalAddress | None:
    """Microsoft's spelling, when it has another; what it does not find is said beside the street."""
    try:
        found = check_address(get_outside(), form.address())
    except OutsideFailure as problem:
        form.add_error("street", said_by_microsoft(problem))
        return None
    if found.verdict is AddressVerdict.UNKNOWN:
        form.add_error("street", "Microsoft does not find this address. Check it, or keep it as it is below.")
    return found.suggestion


def _form_page(
    request: StaffRequest,
    facts: CustomerFacts,
    form: NewTenantForm,
    *,
    suggestion: PostalAddress | None = None,
    free: str = "",
    name_problem: str = "",
) -> HttpResponse:
    context = {
        "customer": facts,
        "form": form,
        "suggestion": suggestion,
        "may_keep_address": suggestion is not None or "street" in form.errors,
        "free": free,
        "name_problem": name_problem,
    }
    is_wrong = bool(form.errors or suggestion or name_problem)
    return render(request, "office/tenant_create.html", context, status=422 if is_wrong else 200)


def _answer_page(
    request: StaffRequest, facts: CustomerFacts, answer: CreationAnswer, *, tenant: NewTenant
) -> HttpResponse:
    if answer.made is not None and answer.made.password:
        context = {"customer": facts, "made": answer.made, "tenant_row_id": answer.tenant_row_id}
        return render(request, "office/tenant_made.html", context)
    if answer.tenant_row_id is not None:
        messages.warning(
            request,
            f"{tenant.domain} was made, but Microsoft's answer with the first password got lost. "
            "Reset the administrator's password in Partner Center.",
        )
    else:
        messages.warning(
            request,
            f"Microsoft has not answered. We look for {tenant.domain} every few minutes; "
            "asking again is safe and makes no second tenant.",
        )
    return redirect("office:customer-tenant", number=facts.number)
