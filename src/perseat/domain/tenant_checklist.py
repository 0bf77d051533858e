"""Tenant checklist: what a tenant still needs before seats can be sold and given, computed from facts alone.

The list is the wanted state beside what was last read at Microsoft. Nobody ticks anything off: an item is done when the
facts say so, and open again when they no longer do. `now` is an argument; nothing here asks anybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from perseat.domain.tenant_access import IN_FORCE, OVER, AccessState, GroupState, is_ending
from perseat.domain.tenant_facts import (
    AccessFacts,
    Account,
    BeginningFacts,
    BeginningKind,
    BeginningState,
    TenantFacts,
)


class ItemState(StrEnum):
    """Who has to do something next, if anybody."""

    DONE = "done"
    WAITS_FOR_CUSTOMER = "waits_for_customer"
    WAITS_FOR_US = "waits_for_us"
    WRONG = "wrong"


class Part(StrEnum):
    """What an item is about."""

    TENANT = "tenant"
    AGREEMENT = "agreement"
    ACCOUNT = "account"
    ACCESS = "access"
    GROUP = "group"
    REACH = "reach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the list. `at`: since when it stands so; `until`: when that ends; `on`: its day. Each may be None.

    `text` is for the customer, `for_staff` for the back office. `link`: Microsoft's page for the customer's
    administrator, "" when there is none; `means`: what pressing it means.
    """

    part: Part
    title: str
    state: ItemState
    text: str
    for_staff: str
    at: datetime | None = None
    until: datetime | None = None
    on: date | None = None
    link: str = ""
    means: str = ""

    @property
    def is_done(self) -> bool:
        """Whether nobody has to do anything."""
        return self.state is ItemState.DONE


_ACCEPTING_MEANS = (
    "Accepting makes us your reseller: we may sell you Microsoft 365 and see what was bought through us. It gives us "
    "no access to your users or data, changes nothing that you bought elsewhere, and you can end it at any time."
)
_APPROVING_MEANS = (
    "Approving lets us list and change your users and give them licenses, for at most two years. It does not let us "
    "read mail or files or change administrators, and you can end it at any time in your Microsoft admin center."
)
_TENANT = "Your Microsoft tenant is linked"
_AGREEMENT = "Microsoft's customer agreement is accepted"
_ACCESS = "We may manage users and licenses for you"


def is_complete(items: Sequence[Item]) -> bool:
    """Whether everything is done."""
    return all(item.is_done for item in items)


def checklist_without_tenant() -> tuple[Item, ...]:
    """What stands there before anybody has begun."""
    item = Item(
        part=Part.TENANT,
        title=_TENANT,
        state=ItemState.WAITS_FOR_US,
        text="We link it for you. Tell us the name of your tenant.",
        for_staff="Create a tenant, invite the one that the customer has, or link one that is our customer already.",
    )
    return (item, _agreement_before(""))


def checklist_of_beginning(facts: BeginningFacts) -> tuple[Item, ...]:
    """The list of a tenant that is on its way."""
    return (_beginning(facts), _agreement_before(facts.domain))


def checklist_of_tenant(facts: TenantFacts, *, now: datetime) -> tuple[Item, ...]:
    """The list of a linked tenant, in the order in which its items are to be done."""
    linked = Item(
        part=Part.TENANT,
        title=_TENANT,
        state=ItemState.DONE,
        text=f"Linked: {facts.domain}.",
        for_staff=f"{facts.domain} is linked.",
        at=facts.linked_at,
    )
    items = [linked, _agreement(facts), _account(facts)]
    is_open_anyway = facts.read_at is not None and not facts.reach_problem
    # Whoever has consented to our application needs no relationship, whatever we ask others for.
    if facts.access is not None or (facts.uses_access and not is_open_anyway):
        items += [_access(facts, now=now), _group(facts)]
    return (*items, _reach(facts))


def _beginning(facts: BeginningFacts) -> Item:
    is_new = facts.kind is BeginningKind.CREATE
    if facts.state is BeginningState.REFUSED:
        return Item(
            part=Part.TENANT,
            title=_TENANT,
            state=ItemState.WRONG,
            text="Microsoft did not accept it. We are on it; you need not do anything.",
            for_staff=f"Microsoft refused {facts.domain}. {facts.sentence}".strip(),
            at=facts.since,
        )
    if is_new:
        return Item(
            part=Part.TENANT,
            title=_TENANT,
            state=ItemState.WAITS_FOR_US,
            text=f"We are making {facts.domain} for you at Microsoft.",
            for_staff=f"Microsoft was asked for {facts.domain} and has not answered yet; we look for it every few "
            f"minutes. {facts.sentence}".strip(),
            at=facts.since,
        )
    return Item(
        part=Part.TENANT,
        title=_TENANT,
        state=ItemState.WAITS_FOR_CUSTOMER,
        text=f"An administrator of {facts.domain} accepts us as its reseller at Microsoft.",
        for_staff=f"An administrator of {facts.domain} has not accepted our invitation yet. {facts.sentence}".strip(),
        at=facts.since,
        link=facts.invitation_link,
        means=_ACCEPTING_MEANS,
    )


def _agreement_before(domain: str) -> Item:
    return Item(
        part=Part.AGREEMENT,
        title=_AGREEMENT,
        state=ItemState.WAITS_FOR_US,
        text=f"Microsoft sells nothing to {domain or 'your tenant'} before it is accepted. We help you with it.",
        for_staff="Comes when the tenant is linked.",
    )


def _agreement(facts: TenantFacts) -> Item:
    signed = facts.agreement
    if signed is None:
        return Item(
            part=Part.AGREEMENT,
            title=_AGREEMENT,
            state=ItemState.WAITS_FOR_CUSTOMER,
            text=f"Microsoft sells nothing to {facts.domain} before it is accepted. We help you with it.",
            for_staff="Nobody has accepted the Microsoft Customer Agreement. Say who did, or let an administrator of "
            "the customer accept it in the Microsoft 365 admin center.",
        )
    where = "at Microsoft" if signed.is_signed_at_microsoft else "by our word to Microsoft"
    return Item(
        part=Part.AGREEMENT,
        title=_AGREEMENT,
        state=ItemState.DONE,
        text=f"Accepted by {signed.name}." if signed.name else "Accepted.",
        for_staff=f"Accepted {where}{f', by {signed.name}' if signed.name else ''}.",
        on=signed.agreed_on,
    )


def _account(facts: TenantFacts) -> Item:
    state, text, for_staff = {
        Account.ALLOWED: (ItemState.DONE, "Microsoft sells to you.", "Microsoft lets us sell to this customer."),
        Account.UNREAD: (
            ItemState.WAITS_FOR_US,
            "We are asking Microsoft.",
            "Microsoft has not been asked yet; that happens every few minutes.",
        ),
        Account.IN_REVIEW: (
            ItemState.WAITS_FOR_US,
            "Microsoft is still looking at your company's details; that can take some days.",
            "Microsoft is still reviewing this customer. Nothing can be bought until it has; it can take some days.",
        ),
        Account.NOT_ALLOWED: (
            ItemState.WRONG,
            "Microsoft has not approved your company's details. We are on it.",
            "Microsoft has not approved this customer. Check its company data, then ask Microsoft's support.",
        ),
    }[facts.account]
    title = "Microsoft has approved your company"
    return Item(part=Part.ACCOUNT, title=title, state=state, text=text, for_staff=for_staff)


def _access(facts: TenantFacts, *, now: datetime) -> Item:
    access = facts.access
    if access is None or (access.state in OVER and facts.renewal is None):
        return _access_to_ask(access)
    if access.state not in IN_FORCE:
        return _access_on_its_way(facts.renewal or access, is_over=access.state in OVER)
    if access.missing_roles:
        return Item(
            part=Part.ACCESS,
            title=_ACCESS,
            state=ItemState.WRONG,
            text="Your approval leaves out something that we need. We ask you once more.",
            for_staff=f"The relationship lacks {', '.join(access.missing_roles)}. Ask for a new one.",
            until=access.ends_at,
            at=access.since,
        )
    if is_ending(access.state, ends_at=access.ends_at, now=now):
        return _access_that_ends(access, renewal=facts.renewal)
    return Item(
        part=Part.ACCESS,
        title=_ACCESS,
        state=ItemState.DONE,
        text="Approved. You can end it at any time in your Microsoft admin center.",
        for_staff="Delegated access (GDAP) is active with all the roles that we need.",
        at=access.since,
        until=access.ends_at,
    )


def _access_to_ask(access: AccessFacts | None) -> Item:
    if access is None:
        return Item(
            part=Part.ACCESS,
            title=_ACCESS,
            state=ItemState.WAITS_FOR_US,
            text="We ask you for it as soon as your tenant is ready.",
            for_staff="Delegated access (GDAP) has not been asked for.",
        )
    how = "has expired" if access.state is AccessState.EXPIRED else "was ended or rejected by the customer"
    return Item(
        part=Part.ACCESS,
        title=_ACCESS,
        state=ItemState.WRONG,
        text="Your approval has ended, so that users and licenses cannot be managed here. We ask you once more.",
        for_staff=f"Delegated access (GDAP) {how}. Ask for it again.",
        at=access.since,
    )


def _access_on_its_way(access: AccessFacts, *, is_over: bool) -> Item:
    if access.state in (AccessState.ASKED, AccessState.CREATED):
        return Item(
            part=Part.ACCESS,
            title=_ACCESS,
            state=ItemState.WRONG if access.problem else ItemState.WAITS_FOR_US,
            text="We are preparing the approval for you.",
            for_staff=access.problem or "Microsoft is being asked for the approval link.",
            at=access.since,
        )
    if access.state is AccessState.ACTIVATING:
        return Item(
            part=Part.ACCESS,
            title=_ACCESS,
            state=ItemState.WAITS_FOR_US,
            text="You have approved it; Microsoft is setting it up.",
            for_staff="The customer has approved; Microsoft is setting it up.",
            at=access.since,
        )
    before = "The former one is over. " if is_over else ""
    return Item(
        part=Part.ACCESS,
        title=_ACCESS,
        state=ItemState.WAITS_FOR_CUSTOMER,
        text="An administrator of your company approves it at Microsoft.",
        for_staff=f"{before}An administrator of the customer has not approved delegated access (GDAP) yet.",
        at=access.since,
        link=access.approval_link,
        means=_APPROVING_MEANS,
    )


def _access_that_ends(access: AccessFacts, *, renewal: AccessFacts | None) -> Item:
    if renewal is None or renewal.state in OVER:
        return Item(
            part=Part.ACCESS,
            title=_ACCESS,
            state=ItemState.WAITS_FOR_US,
            text="Your approval ends soon. We ask you for a new one.",
            for_staff="Delegated access (GDAP) ends soon. Ask for its renewal.",
            at=access.since,
            until=access.ends_at,
        )
    is_asked = renewal.state is AccessState.APPROVAL_PENDING
    return Item(
        part=Part.ACCESS,
        title=_ACCESS,
        state=ItemState.WAITS_FOR_CUSTOMER if is_asked else ItemState.WAITS_FOR_US,
        text="Your approval ends soon. An administrator of your company renews it at Microsoft.",
        for_staff="Delegated access (GDAP) ends soon; the customer has been asked for its renewal."
        if is_asked
        else renewal.problem or "Delegated access (GDAP) ends soon; Microsoft is being asked for the renewal's link.",
        at=renewal.since,
        until=access.ends_at,
        link=renewal.approval_link if is_asked else "",
        means=_APPROVING_MEANS if is_asked else "",
    )


def _group(facts: TenantFacts) -> Item:
    title = "Our team is set up for it"
    access = facts.access
    if access is None or access.state not in IN_FORCE:
        state, text, for_staff = ItemState.WAITS_FOR_US, "Comes after your approval.", "Comes after the approval."
    elif access.group is GroupState.ACTIVE and access.group_missing_roles and not access.missing_roles:
        state, text = ItemState.WRONG, "Something is missing on our side. We are on it."
        for_staff = (
            f"Our security group lacks {', '.join(access.group_missing_roles)}, which the customer has approved. "
            "Give it to the group in Partner Center, under Admin relationships."
        )
    elif access.group is GroupState.ACTIVE:
        state, text, for_staff = ItemState.DONE, "Done.", "Our security group holds the roles."
    elif access.group is GroupState.ERROR:
        state, text = ItemState.WRONG, "Something went wrong at Microsoft. We are on it."
        for_staff = "Microsoft could not give the roles to our security group. Look at the relationship there."
    else:
        state, text = ItemState.WAITS_FOR_US, "Microsoft is setting it up; that takes some minutes."
        for_staff = access.problem or "Microsoft is giving the roles to our security group."
        state = ItemState.WRONG if access.problem else state
    return Item(part=Part.GROUP, title=title, state=state, text=text, for_staff=for_staff)


def _reach(facts: TenantFacts) -> Item:
    title = "Your users can be reached"
    if facts.read_at is None:
        state, text, for_staff = ItemState.WAITS_FOR_US, "We try it in a moment.", "Not tried yet."
    elif not facts.reach_problem:
        state, text, for_staff = ItemState.DONE, "They can.", "People, licenses and domains can be read."
    elif facts.uses_access and (facts.access is None or facts.access.group is not GroupState.ACTIVE):
        state, text, for_staff = ItemState.WAITS_FOR_US, "Comes after your approval.", "Comes after the approval."
    else:
        state, text = ItemState.WRONG, "Microsoft does not let us see your users at present. We are on it."
        for_staff = facts.reach_problem
    return Item(part=Part.REACH, title=title, state=state, text=text, for_staff=for_staff)
