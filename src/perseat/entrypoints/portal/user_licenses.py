"""Manage product licenses of one user: a checkbox for each edition."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from perseat import wiring
from perseat.capabilities.subscriptions.queries import get_service
from perseat.domain.rights import may_buy, may_manage_people
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.forms import country_choices
from perseat.entrypoints.portal.users_choices import (
    Wanted,
    choices_for_one,
    country_problem,
    other_licenses,
    read_boxes,
)
from perseat.entrypoints.portal.users_microsoft import are_writes_off, require_manager, sentence_for
from perseat.entrypoints.portal.users_rows import user_row
from perseat.entrypoints.portal.users_saving import save_licenses
from perseat.journeys.people import PersonRow, get_person
from perseat.journeys.seat_counts import SeatCounts, get_last_seat_counts, get_seat_counts, get_tenant_of_service
from perseat.ports.failures import CredentialsRefused, NotFound, Refused, Unanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """What stands in the way: of the whole form, of an edition (by code), of the country."""

    whole: str = ""
    editions: dict[str, str] = field(default_factory=dict)
    country: str = ""


@require_http_methods(["GET", "POST"])
@member_page
def user_licenses(request: MemberRequest, service_id: int, person_id: str) -> HttpResponse:
    """Show the licenses; saving asks once more when something would be lost."""
    get_service(request.member.customer_id, service_id)
    if request.method == "GET":
        return _page(request, service_id=service_id, person_id=person_id, wanted=None, problems=Problems())
    require_manager(request, act="change licenses")
    wanted = read_boxes(request.POST)
    if request.POST.get("step") == "back":
        return _page(request, service_id=service_id, person_id=person_id, wanted=wanted, problems=Problems())
    return _save(request, service_id=service_id, person_id=person_id, wanted=wanted)


def _save(request: MemberRequest, *, service_id: int, person_id: str, wanted: Wanted) -> HttpResponse:
    try:
        person, problem = _get(request, service_id=service_id, person_id=person_id), ""
    except (Unanswered, Refused, CredentialsRefused) as failure:
        person, problem = None, sentence_for(failure)
    if person is None:
        return _page(
            request, service_id=service_id, person_id=person_id, wanted=wanted, problems=Problems(whole=problem)
        )
    wrong_country = country_problem(wanted, people=[person])
    if wrong_country:
        problems = Problems(country=wrong_country)
        return _page(request, service_id=service_id, person_id=person_id, wanted=wanted, problems=problems)
    saved = save_licenses(
        request,
        service_id=service_id,
        person_ids=[person.person_id],
        wanted=wanted,
        has_agreed=request.POST.get("step") == "agreed",
    )
    if saved.change_id:
        return redirect("portal:users-change", service_id, saved.change_id)
    if saved.losses:
        return render(
            request,
            "users_confirm.html",
            {
                "service_id": service_id,
                "who": person.display_name,
                "losses": saved.losses,
                "kept": [(name, value) for name in ("edition", "held") for value in request.POST.getlist(name)],
                "country": wanted.country,
            },
        )
    problems = Problems(whole=saved.problem, editions=saved.errors)
    return _page(request, service_id=service_id, person_id=person_id, wanted=wanted, problems=problems)


def _page(
    request: MemberRequest, *, service_id: int, person_id: str, wanted: Wanted | None, problems: Problems
) -> HttpResponse:
    member = request.member
    whole = problems.whole
    try:
        person = _get(request, service_id=service_id, person_id=person_id)
    except NotFound:
        messages.error(request, "This user is no longer in your tenant.")
        return redirect("portal:users", service_id)
    except (Unanswered, Refused, CredentialsRefused) as failure:
        person, whole = None, whole or sentence_for(failure)
    counts = _counts(member.customer_id, service_id=service_id, has_answer=person is not None)
    context = {
        "service_id": service_id,
        "person": user_row(person) if person else None,
        "choices": choices_for_one(person, counts=counts, wanted=wanted, errors=problems.editions) if person else [],
        "kept": _kept(request) if wanted else [],
        "problem": whole,
        "country_problem": problems.country,
        "asks_country": person is not None and not person.country,
        "countries": country_choices(),
        "country": (wanted.country if wanted else "") or _default_country(member.customer_id, service_id=service_id),
        "counts": counts,
        "has_others": person is not None and other_licenses([person]),
        "may_manage": may_manage_people(member.role),
        "may_buy": may_buy(member.role),
        "writes_are_off": are_writes_off(),
    }
    is_wrong = bool(whole or problems.editions or problems.country) and person is not None
    return render(request, "user_licenses.html", context, status=422 if is_wrong else 200)


def _get(request: MemberRequest, *, service_id: int, person_id: str) -> PersonRow:
    return get_person(
        wiring.get_outside(), customer_id=request.member.customer_id, service_id=service_id, person_id=person_id
    )


def _kept(request: MemberRequest) -> list[tuple[str, str]]:
    return [(name, value) for name in ("edition", "held", "country") for value in request.POST.getlist(name)]


def _counts(customer_id: int, *, service_id: int, has_answer: bool) -> SeatCounts:
    if has_answer:
        return get_seat_counts(wiring.get_outside(), customer_id=customer_id, service_id=service_id)
    return get_last_seat_counts(customer_id=customer_id, service_id=service_id)


def _default_country(customer_id: int, *, service_id: int) -> str:
    return get_tenant_of_service(customer_id=customer_id, service_id=service_id).country
