"""Tenant creation: a new Microsoft directory for a customer, asked for once and found again by its domain.

The intention is recorded first, with the request id of the one call that makes the tenant. A lost answer is read back:
by the worker, which looks for a customer of ours with this domain, or by whoever presses the button again, with the
same request id. The administrator's first password comes in the answer alone: it is handed to the page, and stored
nowhere.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.tenant_queries import Beginning, find_creation
from perseat.capabilities.customers.tenants import (
    KnownTenant,
    begin_tenant,
    end_beginning,
    note_beginning,
)
from perseat.domain.events import TenantAsked
from perseat.domain.rights import may_administer
from perseat.domain.tenant_facts import BeginningKind, BeginningState
from perseat.journeys.reactions import react
from perseat.journeys.tenant_finding import finish, look_for_tenant
from perseat.ports.failures import OutsideFailure, Refused, Unanswered, WritesAreOff
from perseat.ports.outside import Outside
from perseat.ports.tenancies import AddressAnswer, MadeTenant, NewTenant, PostalAddress

ENDING = ".onmicrosoft.com"
# Microsoft's rule for the part before it: letters and digits only, at most 27 of them.
_PRESSED_TWICE_WITHIN = timedelta(minutes=5)
_PREFIX = re.compile(r"[a-z0-9]{1,27}")


class PrefixUnusable(ValueError):
    """What was typed cannot be the beginning of a domain at Microsoft."""

    def __init__(self) -> None:
        super().__init__("Use letters a to z and digits only, at most 27 of them, and no spaces.")


class DomainTaken(Exception):
    """Somebody has the domain already."""

    def __init__(self, *, domain: str) -> None:
        super().__init__(f"{domain} is taken. Choose another name.")
        self.domain = domain


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationAnswer:
    """What came of it. `made` is None when the answer got lost; the worker then looks for the tenant."""

    beginning_id: int
    tenant_row_id: int | None
    made: MadeTenant | None


def domain_of(prefix: str) -> str:
    """The domain of a typed name, with or without Microsoft's ending.

    >>> domain_of(" Contoso.onmicrosoft.com ")
    'contoso.onmicrosoft.com'

    :raises PrefixUnusable: when Microsoft would take no such name.
    """
    name = prefix.strip().lower().removesuffix(ENDING)
    if not _PREFIX.fullmatch(name):
        raise PrefixUnusable
    return name + ENDING


def check_domain(outside: Outside, *, prefix: str, customer_id: int, now: datetime) -> str:
    """The domain, when it is free or was asked for by this customer already (or made for it a moment ago).

    :raises PrefixUnusable, DomainTaken: otherwise. Raises as the port, besides.
    """
    domain = domain_of(prefix)
    asked_before = find_creation(domain, customer_id=customer_id, made_since=now - _PRESSED_TWICE_WITHIN)
    if asked_before is None and not outside.tenancies.is_domain_free(domain):
        raise DomainTaken(domain=domain)
    return domain


def check_address(outside: Outside, address: PostalAddress) -> AddressAnswer:
    """What Microsoft thinks of an address. Raises as the port."""
    return outside.tenancies.check_address(address)


def create_tenant(
    outside: Outside, *, tenant: NewTenant, customer_id: int, user_id: int, now: datetime
) -> CreationAnswer:
    """Have Microsoft make the tenant and link it. Asking again for the same domain makes no second one.

    :raises NotAllowed: unless an administrator asks.
    :raises TenantIsOnItsWay: when another customer waits for this domain.
    :raises DomainTaken: when somebody was quicker.
    :raises Refused, CredentialsRefused, WritesAreOff: (ports.failures) Microsoft's sentence; no tenant was made.
    """
    staff = require_staff(user_id, right=may_administer, act="create tenants")
    if not outside.supplier_writes:
        raise WritesAreOff("Writing to Microsoft is switched off (PERSEAT_SUPPLIER_WRITES).")
    known_before = find_creation(tenant.domain, customer_id=customer_id, made_since=now - _PRESSED_TWICE_WITHIN)
    if known_before is None and not outside.tenancies.is_domain_free(tenant.domain):
        raise DomainTaken(domain=tenant.domain)
    if known_before is not None and known_before.tenant_row_id is not None:
        return _tell_again(outside, tenant, known_before)
    with transaction.atomic():
        recorded = begin_tenant(
            BeginningKind.CREATE,
            domain=tenant.domain,
            typed=written(tenant),
            invitation_link="",
            customer_id=customer_id,
            user_id=user_id,
            now=now,
        )
        react(TenantAsked(beginning_id=recorded.beginning_id))
    made = _ask(outside, tenant, beginning_id=recorded.beginning_id, request_id=recorded.request_id, now=now)
    if made is None:
        found = _read_back(outside, recorded.beginning_id, now=now)
        return CreationAnswer(beginning_id=recorded.beginning_id, tenant_row_id=found, made=None)
    known = KnownTenant(
        tenant_id=UUID(made.tenant_id),
        company=tenant.company,
        domain=tenant.domain,
        domains=(),
        country=tenant.address.country,
        has_agreement=False,
    )
    tenant_row_id = finish(
        outside,
        known,
        beginning_id=recorded.beginning_id,
        customer_id=customer_id,
        actor=staff.email,
        now=now,
    )
    return CreationAnswer(beginning_id=recorded.beginning_id, tenant_row_id=tenant_row_id, made=made)


def _tell_again(outside: Outside, tenant: NewTenant, beginning: Beginning) -> CreationAnswer:
    """The button was pressed twice: Microsoft repeats its answer to the same request id, with the password in it."""
    try:
        made = outside.tenancies.create_tenant(tenant, request_id=beginning.request_id)
    except (Refused, Unanswered):
        made = None
    return CreationAnswer(beginning_id=beginning.beginning_id, tenant_row_id=beginning.tenant_row_id, made=made)


def _read_back(outside: Outside, beginning_id: int, *, now: datetime) -> int | None:
    """Look for a tenant whose answer was lost; its row's id, None while Microsoft shows none."""
    try:
        return look_for_tenant(outside, beginning_id, now=now)
    except OutsideFailure:
        return None


def written(tenant: NewTenant) -> dict[str, str]:
    """What a new tenant is made from, as it is kept; it holds no secret."""
    facts = asdict(tenant)
    address = facts.pop("address")
    return {**facts, **{f"address_{name}": value for name, value in address.items()}}


def read_written(beginning: Beginning) -> NewTenant:
    """The same again, for asking once more."""
    typed = beginning.typed
    address = {name.removeprefix("address_"): value for name, value in typed.items() if name.startswith("address_")}
    rest = {name: value for name, value in typed.items() if not name.startswith("address_")}
    return NewTenant(**rest, address=PostalAddress(**address))


def _ask(
    outside: Outside, tenant: NewTenant, *, beginning_id: int, request_id: UUID, now: datetime
) -> MadeTenant | None:
    """The answer; None when it got lost."""
    try:
        return outside.tenancies.create_tenant(tenant, request_id=request_id)
    except Unanswered as silence:
        note_beginning(beginning_id, sentence=silence.sentence)
        return None
    except Refused as refusal:
        # After a lost answer Microsoft may say that the domain is taken: by us. Then it is there to be read.
        if _read_back(outside, beginning_id, now=now) is not None:
            return None
        end_beginning(beginning_id, state=BeginningState.REFUSED, now=now, sentence=refusal.sentence)
        raise
