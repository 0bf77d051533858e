"""Who may open a page of the back office: people of the staff. To everybody else it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from perseat.capabilities.accounts.queries import NotAllowed, NotStaff, Staff, require_staff
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.domain.rights import StaffRole, may_administer, may_work_in_back_office

Parameters = ParamSpec("Parameters")


class StaffRequest(HttpRequest):
    """A request of a person of the staff; `may_administer` decides which forms they see."""

    staff: Staff
    may_administer: bool


def staff_page(
    view: Callable[Concatenate[StaffRequest, Parameters], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]:
    """A page for everybody of the staff."""
    return _page(view, right=may_work_in_back_office, act="work in the back office")


def administrator_page(
    view: Callable[Concatenate[StaffRequest, Parameters], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]:
    """A page for administrators; a clerk is told so in words."""
    return _page(view, right=may_administer, act="do this; an administrator can")


def _page(
    view: Callable[Concatenate[StaffRequest, Parameters], HttpResponse],
    *,
    right: Callable[[StaffRole], bool],
    act: str,
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponseBase]:
    @wraps(view)
    def open_page(request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponseBase:
        if "\x00" in request.path:
            raise Http404  # PostgreSQL knows no such text
        known = cast("StaffRequest", request)
        with timezone.override(settings.PERSEAT.zone):
            try:
                known.staff = require_staff(request.user.pk, right=right, act=act)  # type: ignore[arg-type]
                known.may_administer = may_administer(known.staff.role)
                return view(known, *args, **kwargs)
            except (NotStaff, DoesNotBelong):
                raise Http404 from None
            except NotAllowed as refusal:
                return render(known, "office/not_allowed.html", {"act": refusal.act}, status=403)

    return login_required(open_page)
