"""Writes around a customer's tenant: how it begins, what Microsoft says of it, and the access that it lends us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.models import Customer, DelegatedAccess, Tenant, TenantBeginning
from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.domain.rights import may_administer
from perseat.domain.tenant_access import IN_FORCE, OVER, AccessState, GroupState, is_ending, relationship_name
from perseat.domain.tenant_facts import Account, BeginningKind, BeginningState

_LONGEST_SENTENCE = 500


class TenantIsTaken(Exception):
    """The tenant is linked to another customer."""

    def __init__(self, *, customer_number: str) -> None:
        super().__init__(f"This tenant belongs to customer {customer_number}.")
        self.customer_number = customer_number


class TenantIsOnItsWay(Exception):
    """Another beginning with this domain is still open."""

    def __init__(self, *, domain: str, customer_number: str) -> None:
        super().__init__(f"{domain} is on its way already, for customer {customer_number}.")


class AccessIsInForce(Exception):
    """There is a relationship that lasts; another one is asked for when its end is near."""

    def __init__(self) -> None:
        super().__init__("Delegated access is active and lasts. A renewal can be asked for sixty days before its end.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTenant:
    """What Microsoft says of a tenant that is linked. `domains`: verified ones, empty when they could not be read."""

    tenant_id: UUID
    company: str
    domain: str
    domains: tuple[str, ...]
    country: str
    has_agreement: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBeginning:
    """A beginning that is recorded; `request_id` goes with the call that makes the tenant."""

    beginning_id: int
    request_id: UUID


@transaction.atomic
def begin_tenant(
    kind: BeginningKind,
    *,
    domain: str,
    typed: Mapping[str, str],
    invitation_link: str,
    customer_id: int,
    user_id: int,
    now: datetime,
) -> OpenBeginning:
    """Record the intention; one that is open for the same customer and domain already is returned as it is.

    :raises NotAllowed: unless an administrator asks.
    :raises TenantIsOnItsWay: when it is open for another customer, or in the other way.
    """
    staff = require_staff(user_id, right=may_administer, act="begin a tenant")
    customer = _lock_customer(customer_id)
    # What was refused before is answered by trying again.
    refused = TenantBeginning.objects.filter(customer=customer, kind=kind, state=BeginningState.REFUSED)
    refused.update(state=BeginningState.WITHDRAWN)
    TenantBeginning.objects.bulk_create(
        [
            TenantBeginning(
                customer=customer,
                kind=kind,
                domain=domain,
                typed=dict(typed),
                request_id=uuid4(),
                invitation_link=invitation_link,
                asked_by=staff.email,
                asked_at=now,
            )
        ],
        ignore_conflicts=True,  # the database refuses a second open one; which one stands is read below
    )
    found = TenantBeginning.objects.select_related("customer").get(domain=domain, state=BeginningState.OPEN)
    if found.customer_id != customer_id or found.kind != kind:
        raise TenantIsOnItsWay(domain=domain, customer_number=found.customer.number)
    if found.asked_at == now and found.asked_by == staff.email:
        verb = "asked Microsoft for a tenant" if kind is BeginningKind.CREATE else "invited a tenant"
        record_audit(verb, actor=staff.email, object_label=domain, at=now, customer_number=customer.number)
    return OpenBeginning(beginning_id=found.pk, request_id=found.request_id)


def lock_beginning(beginning_id: int, *, customer_id: int) -> int | None:
    """Lock a customer and one of its beginnings, in a transaction; the id of its tenant's row if it is done already."""
    _lock_customer(customer_id)
    row = TenantBeginning.objects.select_for_update().get(pk=beginning_id, customer_id=customer_id)
    return row.tenant_id if row.state == BeginningState.DONE else None


@transaction.atomic
def end_beginning(
    beginning_id: int, *, state: BeginningState, now: datetime, sentence: str = "", tenant_row_id: int | None = None
) -> None:
    """Close a beginning that is still open: done with its tenant, or refused with Microsoft's sentence."""
    row = TenantBeginning.objects.select_for_update().get(pk=beginning_id)
    if row.state != BeginningState.OPEN:
        return
    row.state, row.ended_at, row.tenant_id = state, now, tenant_row_id
    row.sentence = sentence[:_LONGEST_SENTENCE]
    row.save(update_fields=["state", "ended_at", "tenant", "sentence"])


def note_beginning(beginning_id: int, *, sentence: str) -> None:
    """Keep what Microsoft said last of an open beginning."""
    rows = TenantBeginning.objects.filter(pk=beginning_id, state=BeginningState.OPEN)
    rows.update(sentence=sentence[:_LONGEST_SENTENCE])


@transaction.atomic
def withdraw_beginning(beginning_id: int, *, customer_id: int, user_id: int, now: datetime) -> None:
    """Stop waiting for a tenant; nothing is changed at Microsoft.

    :raises NotAllowed: unless an administrator asks.
    :raises DoesNotBelong: when the beginning is not the customer's.
    """
    staff = require_staff(user_id, right=may_administer, act="withdraw a tenant's beginning")
    customer = _lock_customer(customer_id)
    row = TenantBeginning.objects.filter(pk=beginning_id, customer_id=customer_id).first()
    if row is None:
        raise DoesNotBelong(beginning_id)
    if row.state in (BeginningState.DONE, BeginningState.WITHDRAWN):
        return
    row.state, row.ended_at = BeginningState.WITHDRAWN, now
    row.save(update_fields=["state", "ended_at"])
    record_audit(
        "no longer waits for a tenant",
        actor=staff.email,
        object_label=row.domain,
        at=now,
        customer_number=customer.number,
    )


@transaction.atomic
def keep_tenant(known: KnownTenant, *, customer_id: int, actor: str, now: datetime) -> Tenant:
    """Keep a tenant as the customer's; keeping it again takes over what is known now.

    :raises DoesNotBelong: when there is no such customer.
    :raises TenantIsTaken: when it is another customer's.
    """
    customer = _lock_customer(customer_id)
    taken = Tenant.objects.filter(tenant_id=known.tenant_id).select_related("customer").first()
    if taken is not None and taken.customer_id != customer_id:
        raise TenantIsTaken(customer_number=taken.customer.number)
    facts: dict[str, object] = {"company": known.company, "domain": known.domain, "country": known.country}
    if known.domains or taken is None:
        facts["domains"] = list(known.domains or (known.domain,))
    if known.has_agreement or taken is None:
        facts["has_agreement"] = known.has_agreement
    first = {**facts, "customer": customer, "linked_at": now}
    tenant, _created = Tenant.objects.update_or_create(tenant_id=known.tenant_id, defaults=facts, create_defaults=first)
    if tenant.customer_id != customer_id:  # of two who link it at once, too, the first has it
        raise TenantIsTaken(customer_number=tenant.customer.number)
    record_audit(
        "linked tenant",
        actor=actor,
        object_label=known.domain,
        at=now,
        customer_number=customer.number,
        details={"tenant": str(known.tenant_id)},
    )
    return tenant


@transaction.atomic
def record_agreement_at_microsoft(
    tenant_row_id: int, *, name: str, email: str, agreed_on: date | None, is_signed_at_microsoft: bool
) -> None:
    """Write down what Microsoft says of the agreement. One that was accepted is never taken back by a reading."""
    Tenant.objects.filter(pk=tenant_row_id).update(
        has_agreement=True,
        agreed_by=name[:201],
        agreed_email=email[:254],
        agreed_on=agreed_on,
        is_signed_at_microsoft=is_signed_at_microsoft,
    )


def record_reading(
    tenant_row_id: int, *, now: datetime, account: Account, reach_problem: str, domains: Sequence[str]
) -> None:
    """Write down what was read; no domains means that they could not be read and stay as they were."""
    facts: dict[str, object] = {
        "account": account,
        "reach_problem": reach_problem[:_LONGEST_SENTENCE],
        "read_at": now,
    }
    if domains:
        facts["domains"] = list(domains)
    Tenant.objects.filter(pk=tenant_row_id).update(**facts)


@transaction.atomic
def begin_access(tenant_row_id: int, *, customer_id: int, actor: str, now: datetime) -> int:
    """Record that delegated access shall be asked for; one that is on its way already is returned as it is.

    :raises DoesNotBelong: when the tenant is not the customer's.
    :raises AccessIsInForce: when there is one with all that we need, and its end is not near.
    """
    customer = _lock_customer(customer_id)
    tenant = Tenant.objects.select_for_update().filter(pk=tenant_row_id, customer_id=customer_id).first()
    if tenant is None:
        raise DoesNotBelong(tenant_row_id)
    rows = list(DelegatedAccess.objects.filter(tenant=tenant).order_by("pk"))
    newest = rows[-1] if rows else None
    if newest is not None and newest.state not in OVER | IN_FORCE:
        return newest.pk
    if newest is not None and lasts(newest, now=now):
        raise AccessIsInForce
    access = DelegatedAccess.objects.create(
        tenant=tenant,
        name=relationship_name(customer_number=customer.number, tenant_id=str(tenant.tenant_id), ordinal=len(rows) + 1),
        asked_by=actor,
        asked_at=now,
        changed_at=now,
    )
    record_audit(
        "asked for delegated access",
        actor=actor,
        object_label=tenant.domain,
        at=now,
        customer_number=customer.number,
        details={"name": access.name},
    )
    return access.pk


@transaction.atomic
def record_access(
    access_id: int,
    *,
    relationship_id: str,
    state: AccessState,
    approval_link: str,
    role_ids: Sequence[str],
    ends_at: datetime | None,
    group_state: GroupState,
    group_role_ids: Sequence[str],
    now: datetime,
) -> None:
    """Write down how a relationship stands at Microsoft; `changed_at` moves only when it stands otherwise."""
    row = DelegatedAccess.objects.select_for_update().select_related("tenant__customer").get(pk=access_id)
    before = (row.state, row.group_state)
    row.relationship_id, row.approval_link = relationship_id, approval_link
    row.role_ids, row.ends_at, row.problem = list(role_ids), ends_at, ""
    row.state, row.group_state, row.group_role_ids = state, group_state, list(group_role_ids)
    if before != (row.state, row.group_state):
        row.changed_at = now
    row.save()
    if before[0] != row.state:
        record_audit(
            f"found delegated access {state.replace('_', ' ')}",
            actor="Microsoft",
            object_label=row.tenant.domain,
            at=now,
            customer_number=row.tenant.customer.number,
            details={"name": row.name},
        )


def note_access(access_id: int, *, problem: str) -> None:
    """Keep what Microsoft said against a relationship."""
    DelegatedAccess.objects.filter(pk=access_id).update(problem=problem[:_LONGEST_SENTENCE])


def lasts(row: DelegatedAccess, *, now: datetime) -> bool:
    """Whether a relationship is in force with all that we need, and does not end soon."""
    state = AccessState(row.state)
    return state in IN_FORCE and not row.lacks_roles and not is_ending(state, ends_at=row.ends_at, now=now)


def _lock_customer(customer_id: int) -> Customer:
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise DoesNotBelong(customer_id)
    return customer
