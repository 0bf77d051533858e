"""Team: who may log in for the customer, in which role; inviting and removing them."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from perseat.capabilities.customers.actions import LastOwner, change_member_role, remove_member
from perseat.capabilities.customers.invitations import AlreadyInvited, AlreadyMember, withdraw_invitation
from perseat.capabilities.customers.queries import Member, list_members, list_open_invitations
from perseat.domain.rights import MemberRole, may_manage_team
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import present_moment
from perseat.journeys.welcome import invite_member

ROLE_LABELS = {
    MemberRole.OWNER: "Owner",
    MemberRole.LICENSE_MANAGER: "License manager",
    MemberRole.VIEWER: "Viewer",
}
ROLE_MEANINGS = {
    MemberRole.OWNER: "may do everything: buy, pay, manage users and licenses, and this team",
    MemberRole.LICENSE_MANAGER: "manages users and licenses and asks billing; does not buy",
    MemberRole.VIEWER: "looks, and changes nothing",
}
_LAST_OWNER = "{} is the only owner. Make somebody else an owner first; then this works."


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A line of the team's table."""

    member: Member
    role_label: str
    is_you: bool


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label="Email")
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, ROLE_LABELS[role]) for role in MemberRole],
        initial=MemberRole.VIEWER.value,
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose one of the three roles."},
    )


@member_page
def team(request: MemberRequest) -> HttpResponse:
    """Show the team; whoever may manage it sees the forms."""
    return _page(request, form=InviteForm())


@require_POST
@member_page
def invite(request: MemberRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    email = form.cleaned_data["email"].lower()
    try:
        invite_member(
            email,
            role=MemberRole(form.cleaned_data["role"]),
            customer_id=request.member.customer_id,
            user_id=request.member.user_id,
            now=present_moment(),
        )
    except AlreadyMember:
        form.add_error("email", f"{email} is on your team already.")
    except AlreadyInvited:
        form.add_error("email", f"{email} has been invited already; the invitation is still open.")
    else:
        messages.success(request, f"An invitation is on its way to {email}. It works for 14 days.")
        return redirect("portal:team")
    return _page(request, form=form, status=422)


@require_POST
@member_page
def change_role(request: MemberRequest, membership_id: int) -> HttpResponse:
    """Give a member another role."""
    try:
        role = MemberRole(request.POST.get("role", ""))
    except ValueError:
        messages.error(request, "Choose one of the roles.")
        return redirect("portal:team")
    try:
        change_member_role(
            membership_id,
            role=role,
            customer_id=request.member.customer_id,
            user_id=request.member.user_id,
            now=present_moment(),
        )
    except LastOwner as refusal:
        messages.error(request, _LAST_OWNER.format(refusal))
    else:
        messages.success(request, f"Saved: {ROLE_LABELS[role]} from now on.")
    return redirect("portal:team")


@require_POST
@member_page
def remove(request: MemberRequest, membership_id: int) -> HttpResponse:
    """Take a member off the team."""
    try:
        email = remove_member(
            membership_id, customer_id=request.member.customer_id, user_id=request.member.user_id, now=present_moment()
        )
    except LastOwner as refusal:
        messages.error(request, _LAST_OWNER.format(refusal))
        return redirect("portal:team")
    if email == request.member.email:
        return redirect("/")
    messages.success(request, f"{email} is off the team and sees nothing of {request.member.customer_name} any more.")
    return redirect("portal:team")


@require_POST
@member_page
def withdraw(request: MemberRequest, invitation_id: int) -> HttpResponse:
    """Make an invitation's link useless."""
    email = withdraw_invitation(
        invitation_id, customer_id=request.member.customer_id, user_id=request.member.user_id, now=present_moment()
    )
    messages.success(request, f"The invitation to {email} is withdrawn; its link opens nothing any more.")
    return redirect("portal:team")


def _page(request: MemberRequest, *, form: InviteForm, status: int = 200) -> HttpResponse:
    members = list_members(request.member.customer_id)
    rows = [
        MemberRow(member=each, role_label=ROLE_LABELS[each.role], is_you=each.user_id == request.member.user_id)
        for each in members
    ]
    invitations = [
        (each, ROLE_LABELS[each.role])
        for each in list_open_invitations(request.member.customer_id, now=present_moment())
    ]
    context = {
        "rows": rows,
        "invitations": invitations,
        "form": form,
        "chosen_role": form["role"].value(),
        "may_manage": may_manage_team(request.member.role),
        "roles": [(role.value, ROLE_LABELS[role], ROLE_MEANINGS[role]) for role in MemberRole],
    }
    return render(request, "team.html", context, status=status)
