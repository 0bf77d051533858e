"""Tenancies: how an organization becomes a customer of ours at the supplier (Partner Center), in our words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class AccountStatus(StrEnum):
    """Whether the supplier lets us sell to the customer."""

    ALLOWED = "allowed"
    IN_REVIEW = "in_review"
    NOT_ALLOWED = "not_allowed"


class AddressVerdict(StrEnum):
    """What the supplier thinks of an address: good as it is, good in another spelling, or not found."""

    GOOD = "good"
    BETTER_SPELLING = "better_spelling"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """An address; `country` ISO 3166 alpha-2, `region` a state or "", `phone` digits or ""."""

    street: str
    city: str
    region: str
    postal_code: str
    country: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressAnswer:
    """The verdict, with the supplier's own spelling where it has one."""

    verdict: AddressVerdict
    suggestion: PostalAddress | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTenant:
    """A tenant to make. `domain` in full (contoso.onmicrosoft.com); `culture` such as en-AU, `language` such as en."""

    domain: str
    company: str
    email: str
    culture: str
    language: str
    registration_number: str
    address: PostalAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeTenant:
    """A tenant that was just made. The administrator's first password is told this once, and shown by no `repr`."""

    tenant_id: str
    domain: str
    user_name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTenant:
    """A customer of ours, found in the supplier's list."""

    tenant_id: str
    company: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAgreement:
    """The Microsoft Customer Agreement: who accepted it and when, "" and None when it was signed at Microsoft."""

    name: str
    email: str
    agreed_on: date | None
    is_signed_at_supplier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a customer stands at the supplier. `agreement`: the newest, None without one."""

    agreement: SignedAgreement | None
    account: AccountStatus


class Tenancies(Protocol):
    """Every call may raise Refused, Unanswered or CredentialsRefused; writes may raise WritesAreOff."""

    def is_domain_free(self, domain: str) -> bool:
        """Whether nobody has this domain (in full) yet."""
        ...

    def check_address(self, address: PostalAddress) -> AddressAnswer:
        """Ask what the supplier thinks of an address."""
        ...

    def get_invitation_link(self) -> str:
        """The address where a customer's administrator accepts us as its reseller."""
        ...

    def create_tenant(self, tenant: NewTenant, *, request_id: UUID) -> MadeTenant:
        """Make a tenant; the same `request_id` again makes no second one. :raises Refused: with a sentence."""
        ...

    def find_tenant(self, domain: str) -> FoundTenant | None:
        """The customer of ours with this domain (in full), None when there is none (yet)."""
        ...

    def get_standing(self, tenant_id: str) -> Standing:
        """Agreement and account check. :raises NotFound: no relationship with us."""
        ...
