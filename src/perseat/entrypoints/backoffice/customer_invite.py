"""Invite an owner: the first person who may log in for a customer, or another one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from perseat.capabilities.customers.invitations import AlreadyInvited, AlreadyMember
from perseat.capabilities.customers.queries import get_customer_by_number
from perseat.domain.rights import MemberRole
from perseat.entrypoints.backoffice.access import StaffRequest, administrator_page
from perseat.entrypoints.backoffice.clock import present_moment
from perseat.entrypoints.backoffice.forms import InviteOwnerForm
from perseat.journeys.welcome import invite_member


@administrator_page
def customer_invite(request: StaffRequest, number: str) -> HttpResponse:
    """Invite by e-mail."""
    facts = get_customer_by_number(number)
    form = InviteOwnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        try:
            invite_member(
                email,
                role=MemberRole.OWNER,
                customer_id=facts.customer_id,
                user_id=request.staff.user_id,
                now=present_moment(),
            )
        except AlreadyMember:
            form.add_error("email", f"{email} is on their team already.")
        except AlreadyInvited:
            form.add_error("email", f"{email} has been invited already; the invitation is still open.")
        else:
            messages.success(request, f"An invitation is on its way to {email}. It works for 14 days.")
            return redirect("office:customer", number=number)
    context = {
        "form": form,
        "customer": facts,
        "title": "Invite an owner",
        "intro": "An owner buys, pays, manages licenses and invites the rest of the team.",
        "button": "Send invitation",
    }
    return render(request, "office/customer_form.html", context, status=422 if form.errors else 200)
