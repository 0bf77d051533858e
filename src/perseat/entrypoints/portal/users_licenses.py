"""Manage product licenses of a selection of users: for each edition leave as it is, give, or take away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from perseat import wiring
from perseat.capabilities.subscriptions.queries import get_service
from perseat.domain.rights import may_buy
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.forms import country_choices
from perseat.entrypoints.portal.person_ids import is_person_id
from perseat.entrypoints.portal.user_licenses import Problems
from perseat.entrypoints.portal.users_choices import (
    Wanted,
    choices_for_many,
    country_problem,
    other_licenses,
    read_acts,
)
from perseat.entrypoints.portal.users_microsoft import are_writes_off, require_manager, sentence_for
from perseat.entrypoints.portal.users_rows import user_row
from perseat.entrypoints.portal.users_saving import save_licenses
from perseat.journeys.people import PersonRow, get_people
from perseat.journeys.seat_counts import SeatCounts, get_last_seat_counts, get_seat_counts, get_tenant_of_service
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered

_MOST = 100


@require_http_methods(["GET", "POST"])
@member_page
def users_licenses(request: MemberRequest, service_id: int) -> HttpResponse:
    """Show the choices for the people named in the address or the form; saving asks once more before a loss."""
    get_service(request.member.customer_id, service_id)
    require_manager(request, act="change licenses")
    given = request.POST if request.method == "POST" else request.GET
    person_ids = list(dict.fromkeys(each for each in given.getlist("person") if is_person_id(each)))
    if not person_ids:
        messages.error(request, "Tick at least one user in the list first.")
        return redirect("portal:users", service_id)
    if len(person_ids) > _MOST:
        messages.error(request, f"Choose at most {_MOST} users at a time; you chose {len(person_ids)}.")
        return redirect("portal:users", service_id)
    if request.method == "GET" and len(person_ids) == 1:
        return redirect("portal:user-licenses", service_id, person_ids[0])
    counts = get_last_seat_counts(customer_id=request.member.customer_id, service_id=service_id)
    wanted = read_acts(request.POST, codes=[each.edition for each in counts.rows])
    return _show_or_save(request, service_id=service_id, person_ids=person_ids, wanted=wanted)


def _show_or_save(request: MemberRequest, *, service_id: int, person_ids: list[str], wanted: Wanted) -> HttpResponse:
    customer_id = request.member.customer_id
    outside = wiring.get_outside()
    try:
        people = get_people(outside, customer_id=customer_id, service_id=service_id, person_ids=person_ids)
    except (Unanswered, Refused, CredentialsRefused) as failure:
        counts = get_last_seat_counts(customer_id=customer_id, service_id=service_id)
        problems = Problems(whole=sentence_for(failure))
        return _page(request, service_id=service_id, people=None, counts=counts, wanted=wanted, problems=problems)
    if not people:
        messages.error(request, "None of these users is in your tenant any more.")
        return redirect("portal:users", service_id)
    problems = Problems()
    if request.method == "POST" and request.POST.get("step") != "back":
        answer = _save(request, service_id=service_id, people=people, wanted=wanted)
        if isinstance(answer, HttpResponse):
            return answer
        problems = answer
    counts = get_seat_counts(outside, customer_id=customer_id, service_id=service_id)
    return _page(request, service_id=service_id, people=people, counts=counts, wanted=wanted, problems=problems)


def _save(
    request: MemberRequest, *, service_id: int, people: tuple[PersonRow, ...], wanted: Wanted
) -> HttpResponse | Problems:
    wrong_country = country_problem(wanted, people=people)
    if wrong_country:
        return Problems(country=wrong_country)
    saved = save_licenses(
        request,
        service_id=service_id,
        person_ids=[each.person_id for each in people],
        wanted=wanted,
        has_agreed=request.POST.get("step") == "agreed",
    )
    if saved.change_id:
        return redirect("portal:users-change", service_id, saved.change_id)
    if saved.losses:
        context = {
            "service_id": service_id,
            "who": f"{len(people)} users",
            "losses": saved.losses,
            "kept": _kept(request),
            "country": wanted.country,
        }
        return render(request, "users_confirm.html", context)
    return Problems(whole=saved.problem, editions=saved.errors)


def _page(
    request: MemberRequest,
    *,
    service_id: int,
    people: tuple[PersonRow, ...] | None,
    counts: SeatCounts,
    wanted: Wanted,
    problems: Problems,
) -> HttpResponse:
    member = request.member
    tenant = get_tenant_of_service(customer_id=member.customer_id, service_id=service_id)
    context = {
        "service_id": service_id,
        "people": [user_row(each) for each in people or ()],
        "choices": choices_for_many(people, counts=counts, wanted=wanted, errors=problems.editions) if people else [],
        "kept": _kept(request),
        "problem": problems.whole,
        "country_problem": problems.country,
        "without_country": [each.display_name for each in people or () if not each.country],
        "countries": country_choices(),
        "country": wanted.country or tenant.country,
        "counts": counts,
        "has_others": other_licenses(people or ()),
        "may_buy": may_buy(member.role),
        "writes_are_off": are_writes_off(),
    }
    is_wrong = people is not None and bool(problems.whole or problems.editions or problems.country)
    return render(request, "users_licenses.html", context, status=422 if is_wrong else 200)


def _kept(request: MemberRequest) -> list[tuple[str, str]]:
    """What the form holds, to be sent again; the country and the step are put in where they belong."""
    given = request.POST if request.method == "POST" else request.GET
    names = [name for name in given if name == "person" or name.startswith("act-")]
    return [(name, value) for name in names for value in given.getlist(name)]
