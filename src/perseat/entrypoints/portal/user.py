"""One user: facts that can be changed, and the acts: signing out, blocking, deleting."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from perseat import wiring
from perseat.capabilities.subscriptions.queries import ServiceRow, get_service
from perseat.domain.rights import may_manage_people
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.users_forms import FactsForm
from perseat.entrypoints.portal.users_microsoft import are_writes_off, require_manager, sentence_for
from perseat.entrypoints.portal.users_rows import user_row
from perseat.journeys import people_changes
from perseat.journeys.people import FieldNotUsable, PersonRow, get_person, sign_out_everywhere
from perseat.journeys.people_changes import WhoAndWhere, change_person
from perseat.journeys.seat_counts import get_tenant_of_service
from perseat.ports.failures import CredentialsRefused, NotFound, OutsideFailure, Refused, Unanswered, WritesAreOff
from perseat.ports.outside import Outside

Act = Callable[[Outside, WhoAndWhere], None]


@require_http_methods(["GET", "POST"])
@member_page
def user(request: MemberRequest, service_id: int, person_id: str) -> HttpResponse:
    """Show the user; save changed facts."""
    service = get_service(request.member.customer_id, service_id)
    if request.method == "GET":
        return _page(request, service=service, person_id=person_id, typed=None, problem="")
    require_manager(request, act="change users")
    form = FactsForm(request.POST)
    problem = ""
    if form.is_valid():
        try:
            who = _who(request, service_id=service_id, person_id=person_id)
            change_person(wiring.get_outside(), who, facts=form.facts())
        except FieldNotUsable as unusable:
            form.add_error(unusable.field_name, unusable.sentence)
        except (Refused, Unanswered, CredentialsRefused, WritesAreOff) as failure:
            problem = sentence_for(failure)
        else:
            messages.success(request, "Saved. Microsoft shows it everywhere within some minutes.")
            return redirect("portal:user", service_id, person_id)
    return _page(request, service=service, person_id=person_id, typed=form, problem=problem)


@require_POST
@member_page
def sign_out(request: MemberRequest, service_id: int, person_id: str) -> HttpResponse:
    """Sign the user out everywhere; leads back to where the button was."""
    require_manager(request, act="sign users out")
    try:
        sign_out_everywhere(
            wiring.get_outside(),
            customer_id=request.member.customer_id,
            user_id=request.member.user_id,
            service_id=service_id,
            person_id=person_id,
        )
    except (Refused, Unanswered, CredentialsRefused, WritesAreOff) as failure:
        messages.error(request, sentence_for(failure))
    else:
        messages.success(
            request, "Signed out everywhere. It can take some minutes until every program asks to sign in again."
        )
    change = request.POST.get("change", "")
    if _is_uuid(change):
        return redirect("portal:users-change", service_id, UUID(change))
    return redirect("portal:user", service_id, person_id)


@require_POST
@member_page
def block(request: MemberRequest, service_id: int, person_id: str) -> HttpResponse:
    """Let the user no longer sign in."""
    return _act(
        request,
        service_id=service_id,
        person_id=person_id,
        act=people_changes.block_sign_in,
        done="Blocked, and signed out everywhere. The licenses stay with the user until you take them away.",
    )


@require_POST
@member_page
def allow(request: MemberRequest, service_id: int, person_id: str) -> HttpResponse:
    """Let the user sign in again."""
    return _act(
        request,
        service_id=service_id,
        person_id=person_id,
        act=people_changes.allow_sign_in,
        done="The user can sign in again.",
    )


@require_POST
@member_page
def delete(request: MemberRequest, service_id: int, person_id: str) -> HttpResponse:
    """Delete the user."""
    return _act(
        request,
        service_id=service_id,
        person_id=person_id,
        act=people_changes.delete_person,
        done="Deleted. The licenses are free for others; Microsoft can bring the user back for 30 days.",
        leads_to_list=True,
    )


def _act(
    request: MemberRequest, *, service_id: int, person_id: str, act: Act, done: str, leads_to_list: bool = False
) -> HttpResponse:
    get_service(request.member.customer_id, service_id)
    try:
        act(wiring.get_outside(), _who(request, service_id=service_id, person_id=person_id))
    except (Refused, Unanswered, CredentialsRefused, WritesAreOff) as failure:
        messages.error(request, sentence_for(failure))
        return redirect("portal:user", service_id, person_id)
    messages.success(request, done)
    return redirect("portal:users", service_id) if leads_to_list else redirect("portal:user", service_id, person_id)


def _who(request: MemberRequest, *, service_id: int, person_id: str) -> WhoAndWhere:
    return WhoAndWhere(
        customer_id=request.member.customer_id,
        user_id=request.member.user_id,
        service_id=service_id,
        person_id=person_id,
    )


def _page(
    request: MemberRequest, *, service: ServiceRow, person_id: str, typed: FactsForm | None, problem: str
) -> HttpResponse:
    found: PersonRow | OutsideFailure = _read(request, service=service, person_id=person_id)
    if isinstance(found, NotFound):
        messages.error(request, "This user is no longer in your tenant.")
        return redirect("portal:users", service.service_id)
    form, person = typed, None
    if isinstance(found, OutsideFailure):
        problem = problem or sentence_for(found)
    else:
        person = user_row(found)
        tenant = get_tenant_of_service(customer_id=request.member.customer_id, service_id=service.service_id)
        form = typed or FactsForm(initial=FactsForm.initial_of(found, country=tenant.country))
    may_manage = may_manage_people(request.member.role)
    if form and not may_manage:
        for field in form.fields.values():
            field.disabled = True
    context = {
        "service": service,
        "person": person,
        "person_id": person_id,
        "form": form,
        "problem": problem,
        "may_manage": may_manage,
        "writes_are_off": are_writes_off(),
    }
    is_wrong = typed is not None and (typed.errors or person is not None)
    return render(request, "user.html", context, status=422 if is_wrong else 200)


def _read(request: MemberRequest, *, service: ServiceRow, person_id: str) -> PersonRow | OutsideFailure:
    try:
        return get_person(
            wiring.get_outside(),
            customer_id=request.member.customer_id,
            service_id=service.service_id,
            person_id=person_id,
        )
    except (Refused, Unanswered, CredentialsRefused) as failure:
        return failure


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
