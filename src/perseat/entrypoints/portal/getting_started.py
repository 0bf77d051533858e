"""Getting started: the next steps for this customer, told from facts."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from perseat import wiring
from perseat.capabilities.customers.queries import (
    Member,
    get_billing_details,
    list_members,
    list_open_invitations,
)
from perseat.capabilities.licensing.queries import count_assigned
from perseat.capabilities.subscriptions.queries import ServiceRow, list_services
from perseat.domain.rights import may_buy, may_manage_people, may_manage_team
from perseat.domain.tenant_checklist import Item, ItemState, Part
from perseat.entrypoints.pages.templatetags.days import day
from perseat.entrypoints.portal.access import MemberRequest, member_page
from perseat.entrypoints.portal.clock import present_moment
from perseat.journeys.people import list_people
from perseat.journeys.tenant_beginning import get_tenant_checklists
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered

_LOOKED_AT = 20
# A customer has nothing to learn from these before something about them is wrong.
_SHOWN_WHEN_OPEN = frozenset({Part.ACCOUNT, Part.GROUP, Part.REACH})


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """A step. `note` says how it stands; `address` is "" when there is nothing to press, `label` names the link.

    `means`: what pressing it means, where that is more than going to a page.
    """

    title: str
    note: str
    is_done: bool
    address: str = ""
    label: str = ""
    means: str = ""


@require_GET
@member_page
def getting_started(request: MemberRequest) -> HttpResponse:
    """Show the steps; the first open one is marked."""
    member = request.member
    services = list_services(member.customer_id)
    steps = [
        *_tenant_steps(member),
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


def _tenant_steps(member: Member) -> list[FirstStep]:
    """The tenants' checklists in the customer's words; the name stands with each when there are several."""
    found = get_tenant_checklists(wiring.get_outside(), customer_id=member.customer_id, now=present_moment())
    return [
        _tenant_step(item, member=member, name=each.name if len(found) > 1 else "")
        for each in found
        for item in each.items
        if item.part not in _SHOWN_WHEN_OPEN or item.state in (ItemState.WRONG, ItemState.WAITS_FOR_CUSTOMER)
    ]


def _tenant_step(item: Item, *, member: Member, name: str) -> FirstStep:
    """Microsoft's links are an owner's business: what they accept binds the company."""
    title = f"{item.title} ({name})" if name else item.title
    until = f" It ends on {day(item.until)}." if item.until and not item.is_done else ""
    if item.link and not may_buy(member.role):
        return FirstStep(title=title, note=f"{item.text}{until} An owner does this.", is_done=False)
    ask = {"address": reverse("portal:ask"), "label": "Ask billing"}
    is_unknown = item.part is Part.TENANT and item.state is ItemState.WAITS_FOR_US and item.at is None
    return FirstStep(
        title=title,
        note=item.text + until,
        is_done=item.is_done,
        means=item.means,
        **({"address": item.link, "label": "Open at Microsoft"} if item.link else ask if is_unknown else {}),
    )


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
