"""Reads of customers: who may act for whom, members and invitations, billing details, the staff's list."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Count, Q

from perseat.capabilities.accounts.queries import NotAllowed
from perseat.capabilities.customers.models import Customer, Invitation, Membership, Tenant
from perseat.domain.parties import PaymentTerms, TaxTreatment
from perseat.domain.rights import MemberRole


class DoesNotBelong(LookupError):
    """The thing is not this customer's, or the person not this customer's member; doors answer 404."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person who may act for a customer, and in which role."""

    membership_id: int
    user_id: int
    email: str
    full_name: str
    customer_id: int
    customer_number: str
    customer_name: str
    role: MemberRole
    currency: str
    time_zone: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvitation:
    """An invitation that nobody has accepted or withdrawn; it may have expired."""

    invitation_id: int
    email: str
    role: MemberRole
    invited_by: str
    created_at: datetime
    expires_at: datetime
    is_expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingDetails:
    """What a customer's next documents say of the buyer."""

    customer_id: int
    customer_number: str
    legal_name: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    tax_number: str
    order_reference: str
    invoice_email: str
    tax_treatment: TaxTreatment
    exemption_reason: str
    prices_include_tax: bool
    currency: str
    language: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedTenant:
    """A customer's Microsoft directory."""

    id: int
    tenant_id: UUID
    company: str
    domain: str
    domains: tuple[str, ...]
    country: str
    has_agreement: bool
    linked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    """A customer as the staff sees it; the credit limit in minor units of its currency."""

    customer_id: int
    number: str
    legal_name: str
    currency: str
    country: str
    time_zone: str
    payment_terms: PaymentTerms
    credit_limit_minor: int
    parked_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A customer in the staff's list."""

    facts: CustomerFacts
    domains: tuple[str, ...]
    members: int


def get_member(user_id: int, *, customer_id: int | None = None) -> Member:
    """Return what the person is for the customer; without a customer, for the one they joined first.

    :raises DoesNotBelong: when they are no member of it (or of any), or may not log in any more.
    """
    found = list_customers_of(user_id, customer_id=customer_id)
    if not found:
        raise DoesNotBelong(user_id)
    return found[0]


def list_customers_of(user_id: int, *, customer_id: int | None = None) -> tuple[Member, ...]:
    """Every customer that the person may act for, the first joined first."""
    memberships = Membership.objects.filter(user_id=user_id, user__is_active=True)
    if customer_id is not None:
        memberships = memberships.filter(customer_id=customer_id)
    return tuple(_member(each) for each in memberships.select_related("customer", "user").order_by("pk"))


def require_member(
    user_id: int, *, customer_id: int, right: Callable[[MemberRole], bool] | None = None, act: str = ""
) -> Member:
    """Return the member if their role includes the right.

    :raises DoesNotBelong: when they are no member.
    :raises NotAllowed: when their role is not enough; `act` says for what, in the infinitive ("buy seats").
    """
    member = get_member(user_id, customer_id=customer_id)
    if right is not None and not right(member.role):
        raise NotAllowed(act)
    return member


def list_members(customer_id: int) -> tuple[Member, ...]:
    """Who may act for the customer, by address."""
    memberships = Membership.objects.filter(customer_id=customer_id).select_related("customer", "user")
    return tuple(_member(each) for each in memberships.order_by("user__email"))


def list_open_invitations(customer_id: int, *, now: datetime) -> tuple[OpenInvitation, ...]:
    """Invitations that are neither accepted nor withdrawn, the newest first; expired ones say so."""
    invitations = Invitation.objects.filter(customer_id=customer_id, accepted_at=None, withdrawn_at=None)
    return tuple(
        OpenInvitation(
            invitation_id=each.pk,
            email=each.email,
            role=MemberRole(each.role),
            invited_by=each.invited_by.email,
            created_at=each.created_at,
            expires_at=each.expires_at,
            is_expired=each.expires_at <= now,
        )
        for each in invitations.select_related("invited_by").order_by("-pk")
    )


def get_billing_details(customer_id: int) -> BillingDetails:
    """Return the buyer's details; DoesNotBelong when there is no such customer."""
    customer = _customer(customer_id)
    return BillingDetails(
        customer_id=customer.pk,
        customer_number=customer.number,
        legal_name=customer.legal_name,
        street=customer.street,
        city=customer.city,
        region=customer.region,
        postal_code=customer.postal_code,
        country=customer.country,
        tax_number=customer.tax_number,
        order_reference=customer.order_reference,
        invoice_email=customer.invoice_email,
        tax_treatment=TaxTreatment(customer.tax_treatment),
        exemption_reason=customer.exemption_reason,
        prices_include_tax=customer.prices_include_tax,
        currency=customer.currency,
        language=customer.language,
        time_zone=customer.time_zone,
    )


def get_customer_facts(customer_id: int) -> CustomerFacts:
    """Return a customer as the staff sees it; DoesNotBelong when there is none."""
    return customer_facts(_customer(customer_id))


def get_customer_by_number(number: str) -> CustomerFacts:
    """Return a customer by its number, such as "C-1001"; DoesNotBelong when there is none."""
    customer = Customer.objects.filter(number=number).first()
    if customer is None:
        raise DoesNotBelong(number)
    return customer_facts(customer)


def list_tenants(customer_id: int) -> tuple[LinkedTenant, ...]:
    """The customer's Microsoft directories, the first linked first."""
    return tuple(_tenant(each) for each in Tenant.objects.filter(customer_id=customer_id).order_by("pk"))


def get_tenant(tenant_row_id: int, *, customer_id: int) -> LinkedTenant:
    """Return a directory of the customer; DoesNotBelong for anybody else's."""
    tenant = Tenant.objects.filter(pk=tenant_row_id, customer_id=customer_id).first()
    if tenant is None:
        raise DoesNotBelong(tenant_row_id)
    return _tenant(tenant)


def list_customers_for_staff(
    *, search: str = "", payment_terms: PaymentTerms | None = None, before_id: int | None = None, page_size: int
) -> tuple[CustomerRow, ...]:
    """Customers, the newest first; `before_id` is exclusive; two queries whatever their number.

    `search`: beginnings of words of the name (all of them), or the beginning of a number or of a mail domain.
    """
    rows = Customer.objects.annotate(member_count=Count("memberships")).prefetch_related("tenants").order_by("-pk")
    if payment_terms is not None:
        rows = rows.filter(payment_terms=payment_terms)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    if search.strip():
        rows = rows.filter(_matches(search.strip()))
    return tuple(
        CustomerRow(
            facts=customer_facts(each),
            domains=tuple(tenant.domain for tenant in each.tenants.all()),
            members=each.member_count,
        )
        for each in rows[:page_size]
    )


def customer_facts(customer: Customer) -> CustomerFacts:
    """Turn a row into the value that pages show."""
    return CustomerFacts(
        customer_id=customer.pk,
        number=customer.number,
        legal_name=customer.legal_name,
        currency=customer.currency,
        country=customer.country,
        time_zone=customer.time_zone,
        payment_terms=PaymentTerms(customer.payment_terms),
        credit_limit_minor=customer.credit_limit_minor,
        parked_reason=customer.parked_reason,
    )


def _customer(customer_id: int) -> Customer:
    customer = Customer.objects.filter(pk=customer_id).first()
    if customer is None:
        raise DoesNotBelong(customer_id)
    return customer


def _tenant(tenant: Tenant) -> LinkedTenant:
    return LinkedTenant(
        id=tenant.pk,
        tenant_id=tenant.tenant_id,
        company=tenant.company,
        domain=tenant.domain,
        domains=tuple(tenant.domains),
        country=tenant.country,
        has_agreement=tenant.has_agreement,
        linked_at=tenant.linked_at,
    )


def _member(membership: Membership) -> Member:
    return Member(
        membership_id=membership.pk,
        user_id=membership.user_id,
        email=membership.user.email,
        full_name=membership.user.full_name,
        customer_id=membership.customer_id,
        customer_number=membership.customer.number,
        customer_name=membership.customer.legal_name,
        role=MemberRole(membership.role),
        currency=membership.customer.currency,
        time_zone=membership.customer.time_zone,
        language=membership.customer.language,
    )


def _matches(search: str) -> Q:
    tenants = Tenant.objects.filter(domain__istartswith=search).values("customer_id")
    found = Q(number__istartswith=search) | Q(pk__in=tenants)
    words = re.findall(r"\w+", search)
    if words:
        query = SearchQuery(" & ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
        by_word = Customer.objects.annotate(words=SearchVector("legal_name", config="simple")).filter(words=query)
        found |= Q(pk__in=by_word.values("pk"))
    return found
