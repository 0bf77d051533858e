"""Reads around a customer's tenant: what is on its way, how the linked ones stand, and whom to ask again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from perseat.capabilities.customers.models import DelegatedAccess, Tenant, TenantBeginning
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.domain.tenant_access import IN_FORCE, OVER, WARNED_BEFORE, AccessState, GroupState, missing_roles
from perseat.domain.tenant_facts import (
    AccessFacts,
    Account,
    AgreementFacts,
    BeginningFacts,
    BeginningKind,
    BeginningState,
    TenantFacts,
)

_READ_AGAIN_AFTER = timedelta(hours=6)
_LOOK_AGAIN_AFTER = timedelta(hours=1)
_NEWS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A tenant on its way. `typed`: what a new one is made from; `tenant_row_id`: once it is linked."""

    beginning_id: int
    customer_id: int
    facts: BeginningFacts
    typed: dict[str, str]
    request_id: UUID
    asked_by: str
    tenant_row_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantView:
    """A linked tenant with its facts, as the checklist takes them."""

    tenant_row_id: int
    customer_id: int
    tenant_id: UUID
    company: str
    facts: TenantFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccess:
    """A relationship that is not over, to be looked at or asked for."""

    access_id: int
    name: str
    relationship_id: str
    state: AccessState


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingAccess:
    """A customer whose delegated access ends soon; `ends_at` is exclusive."""

    customer_number: str
    customer_name: str
    domain: str
    ends_at: datetime


def list_beginnings(customer_id: int) -> tuple[Beginning, ...]:
    """Those that are open, or were refused and nobody has taken back yet; the first asked first."""
    states = (BeginningState.OPEN, BeginningState.REFUSED)
    rows = TenantBeginning.objects.filter(customer_id=customer_id, state__in=states)
    return tuple(_beginning(row) for row in rows.order_by("pk"))


def get_beginning(beginning_id: int, *, customer_id: int | None = None) -> Beginning:
    """One beginning; DoesNotBelong when there is none, or none of this customer."""
    rows = TenantBeginning.objects.filter(pk=beginning_id)
    row = (rows if customer_id is None else rows.filter(customer_id=customer_id)).first()
    if row is None:
        raise DoesNotBelong(beginning_id)
    return _beginning(row)


def find_creation(domain: str, *, customer_id: int, made_since: datetime | None = None) -> Beginning | None:
    """The customer's creation of this domain that is open, or was done since that moment (included)."""
    wanted = Q(state=BeginningState.OPEN)
    if made_since is not None:
        wanted |= Q(state=BeginningState.DONE, ended_at__gte=made_since)
    rows = TenantBeginning.objects.filter(wanted, kind=BeginningKind.CREATE, domain=domain, customer_id=customer_id)
    row = rows.order_by("-pk").first()
    return _beginning(row) if row else None


def list_open_beginnings() -> tuple[int, ...]:
    """Ids of everything that is waited for."""
    rows = TenantBeginning.objects.filter(state=BeginningState.OPEN)
    return tuple(rows.order_by("pk").values_list("pk", flat=True))


def list_tenant_views(customer_id: int, *, uses_access: bool) -> tuple[TenantView, ...]:
    """The customer's tenants, the first linked first; two queries, however many."""
    rows = Tenant.objects.filter(customer_id=customer_id).prefetch_related("accesses").order_by("pk")
    return tuple(_view(row, uses_access=uses_access) for row in rows)


def get_tenant_view(tenant_row_id: int, *, uses_access: bool) -> TenantView:
    """One tenant; DoesNotBelong when there is none."""
    row = Tenant.objects.filter(pk=tenant_row_id).prefetch_related("accesses").first()
    if row is None:
        raise DoesNotBelong(tenant_row_id)
    return _view(row, uses_access=uses_access)


def list_open_accesses(tenant_row_id: int) -> tuple[OpenAccess, ...]:
    """The tenant's relationships that are not over, the first asked first."""
    rows = DelegatedAccess.objects.filter(tenant_id=tenant_row_id).exclude(state__in=OVER).order_by("pk")
    return tuple(
        OpenAccess(access_id=row.pk, name=row.name, relationship_id=row.relationship_id, state=AccessState(row.state))
        for row in rows
    )


def list_tenants_to_read(*, now: datetime) -> tuple[int, ...]:
    """Ids of tenants with something left to do, and of those that were not read for six hours.

    Where nothing has happened for a week, such as an agreement that nobody signs, looking once an hour is enough.
    """
    waiting = DelegatedAccess.objects.filter(tenant=OuterRef("pk")).exclude(state__in=OVER)
    waiting = waiting.exclude(state__in=IN_FORCE, group_state=GroupState.ACTIVE)
    recently = now - _NEWS_FOR
    is_news = Q(linked_at__gte=recently) | Exists(
        waiting.filter(Q(asked_at__gte=recently) | Q(changed_at__gte=recently))
    )
    unfinished = (Q(has_agreement=False) | ~Q(account=Account.ALLOWED) | ~Q(reach_problem="") | Exists(waiting)) & (
        is_news | Q(read_at__lt=now - _LOOK_AGAIN_AFTER)
    )
    due = Q(read_at=None) | Q(read_at__lt=now - _READ_AGAIN_AFTER) | unfinished
    return tuple(Tenant.objects.filter(due).order_by("pk").values_list("pk", flat=True))


def list_ending_accesses(*, now: datetime) -> tuple[EndingAccess, ...]:
    """Relationships in force that end within sixty days and have no successor in force; the nearest end first."""
    later = DelegatedAccess.objects.filter(tenant=OuterRef("tenant"), pk__gt=OuterRef("pk"), state__in=IN_FORCE)
    rows = DelegatedAccess.objects.filter(state__in=IN_FORCE, ends_at__lte=now + WARNED_BEFORE).exclude(Exists(later))
    return tuple(
        EndingAccess(
            customer_number=row.tenant.customer.number,
            customer_name=row.tenant.customer.legal_name,
            domain=row.tenant.domain,
            ends_at=row.ends_at,
        )
        for row in rows.select_related("tenant__customer").order_by("ends_at")
        if row.ends_at is not None
    )


def _beginning(row: TenantBeginning) -> Beginning:
    return Beginning(
        beginning_id=row.pk,
        customer_id=row.customer_id,
        facts=BeginningFacts(
            kind=BeginningKind(row.kind),
            state=BeginningState(row.state),
            domain=row.domain,
            invitation_link=row.invitation_link,
            sentence=row.sentence,
            since=row.ended_at or row.asked_at,
        ),
        typed=row.typed,
        request_id=row.request_id,
        asked_by=row.asked_by,
        tenant_row_id=row.tenant_id,
    )


def _view(row: Tenant, *, uses_access: bool) -> TenantView:
    access, renewal = _which_counts(sorted(row.accesses.all(), key=lambda each: each.pk))
    agreement = AgreementFacts(
        name=row.agreed_by, agreed_on=row.agreed_on, is_signed_at_microsoft=row.is_signed_at_microsoft
    )
    return TenantView(
        tenant_row_id=row.pk,
        customer_id=row.customer_id,
        tenant_id=row.tenant_id,
        company=row.company,
        facts=TenantFacts(
            domain=row.domain,
            linked_at=row.linked_at,
            agreement=agreement if row.has_agreement else None,
            account=Account(row.account),
            # One that was asked for while it was used is still shown when the setting is gone.
            uses_access=uses_access or access is not None,
            access=_access(access) if access else None,
            renewal=_access(renewal) if renewal else None,
            reach_problem=row.reach_problem,
            read_at=row.read_at,
        ),
    )


def _which_counts(rows: Sequence[DelegatedAccess]) -> tuple[DelegatedAccess | None, DelegatedAccess | None]:
    """The newest in force, else the newest but what renews it; and a later one that is on its way."""
    if not rows:
        return None, None
    in_force = [row for row in rows if row.state in IN_FORCE]
    newest = rows[-1]
    if in_force:
        return in_force[-1], newest if newest is not in_force[-1] else None
    if newest.state not in OVER and len(rows) > 1:
        return rows[-2], newest
    return newest, None


def _access(row: DelegatedAccess) -> AccessFacts:
    state = AccessState(row.state)
    return AccessFacts(
        state=state,
        approval_link=row.approval_link,
        ends_at=row.ends_at,
        missing_roles=missing_roles(row.role_ids) if state in IN_FORCE else (),
        group=GroupState(row.group_state),
        group_missing_roles=missing_roles(row.group_role_ids) if row.group_state == GroupState.ACTIVE else (),
        problem=row.problem,
        since=row.changed_at,
    )
