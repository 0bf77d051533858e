"""Tenant standing: how a linked tenant stands at Microsoft is read, and written down for the checklist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perseat.capabilities.customers.queries import DoesNotBelong
from perseat.capabilities.customers.tenant_queries import TenantView, get_tenant_view
from perseat.capabilities.customers.tenants import record_agreement_at_microsoft, record_reading
from perseat.domain.tenant_facts import Account
from perseat.journeys.tenant_access import drive_access
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.ports.outside import Outside


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reach:
    problem: str
    domains: tuple[str, ...]


def read_tenant(outside: Outside, tenant_row_id: int, *, now: datetime) -> None:
    """Read agreement, account check, delegated access and directory; ask for what is missing. May run twice.

    :raises Unanswered: (ports.failures) Microsoft was silent somewhere; what was learned before is kept.
    """
    try:
        tenant = get_tenant_view(tenant_row_id, uses_access=outside.access.is_used)
    except DoesNotBelong:
        return
    account, refusal = _read_standing(outside, tenant)
    drive_access(outside, tenant, now=now)
    reach = _try_directory(outside, tenant)
    record_reading(
        tenant_row_id, now=now, account=account, reach_problem=reach.problem or refusal, domains=reach.domains
    )


def _read_standing(outside: Outside, tenant: TenantView) -> tuple[Account, str]:
    """The account check, and why it could not be read."""
    try:
        standing = outside.tenancies.get_standing(str(tenant.tenant_id))
    except (Refused, CredentialsRefused) as refusal:
        return tenant.facts.account, refusal.sentence
    if standing.agreement is not None:
        record_agreement_at_microsoft(
            tenant.tenant_row_id,
            name=standing.agreement.name,
            email=standing.agreement.email,
            agreed_on=standing.agreement.agreed_on,
            is_signed_at_microsoft=standing.agreement.is_signed_at_supplier,
        )
    return Account(standing.account), ""


def _try_directory(outside: Outside, tenant: TenantView) -> _Reach:
    """Try what the pages need by reading; the sentence is that of the first thing that is refused."""
    tenant_id = str(tenant.tenant_id)
    try:
        outside.directory.list_people(tenant_id, page_size=1)
        outside.directory.list_seat_counts(tenant_id)
        domains = outside.directory.list_domains(tenant_id)
    except (Refused, CredentialsRefused) as refusal:
        return _Reach(problem=refusal.sentence, domains=())
    except Unanswered:
        if tenant.facts.read_at is None:
            raise
        return _Reach(problem=tenant.facts.reach_problem, domains=())
    return _Reach(problem="", domains=tuple(each.name for each in domains if each.is_verified))
