"""Tenant linking: a customer's own tenant accepts us as its reseller, and we notice by reading our customers."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.tenants import begin_tenant
from perseat.domain.events import TenantAsked
from perseat.domain.rights import may_administer
from perseat.domain.tenant_facts import BeginningKind
from perseat.journeys.reactions import react
from perseat.ports.outside import Outside

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")


class NoDomain(ValueError):
    """What was typed names no tenant."""

    def __init__(self) -> None:
        super().__init__("Type the tenant's domain, such as contoso.onmicrosoft.com, or its tenant ID.")


def name_of_tenant(text: str) -> str:
    """A typed domain or tenant id in the form in which it is compared.

    >>> name_of_tenant(" Contoso.Example ")
    'contoso.example'

    :raises NoDomain: when it is neither.
    """
    name = text.strip().lower()
    try:
        return str(UUID(name))
    except ValueError:
        if not _DOMAIN.fullmatch(name):
            raise NoDomain from None
        return name


def invite_tenant(outside: Outside, *, name: str, customer_id: int, user_id: int, now: datetime) -> int:
    """Wait for this tenant to accept us; the link that its administrator opens is kept with it. Returns its id.

    :raises NoDomain: when the name is neither a domain nor a tenant id.
    :raises NotAllowed: unless an administrator asks.
    :raises TenantIsOnItsWay: when another customer waits for it.
    :raises Refused, Unanswered, CredentialsRefused: (ports.failures) Microsoft gave no link; nothing is recorded.
    """
    domain = name_of_tenant(name)
    require_staff(user_id, right=may_administer, act="invite tenants")
    link = outside.tenancies.get_invitation_link()
    with transaction.atomic():
        recorded = begin_tenant(
            BeginningKind.LINK,
            domain=domain,
            typed={},
            invitation_link=link,
            customer_id=customer_id,
            user_id=user_id,
            now=now,
        )
        react(TenantAsked(beginning_id=recorded.beginning_id))
    return recorded.beginning_id
