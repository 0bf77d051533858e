"""Active users: the people of a tenant, searched, filtered and sorted, with their licenses and the seats left."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perseat import wiring
from perseat.capabilities.subscriptions.queries import get_service
from perseat.domain.rights import may_buy, may_manage_people
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.users_microsoft import are_writes_off, sentence_for
from perseat.entrypoints.portal.users_rows import user_row
from perseat.journeys.people import PeopleView, list_people
from perseat.journeys.seat_counts import SeatCounts, get_last_seat_counts, get_seat_counts
from perseat.ports.directory import PeopleFilter
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered

_LONGEST_SEARCH = 100
_SORTS = ("display_name", "-display_name", "sign_in_name", "-sign_in_name")
_COLUMNS = (("display_name", "Name"), ("sign_in_name", "Address"))
_FILTERS = (("", "Everybody"), (PeopleFilter.NO_LICENSE, "No license"), (PeopleFilter.BLOCKED, "Blocked"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for; anything unusable in it counts as not asked."""

    search: str
    sort: str
    only: PeopleFilter | None
    page: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChip:
    """A filter as a link."""

    value: str
    label: str
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SortLink:
    """A link that sorts: what it asks for, and how the list is sorted by it now, "" if it is not."""

    label: str
    asks_for: str
    direction: str


@require_GET
@member_page
def users(request: MemberRequest, service_id: int) -> HttpResponse:
    """Show a page of the list."""
    member = request.member
    service = get_service(member.customer_id, service_id)
    asked = _read(request)
    found, problem = _ask(request, service_id=service_id, asked=asked)
    counts = _counts(request, service_id=service_id, has_answer=found is not None)
    sorts = [_sort_link(field, label=label, asked=asked) for field, label in _COLUMNS]
    context = {
        "service": service,
        "asked": asked,
        "rows": [user_row(each) for each in found.people] if found else [],
        "found": found,
        "problem": problem,
        "filters": [
            FilterChip(value=value, label=label, is_on=(asked.only or "") == value) for value, label in _FILTERS
        ],
        "sorts": sorts,
        "direction": next((each.direction for each in sorts if each.direction), ""),
        "is_narrowed": bool(asked.search or asked.only),
        "counts": counts,
        "seats": [each for each in counts.rows if each.purchased or each.assigned],
        "may_buy": may_buy(member.role),
        "may_manage": may_manage_people(member.role),
        "writes_are_off": are_writes_off(),
    }
    return render(request, "users.html", context)


def _read(request: MemberRequest) -> Asked:
    text = "".join(each if each.isprintable() and each not in '"\\' else " " for each in request.GET.get("search", ""))
    sort, only = request.GET.get("sort", ""), request.GET.get("only", "")
    return Asked(
        search=" ".join(text[:_LONGEST_SEARCH].split()),
        sort=sort if sort in _SORTS else _SORTS[0],
        only=PeopleFilter(only) if only in set(PeopleFilter) else None,
        page=request.GET.get("page") or None,
    )


def _ask(request: MemberRequest, *, service_id: int, asked: Asked) -> tuple[PeopleView | None, str]:
    try:
        found = list_people(
            wiring.get_outside(),
            customer_id=request.member.customer_id,
            service_id=service_id,
            search=asked.search,
            sort=asked.sort,
            only=asked.only,
            page=asked.page,
        )
    except (Unanswered, Refused, CredentialsRefused) as failure:
        return None, sentence_for(failure)
    return found, ""


def _counts(request: MemberRequest, *, service_id: int, has_answer: bool) -> SeatCounts:
    """Who did not answer a moment ago is not asked again: the last known counts stand, with their time."""
    facts = {"customer_id": request.member.customer_id, "service_id": service_id}
    return get_seat_counts(wiring.get_outside(), **facts) if has_answer else get_last_seat_counts(**facts)


def _sort_link(field: str, *, label: str, asked: Asked) -> SortLink:
    is_up, is_down = asked.sort == field, asked.sort == f"-{field}"
    return SortLink(
        label=label,
        asks_for=f"-{field}" if is_up else field,
        direction="ascending" if is_up else "descending" if is_down else "",
    )
