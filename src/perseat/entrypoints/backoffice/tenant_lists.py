"""A tenant's checklist as the back office shows it: a word for each state, and the act that comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from perseat import wiring
from perseat.capabilities.customers.queries import CustomerFacts
from perseat.domain.tenant_checklist import Item, ItemState, Part
from perseat.journeys.tenant_beginning import TenantChecklist, get_tenant_checklists

_LABELS = {
    ItemState.DONE: ("Done", "good"),
    ItemState.WAITS_FOR_CUSTOMER: ("Waits for the customer", "wait"),
    ItemState.WAITS_FOR_US: ("Waits for us", "wait"),
    ItemState.WRONG: ("Wrong", "bad"),
}


_TITLES = {
    Part.TENANT: "Tenant",
    Part.AGREEMENT: "Microsoft Customer Agreement",
    Part.ACCOUNT: "Account check",
    Part.ACCESS: "Delegated access (GDAP)",
    Part.GROUP: "Our security group",
    Part.REACH: "Users and licenses",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """An item under the staff's own title.

    `address` and `link_label`: a page to go to; `act` and `button`: an address to post to; each may be "".
    """

    item: Item
    label: str
    tone: str
    address: str = ""
    link_label: str = ""
    act: str = ""
    button: str = ""

    @property
    def title(self) -> str:
        """What it is called in the back office; the customer reads other words."""
        return _TITLES[self.item.part]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """A checklist; `read_act` and `withdraw_act`: addresses to post to, "" when there is nothing to do."""

    checklist: TenantChecklist
    rows: tuple[ItemRow, ...]
    again_act: str = ""
    read_act: str = ""
    withdraw_act: str = ""


def list_rows(customer: CustomerFacts, *, now: datetime) -> tuple[ListRow, ...]:
    """Every checklist of a customer."""
    found = get_tenant_checklists(wiring.get_outside(), customer_id=customer.customer_id, now=now)
    return tuple(_list_row(each, number=customer.number) for each in found)


def _list_row(checklist: TenantChecklist, *, number: str) -> ListRow:
    rows = tuple(_item_row(item, checklist, number=number) for item in checklist.items)
    if checklist.tenant_row_id is not None:
        read = reverse("office:tenant-read", args=[number, checklist.tenant_row_id])
        return ListRow(checklist=checklist, rows=rows, read_act=read)
    if checklist.beginning_id is None:
        return ListRow(checklist=checklist, rows=rows)
    named = [number, checklist.beginning_id]
    is_open = checklist.can_be_asked_again and checklist.items[0].state is not ItemState.WRONG
    return ListRow(
        checklist=checklist,
        rows=rows,
        again_act=reverse("office:tenant-ask-again", args=named) if is_open else "",
        withdraw_act=reverse("office:tenant-withdraw", args=named),
    )


def _item_row(item: Item, checklist: TenantChecklist, *, number: str) -> ItemRow:
    label, tone = _LABELS[item.state]
    row_id = checklist.tenant_row_id
    if item.part is Part.TENANT and row_id is None and checklist.beginning_id is None:
        address = reverse("office:customer-tenant", args=[number])
        return ItemRow(item=item, label=label, tone=tone, address=address, link_label="Begin")
    if item.part is Part.AGREEMENT and row_id is not None and not item.is_done:
        address = reverse("office:customer-subscriptions", args=[number, row_id])
        return ItemRow(item=item, label=label, tone=tone, address=address, link_label="Say who accepted")
    if item.part is Part.ACCESS and row_id is not None and _can_be_asked(item):
        act = reverse("office:tenant-access", args=[number, row_id])
        return ItemRow(item=item, label=label, tone=tone, act=act, button="Ask for access")
    return ItemRow(item=item, label=label, tone=tone)


def _can_be_asked(item: Item) -> bool:
    return item.state in (ItemState.WRONG, ItemState.WAITS_FOR_US) and not item.link
