"""Add a user: a person of the tenant, with an address and a first password that is shown once."""

from __future__ import annotations

import secrets

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from perseat import wiring
from perseat.capabilities.subscriptions.queries import ServiceRow, get_service
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.users_forms import AddForm
from perseat.entrypoints.portal.users_microsoft import are_writes_off, require_manager, sentence_for
from perseat.entrypoints.portal.users_rows import user_row
from perseat.journeys.people import FieldNotUsable, MailDomain, PersonAdded, add_person, list_mail_domains
from perseat.journeys.seat_counts import get_tenant_of_service
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered, WritesAreOff


@never_cache
@require_http_methods(["GET", "POST"])
@member_page
def user_add(request: MemberRequest, service_id: int) -> HttpResponse:
    """Show the form; add the user, and show the first password this one time."""
    service = get_service(request.member.customer_id, service_id)
    require_manager(request, act="add users")
    domains, problem = _domains(request, service=service)
    if request.method == "GET":
        country = get_tenant_of_service(customer_id=request.member.customer_id, service_id=service_id).country
        initial = {"country": country, "form_id": secrets.token_urlsafe(24)}
        form = AddForm(domains=domains, initial=initial)
        return _page(request, service=service, form=form, problem=problem, has_domains=bool(domains))
    form = AddForm(request.POST, domains=domains, typed_domain=request.POST.get("domain", ""))
    if problem or not form.is_valid():
        status = 200 if problem else 422
        return _page(request, service=service, form=form, problem=problem, has_domains=True, status=status)
    added, problem = _add(request, service=service, form=form)
    if added is None:
        return _page(request, service=service, form=form, problem=problem, has_domains=True, status=422)
    context = {
        "service": service,
        "person": user_row(added.person),
        "person_id": added.person.person_id,
        "password": added.password,
    }
    return render(request, "user_added.html", context)


def _add(request: MemberRequest, *, service: ServiceRow, form: AddForm) -> tuple[PersonAdded | None, str]:
    form_id = str(form.cleaned_data["form_id"]) or secrets.token_urlsafe(24)
    try:
        added = add_person(
            wiring.get_outside(),
            customer_id=request.member.customer_id,
            user_id=request.member.user_id,
            service_id=service.service_id,
            person=form.person(),
            form_key=salted_hmac("first password of a user", form_id, algorithm="sha256").digest(),
        )
    except FieldNotUsable as unusable:
        form.add_error(unusable.field_name, unusable.sentence)
        return None, ""
    except (Refused, Unanswered, CredentialsRefused, WritesAreOff) as failure:
        return None, sentence_for(failure)
    return added, ""


def _domains(request: MemberRequest, *, service: ServiceRow) -> tuple[tuple[MailDomain, ...], str]:
    try:
        domains = list_mail_domains(
            wiring.get_outside(), customer_id=request.member.customer_id, service_id=service.service_id
        )
    except (Refused, Unanswered, CredentialsRefused) as failure:
        return (), sentence_for(failure)
    return domains, ""


def _page(
    request: MemberRequest, *, service: ServiceRow, form: AddForm, problem: str, has_domains: bool, status: int = 200
) -> HttpResponse:
    context = {
        "service": service,
        "form": form,
        "problem": problem,
        "has_domains": has_domains,
        "writes_are_off": are_writes_off(),
    }
    return render(request, "user_add.html", context, status=status)
