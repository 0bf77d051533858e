"""Tenant: link a customer's Microsoft directory, note its agreement, and take its subscriptions over."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from perseat.capabilities.customers.queries import (
    CustomerFacts,
    LinkedTenant,
    get_customer_by_number,
    get_tenant,
    list_tenants,
)
from perseat.capabilities.customers.tenants import TenantIsOnItsWay, TenantIsTaken
from perseat.capabilities.subscriptions.queries import ServiceRow, list_services
from perseat.domain.calendar import local_day
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.tenant_forms import AgreementForm, InvitationForm, ServiceForm, TenantForm
from perseat.entrypoints.backoffice.tenant_lists import list_rows
from perseat.journeys.adoption import (
    Adoptable,
    NoPriceFor,
    NothingToAdopt,
    ServiceExists,
    TermsNotUsable,
    adopt_subscriptions,
    link_tenant,
    list_adoptable,
    open_empty_service,
)
from perseat.journeys.agreement import accept_agreement
from perseat.journeys.tenant_linking import NoDomain, invite_tenant
from perseat.ports.failures import CredentialsRefused, NotFound, OutsideFailure, Refused, Unanswered, WritesAreOff
from perseat.ports.seat_provider import AgreementContact
from perseat.wiring import get_outside


@administrator_page
def customer_tenant(request: StaffRequest, number: str) -> HttpResponse:
    """Show the customer's tenants and what they still need; link one more."""
    facts = get_customer_by_number(number)
    form = TenantForm(request.POST or None)
    if form.is_valid():
        try:
            linked = link_tenant(
                get_outside(),
                customer_id=facts.customer_id,
                tenant_id=form.cleaned_data["tenant_id"],
                actor=request.staff.email,
                now=present_moment(),
            )
        except TenantIsTaken as problem:
            form.add_error("tenant_id", str(problem))
        except NotFound:
            form.add_error(
                "tenant_id",
                "Microsoft knows no such customer of ours. Its administrator must accept our invitation first.",
            )
        except OutsideFailure as problem:
            form.add_error("tenant_id", said_by_microsoft(problem))
        else:
            messages.success(request, f"{linked.domain} is linked to {facts.legal_name}.")
            return redirect("office:customer-subscriptions", number=number, tenant_row_id=linked.tenant_row_id)
    return _tenant_page(request, facts, form=form, invitation=InvitationForm())


@require_POST
@administrator_page
def invite(request: StaffRequest, number: str) -> HttpResponse:
    """Wait for a tenant of the customer's to accept us."""
    facts = get_customer_by_number(number)
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            invite_tenant(
                get_outside(),
                name=form.cleaned_data["name"],
                customer_id=facts.customer_id,
                user_id=request.staff.user_id,
                now=present_moment(),
            )
        except (NoDomain, TenantIsOnItsWay) as problem:
            form.add_error("name", str(problem))
        except OutsideFailure as problem:
            form.add_error("name", said_by_microsoft(problem))
        else:
            messages.success(
                request, "The link stands here and on the customer's own pages. We notice when it is used."
            )
            return redirect("office:customer-tenant", number=number)
    return _tenant_page(request, facts, form=TenantForm(), invitation=form)


@administrator_page
def customer_subscriptions(request: StaffRequest, number: str, tenant_row_id: int) -> HttpResponse:
    """Show what the tenant holds at Microsoft; open the service, with the chosen subscriptions or empty."""
    facts = get_customer_by_number(number)
    tenant = get_tenant(tenant_row_id, customer_id=facts.customer_id)
    today = local_day(present_moment(), facts.time_zone)
    found, problem = _adoptable(facts, tenant)
    choices = [(each.supplier_subscription_id, each.title) for each in found if not each.problem]
    form = ServiceForm(request.POST or None, choices=choices, today=today)
    if request.method == "POST" and form.is_valid() and _open(request, form, facts=facts, tenant=tenant):
        messages.success(request, f"The service of {tenant.domain} is open. Its first charge is as you chose.")
        return redirect("office:customer", number=number)
    context = {
        "customer": facts,
        "tenant": tenant,
        "service": _service_of(facts, tenant),
        "found": found,
        "chosen": form["subscriptions"].value() or (),
        "problem": problem,
        "form": form,
        "agreement_form": AgreementForm(today=today),
    }
    return render(request, "office/customer_subscriptions.html", context, status=422 if form.errors else 200)


@require_POST
@administrator_page
def agreement(request: StaffRequest, number: str, tenant_row_id: int) -> HttpResponse:
    """Tell Microsoft who accepted the Customer Agreement."""
    facts = get_customer_by_number(number)
    tenant = get_tenant(tenant_row_id, customer_id=facts.customer_id)
    form = AgreementForm(request.POST, today=local_day(present_moment(), facts.time_zone))
    if form.is_valid():
        try:
            accept_agreement(
                get_outside(),
                customer_id=facts.customer_id,
                tenant_row_id=tenant_row_id,
                contact=AgreementContact(**form.cleaned_data),
                user_id=request.staff.user_id,
                now=present_moment(),
            )
        except OutsideFailure as problem:
            form.add_error(None, said_by_microsoft(problem))
        else:
            messages.success(request, f"Microsoft knows that the agreement is accepted for {tenant.domain}.")
            return redirect("office:customer-subscriptions", number=number, tenant_row_id=tenant_row_id)
    context = {"customer": facts, "tenant": tenant, "form": form}
    return render(request, "office/customer_agreement.html", context, status=422)


def _tenant_page(
    request: StaffRequest, facts: CustomerFacts, *, form: TenantForm, invitation: InvitationForm
) -> HttpResponse:
    context = {
        "customer": facts,
        "tenants": list_tenants(facts.customer_id),
        "lists": list_rows(facts, now=present_moment()),
        "form": form,
        "invitation": invitation,
    }
    is_wrong = bool(form.errors or invitation.errors)
    return render(request, "office/customer_tenant.html", context, status=422 if is_wrong else 200)


def said_by_microsoft(problem: OutsideFailure) -> str:
    """A failure outside as a sentence for the staff."""
    match problem:
        case WritesAreOff():
            return "Writing to Microsoft is switched off at the moment (PERSEAT_SUPPLIER_WRITES); nothing was sent."
        case Unanswered():
            return f"Microsoft did not answer; nothing was changed. Try again in a minute. {problem.sentence}"
        case Refused() | CredentialsRefused():
            return problem.sentence
        case _:
            return "Microsoft could not be asked; nothing was changed."


def _adoptable(facts: CustomerFacts, tenant: LinkedTenant) -> tuple[tuple[Adoptable, ...], str]:
    """What can be taken over, and why nothing is shown."""
    try:
        return list_adoptable(get_outside(), facts.customer_id, tenant_row_id=tenant.id), ""
    except OutsideFailure as problem:
        return (), said_by_microsoft(problem)


def _service_of(facts: CustomerFacts, tenant: LinkedTenant) -> ServiceRow | None:
    services = list_services(facts.customer_id)
    return next((each for each in services if each.tenant_id == str(tenant.tenant_id)), None)


def _open(request: StaffRequest, form: ServiceForm, *, facts: CustomerFacts, tenant: LinkedTenant) -> bool:
    """Open the service; False with the problem beside its field."""
    typed = form.cleaned_data
    terms = form.terms()
    try:
        if typed["subscriptions"]:
            adopt_subscriptions(
                get_outside(),
                customer_id=facts.customer_id,
                choices=typed["subscriptions"],
                tenant_row_id=tenant.id,
                actor=request.staff.email,
                now=present_moment(),
                **terms,
            )
        else:
            open_empty_service(
                customer_id=facts.customer_id,
                tenant_row_id=tenant.id,
                actor=request.staff.email,
                now=present_moment(),
                **terms,
            )
    except TermsNotUsable as problem:
        form.add_error(problem.field_name if problem.field_name in form.fields else None, problem.sentence)
    except (NothingToAdopt, NoPriceFor, ServiceExists) as problem:
        form.add_error(None, forms.ValidationError(str(problem)))
    except OutsideFailure as problem:
        form.add_error(None, said_by_microsoft(problem))
    else:
        return True
    return False
