"""Getting started: the next steps for this customer, told from facts."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from perseat import wiring
from perseat.capabilities.customers.queries import (
    LinkedTenant,
    Member,
    get_billing_details,
    list_members,
    list_open_invitations,
    list_tenants,
)
from perseat.capabilities.licensing.queries import count_assigned
from perseat.capabilities.subscriptions.queries import ServiceRow, list_services
from perseat.domain.rights import may_buy, may_manage_people, may_manage_team
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import present_moment
from perseat.journeys.people import list_people
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered

_LOOKED_AT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """A step. `note` says how it stands; `address` is "" when there is nothing to press, `label` names the link."""

    title: str
    note: str
    is_done: bool
    address: str = ""
    label: str = ""


@require_GET
@member_page
def getting_started(request: MemberRequest) -> HttpResponse:
    """Show the steps; the first open one is marked."""
    member = request.member
    services = list_services(member.customer_id)
    steps = [
        *_tenant_steps(list_tenants(member.customer_id)),
        _billing_step(member),
        _seats_step(member, services=services),
        _people_step(member, services=services),
        _licenses_step(member, services=services),
        _team_step(member),
    ]
    next_step = next((each for each in steps if not each.is_done), None)
    context = {
        "steps": [(each, each is next_step) for each in steps],
        "done": sum(each.is_done for each in steps),
        "total": len(steps),
        "is_all_done": next_step is None,
    }
    return render(request, "getting_started.html", context)


def _tenant_steps(tenants: tuple[LinkedTenant, ...]) -> list[FirstStep]:
    ask = {"address": reverse("portal:ask"), "label": "Ask billing"}
    names = ", ".join(each.domain for each in tenants)
    unsigned = ", ".join(each.domain for each in tenants if not each.has_agreement)
    linked = FirstStep(
        title="Your Microsoft tenant is linked",
        note=f"Linked: {names}." if tenants else "We link it for you. Tell us the name of your tenant.",
        is_done=bool(tenants),
        **({} if tenants else ask),
    )
    is_signed = bool(tenants) and not unsigned
    agreed = FirstStep(
        title="Microsoft's customer agreement is accepted",
        note=(
            "Accepted."
            if is_signed
            else f"Microsoft sells nothing to {unsigned or 'your tenant'} before it is accepted. We help you with it."
        ),
        is_done=is_signed,
    )
    return [linked, agreed]


def _billing_step(member: Member) -> FirstStep:
    details = get_billing_details(member.customer_id)
    missing = [
        label
        for label, value in (
            ("street", details.street),
            ("city", details.city),
            ("an address for invoices", details.invoice_email),
        )
        if not value.strip()
    ]
    return FirstStep(
        title="Billing details are filled in",
        note=f"Still missing: {', '.join(missing)}." if missing else f"Invoices go to {details.invoice_email}.",
        is_done=not missing,
        address=reverse("portal:billing-details"),
        label="Billing details",
    )


def _seats_step(member: Member, *, services: tuple[ServiceRow, ...]) -> FirstStep:
    held = [seats for each in services for seats in each.seats if seats.held]
    total = sum(each.held for each in held)
    note = "Choose how many people need which edition."
    if held:
        note = f"{total} {'seat' if total == 1 else 'seats'} in all."
    elif not may_buy(member.role):
        note = "An owner does this."
    address = reverse("portal:options", args=[services[0].service_id]) if services and may_buy(member.role) else ""
    return FirstStep(
        title="Seats are bought",
        note=note,
        is_done=bool(held),
        address=address,
        label="Upgrade/Downgrade Options",
    )


def _people_step(member: Member, *, services: tuple[ServiceRow, ...]) -> FirstStep:
    title = "Your people are users of the tenant"
    if not services:
        return FirstStep(title=title, note="Comes when the tenant is linked.", is_done=False)
    service_id = services[0].service_id
    may_add = may_manage_people(member.role)
    try:
        found = list_people(
            wiring.get_outside(), customer_id=member.customer_id, service_id=service_id, page_size=_LOOKED_AT
        )
    except (Unanswered, Refused, CredentialsRefused):
        note, is_done = "Microsoft does not answer right now; look again in a minute.", False
    else:
        count = sum(not each.is_guest for each in found.people)
        more = "more than " if found.next_page else ""
        note = f"{more}{count} {'user' if count == 1 else 'users'} so far.".capitalize() if count else "Nobody yet."
        is_done = count > 0
    return FirstStep(
        title=title,
        note=note,
        is_done=is_done,
        address=reverse("portal:user-add" if may_add else "portal:users", args=[service_id]),
        label="Add a user" if may_add else "Active users",
    )


def _licenses_step(member: Member, *, services: tuple[ServiceRow, ...]) -> FirstStep:
    assigned = count_assigned(member.customer_id)
    note = "A user can work only with a license: give each their own."
    if assigned:
        note = f"{assigned} {'license is' if assigned == 1 else 'licenses are'} with people."
    return FirstStep(
        title="Licenses are given to people",
        note=note,
        is_done=assigned > 0,
        address=reverse("portal:users-start") if services else "",
        label="Active users",
    )


def _team_step(member: Member) -> FirstStep:
    others = len(list_members(member.customer_id)) - 1
    invited = len(list_open_invitations(member.customer_id, now=present_moment()))
    note = "Somebody should be able to act when you are away."
    if others > 0:
        note = f"{others + 1} people may log in here."
    elif invited:
        note = "An invitation is on its way."
    if not (others or invited or may_manage_team(member.role)):
        note = "An owner does this."
    return FirstStep(
        title="A colleague may log in here, too",
        note=note,
        is_done=others > 0 or invited > 0,
        address=reverse("portal:team"),
        label="Team",
    )
