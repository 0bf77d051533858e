"""Who may open a page of the Client Area, and for which customer: the same questions before every page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from perseat.capabilities.accounts.queries import NotAllowed, NotStaff, get_staff
from perseat.capabilities.customers.queries import DoesNotBelong, Member, list_customers_of

CHOSEN_CUSTOMER = "customer_id"
Parameters = ParamSpec("Parameters")


class MemberRequest(HttpRequest):
    """A request of a person who acts for a customer; `other_customers` are those they could switch to."""

    member: Member
    other_customers: tuple[Member, ...]


def member_page(
    view: Callable[Concatenate[MemberRequest, Parameters], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]:
    """A page for a customer's people: logs in first, knows the customer, and speaks in the customer's time zone.

    What belongs to somebody else does not exist (404); what the role does not include is refused in words (403).
    """

    @wraps(view)
    def open_page(request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
        if "\x00" in request.path:
            raise Http404  # PostgreSQL knows no such text
        customers = list_customers_of(request.user.pk)  # type: ignore[arg-type]
        if not customers:
            return _without_customer(request)
        chosen = request.session.get(CHOSEN_CUSTOMER)
        member = next((each for each in customers if each.customer_id == chosen), customers[0])
        known = cast("MemberRequest", request)
        known.member = member
        known.other_customers = tuple(each for each in customers if each is not member)
        with timezone.override(ZoneInfo(member.time_zone)):
            try:
                return view(known, *args, **kwargs)
            except DoesNotBelong:
                raise Http404 from None
            except NotAllowed as refusal:
                return render(known, "not_allowed.html", {"act": refusal.act}, status=403)

    return login_required(open_page)


def _without_customer(request: HttpRequest) -> HttpResponse:
    """Staff have a place of their own; whoever was removed everywhere is told so."""
    try:
        get_staff(request.user.pk)  # type: ignore[arg-type]
    except NotStaff:
        return render(request, "no_customer.html", status=403)
    return redirect("/backoffice/")
