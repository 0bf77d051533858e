"""Microsoft access: each thing that our sign-ins must be allowed to do is tried by reading, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from perseat.capabilities.customers.models import Tenant
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.ports.outside import Outside

_TENANTS_TRIED = 3
_MEND = "docs/howto/connect-microsoft.md says how to mend it."


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFinding:
    """One permission that was tried; `sentence` says what works, or what is missing and how to mend it."""

    subject: str
    is_granted: bool
    sentence: str


def try_access(outside: Outside) -> tuple[AccessFinding, ...]:
    """Try Partner Center as the partner, then Partner Center and Graph for the first few customers' tenants."""
    tenants = list(Tenant.objects.order_by("pk")[:_TENANTS_TRIED])
    findings = [
        _try(
            "Partner Center",
            outside.tenancies.get_invitation_link,
            well="the partner user's consent opens it.",
        )
    ]
    if not findings[0].is_granted:
        return tuple(findings)
    if outside.access.is_used:
        findings.append(
            _try("Delegated access (GDAP)", outside.access.try_reading, well="our relationships can be read.")
        )
    for tenant in tenants:
        findings.extend(_try_tenant(outside, tenant))
    return tuple(findings)


def notice_address(base_url: str) -> str:
    """Where this installation takes Microsoft's notices; empty where Microsoft could not reach it safely."""
    parts = urlsplit(base_url)
    is_near = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return f"{base_url}/webhooks/partner-center/" if parts.scheme == "https" or is_near else ""


def try_notices(outside: Outside, *, base_url: str) -> AccessFinding:
    """Whether Microsoft sends its notices of changes here."""
    subject, wanted = "notices of changes", notice_address(base_url)
    if not wanted:
        sentence = "Microsoft sends them to https addresses only; tenants are looked at every few hours instead."
        return AccessFinding(subject=subject, is_granted=True, sentence=sentence)
    try:
        address = outside.notices.get_address()
    except (CredentialsRefused, Refused, Unanswered) as failure:
        return AccessFinding(subject=subject, is_granted=False, sentence=_said(failure))
    if address != wanted:
        where = f"they go to {address}" if address else "nobody has asked for them"
        sentence = f"{where}; `perseat connect` has them sent to {wanted}."
        return AccessFinding(subject=subject, is_granted=False, sentence=sentence)
    return AccessFinding(subject=subject, is_granted=True, sentence=f"they are sent to {wanted}.")


def _try_tenant(outside: Outside, tenant: Tenant) -> Iterator[AccessFinding]:
    tenant_id, name = str(tenant.tenant_id), tenant.domain
    yield _try(
        f"{name} at Partner Center",
        lambda: (outside.seats.get_tenant(tenant_id), outside.seats.list_subscriptions(tenant_id)),
        well="the customer and its subscriptions can be read.",
    )
    signed_in = _try(f"{name} at Graph", lambda: outside.directory.get_organization(tenant_id), well="it opens.")
    yield signed_in
    if signed_in.is_granted:
        yield _permissions(outside, tenant_id=tenant_id, name=name)
        people = _try(
            f"{name}: people",
            lambda: (
                outside.directory.list_people(tenant_id, page_size=1),
                outside.directory.list_seat_counts(tenant_id),
                outside.directory.list_domains(tenant_id),
            ),
            well="people, seats and domains can be read.",
        )
        yield people


def _permissions(outside: Outside, *, tenant_id: str, name: str) -> AccessFinding:
    subject = f"{name}: permissions"
    try:
        missing = outside.directory.list_missing_permissions(tenant_id)
    except (CredentialsRefused, Refused, Unanswered) as failure:
        return AccessFinding(subject=subject, is_granted=False, sentence=_said(failure))
    if not missing:
        return AccessFinding(subject=subject, is_granted=True, sentence="our application has all that it needs.")
    return AccessFinding(
        subject=subject, is_granted=False, sentence=f"our application lacks {', '.join(missing)}; {_MEND}"
    )


def _try(subject: str, ask: Callable[[], object], *, well: str) -> AccessFinding:
    try:
        ask()
    except (CredentialsRefused, Refused, Unanswered) as failure:
        return AccessFinding(subject=subject, is_granted=False, sentence=_said(failure))
    return AccessFinding(subject=subject, is_granted=True, sentence=well)


def _said(failure: CredentialsRefused | Refused | Unanswered) -> str:
    if isinstance(failure, Unanswered):
        return f"{failure.sentence} Nothing can be said about our permissions; try again later."
    return f"{failure.sentence} {_MEND}"
