"""Tenant finding: a tenant that is waited for is looked for among our customers at Microsoft, and then linked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from perseat.capabilities.customers.tenant_queries import Beginning, get_beginning
from perseat.capabilities.customers.tenants import (
    KnownTenant,
    TenantIsTaken,
    begin_access,
    end_beginning,
    keep_tenant,
    lock_beginning,
    note_beginning,
)
from perseat.domain.events import TenantLinked
from perseat.domain.tenant_facts import BeginningState
from perseat.journeys.reactions import react
from perseat.ports.failures import CredentialsRefused, NotFound, Refused
from perseat.ports.outside import Outside


def look_for_tenant(outside: Outside, beginning_id: int, *, now: datetime) -> int | None:
    """Link the tenant if it is a customer of ours by now; its row's id, None while it is not. May run twice.

    :raises Unanswered, WritesAreOff: (ports.failures) nothing is known.
    """
    beginning = get_beginning(beginning_id)
    if beginning.facts.state is not BeginningState.OPEN:
        return None
    try:
        known = _find(outside, beginning)
    except (Refused, CredentialsRefused) as refusal:
        note_beginning(beginning_id, sentence=refusal.sentence)
        return None
    if known is None:
        return None
    try:
        return finish(
            outside,
            known,
            beginning_id=beginning_id,
            customer_id=beginning.customer_id,
            actor=beginning.asked_by,
            now=now,
        )
    except TenantIsTaken as problem:
        end_beginning(beginning_id, state=BeginningState.REFUSED, now=now, sentence=str(problem))
        return None


def finish(
    outside: Outside, known: KnownTenant, *, beginning_id: int, customer_id: int, actor: str, now: datetime
) -> int:
    """Keep the tenant that has come, close its beginning, and have the access asked for that we need.

    :raises TenantIsTaken: when it is another customer's.
    """
    with transaction.atomic():
        found = lock_beginning(beginning_id, customer_id=customer_id)
        if found is not None:
            return found  # the worker and whoever pressed the button may both have it
        row = keep_tenant(known, customer_id=customer_id, actor=actor, now=now)
        end_beginning(beginning_id, state=BeginningState.DONE, now=now, tenant_row_id=row.pk)
        if outside.access.is_used and not row.accesses.exists():
            begin_access(row.pk, customer_id=customer_id, actor=actor, now=now)
        react(TenantLinked(tenant_row_id=row.pk))
    return row.pk


def _find(outside: Outside, beginning: Beginning) -> KnownTenant | None:
    name = beginning.facts.domain
    try:
        tenant_id = str(UUID(name))
    except ValueError:
        found = outside.tenancies.find_tenant(name)
        if found is None:
            return None
        tenant_id = found.tenant_id
    try:
        known = outside.seats.get_tenant(tenant_id)
    except NotFound:
        return None
    return KnownTenant(
        tenant_id=UUID(tenant_id),
        company=known.company,
        domain=known.domain,
        domains=(),
        country=known.country,
        has_agreement=known.has_agreement,
    )
