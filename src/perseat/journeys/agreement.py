"""Agreement: the Microsoft Customer Agreement, accepted by the customer and told to Microsoft by us."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from perseat.capabilities.accounts.queries import require_staff
from perseat.capabilities.customers.actions import record_agreement
from perseat.capabilities.customers.queries import get_tenant
from perseat.domain.rights import may_administer
from perseat.ports.outside import Outside
from perseat.ports.seat_provider import AgreementContact


def accept_agreement(
    outside: Outside,
    *,
    customer_id: int,
    tenant_row_id: int,
    contact: AgreementContact,
    user_id: int,
    now: datetime,
) -> None:
    """Tell Microsoft who accepted for the customer, then write it down. Repeating it tells the same once more.

    :raises NotAllowed: unless an administrator asks.
    :raises DoesNotBelong: when the tenant is not the customer's.
    :raises Refused, Unanswered, CredentialsRefused, WritesAreOff: (ports.failures) nothing was written down.
    """
    staff = require_staff(user_id, right=may_administer, act="record the Microsoft Customer Agreement")
    tenant = get_tenant(tenant_row_id, customer_id=customer_id)
    if tenant.has_agreement:
        return
    # One agreement a tenant, and so one request id: the answer may get lost and the question be repeated.
    request_id = uuid5(NAMESPACE_URL, f"agreement/{tenant.tenant_id}")
    outside.seats.accept_agreement(str(tenant.tenant_id), contact=contact, request_id=request_id)
    record_agreement(
        tenant_row_id,
        customer_id=customer_id,
        actor=staff.email,
        now=now,
        name=f"{contact.first_name} {contact.last_name}".strip(),
        email=contact.email,
        agreed_on=contact.agreed_on,
    )
