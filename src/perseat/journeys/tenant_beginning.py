"""Tenant beginning: what is still missing before a customer's people can work, as one list for staff and customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perseat.capabilities.customers.tenant_queries import list_beginnings, list_tenant_views
from perseat.domain.tenant_checklist import (
    Item,
    checklist_of_beginning,
    checklist_of_tenant,
    checklist_without_tenant,
    is_complete,
)
from perseat.domain.tenant_facts import BeginningKind
from perseat.ports.outside import Outside


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantChecklist:
    """The list of one tenant, or of one that is on its way; with neither, of the customer as a whole.

    `can_be_asked_again`: a creation whose answer was lost. `read_at`: when Microsoft was last asked, None for never.
    """

    name: str
    tenant_row_id: int | None
    tenant_id: UUID | None
    beginning_id: int | None
    can_be_asked_again: bool
    read_at: datetime | None
    items: tuple[Item, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return is_complete(self.items)

    @property
    def done(self) -> int:
        """How many items are done."""
        return sum(item.is_done for item in self.items)


def get_tenant_checklists(outside: Outside, *, customer_id: int, now: datetime) -> tuple[TenantChecklist, ...]:
    """At least one list; linked tenants first. Three queries, and nobody outside is asked."""
    views = list_tenant_views(customer_id, uses_access=outside.access.is_used)
    lists = [
        TenantChecklist(
            name=view.facts.domain,
            tenant_row_id=view.tenant_row_id,
            tenant_id=view.tenant_id,
            beginning_id=None,
            can_be_asked_again=False,
            read_at=view.facts.read_at,
            items=checklist_of_tenant(view.facts, now=now),
        )
        for view in views
    ]
    lists += [
        TenantChecklist(
            name=each.facts.domain,
            tenant_row_id=None,
            tenant_id=None,
            beginning_id=each.beginning_id,
            can_be_asked_again=each.facts.kind is BeginningKind.CREATE,
            read_at=None,
            items=checklist_of_beginning(each.facts),
        )
        for each in list_beginnings(customer_id)
    ]
    if not lists:
        lists.append(
            TenantChecklist(
                name="",
                tenant_row_id=None,
                tenant_id=None,
                beginning_id=None,
                can_be_asked_again=False,
                read_at=None,
                items=checklist_without_tenant(),
            )
        )
    return tuple(lists)
