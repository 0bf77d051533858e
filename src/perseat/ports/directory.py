"""Directory: the customer's people and their licenses (Microsoft Graph), in our words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class PeopleFilter(StrEnum):
    """Which people a list is about."""

    NO_LICENSE = "no_license"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """An app inside a license, such as Teams or the mailbox. `title`: its plain name, "" for what nobody opens."""

    plan_id: str
    name: str
    status: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatCount:
    """Seats of one edition in the tenant over all subscriptions and sellers; available = purchased - assigned."""

    sku_id: str
    part_number: str
    status: str
    purchased: int
    assigned: int
    plans: tuple[ServicePlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLicense:
    """A license that a person holds; `from_group`: it comes from this group and is changed there, not here."""

    sku_id: str
    disabled_plans: tuple[str, ...] = ()
    from_group: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user of the tenant. `country`: ISO 3166 alpha-2, empty when not set (a license needs it)."""

    person_id: str
    sign_in_name: str
    display_name: str
    first_name: str
    last_name: str
    mail: str
    department: str
    job_title: str
    country: str
    is_enabled: bool
    is_guest: bool
    created_at: datetime | None
    last_sign_in_at: datetime | None
    licenses: tuple[HeldLicense, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """A page of people; `next_page` is opaque, None on the last page; `total` None when not counted."""

    people: tuple[Person, ...]
    next_page: str | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person to create. `password`: the first one, changed at first sign-in."""

    sign_in_name: str
    display_name: str
    first_name: str
    last_name: str
    country: str
    password: str
    department: str = ""
    job_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseGrant:
    """A license to give, without some of its apps."""

    sku_id: str
    disabled_plans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A mail domain of the tenant. Only verified and managed ones can be used for new people with a password."""

    name: str
    is_default: bool
    is_verified: bool
    is_federated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The tenant itself; `country` is a good default for a person's country."""

    tenant_id: str
    name: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSubscription:
    """One seller's seats of an edition as the directory shows them; may lag a change by minutes."""

    supplier_subscription_id: str
    sku_id: str
    seats: int


class Directory(Protocol):
    """Every call may raise Refused, NotFound, Unanswered or CredentialsRefused; writes may raise WritesAreOff.

    Reads may be repeated at will; so may every write, since each says the wanted end state (create: by sign-in name).
    """

    def get_organization(self, tenant_id: str) -> Organization:
        """The tenant's name and country."""
        ...

    def list_missing_permissions(self, tenant_id: str) -> tuple[str, ...]:
        """Microsoft's names of the permissions that our sign-in in that tenant lacks, by what its token says."""
        ...

    def list_domains(self, tenant_id: str) -> tuple[Domain, ...]:
        """The tenant's mail domains, the default one first."""
        ...

    def list_seat_counts(self, tenant_id: str) -> tuple[SeatCount, ...]:
        """Purchased and assigned seats per edition; may lag a purchase by minutes."""
        ...

    def list_shown_subscriptions(self, tenant_id: str) -> tuple[ShownSubscription, ...]:
        """The seats of all sellers that can be given to people, one by one."""
        ...

    def list_people(
        self,
        tenant_id: str,
        *,
        search: str = "",
        sort: str = "display_name",
        only: PeopleFilter | None = None,
        page: str | None = None,
        page_size: int = 50,
    ) -> PeoplePage:
        """A page of people; `search` matches the beginnings of names and addresses; sort `-` means descending.

        `page`, when given, continues a list and stands for all that was asked for at its beginning.
        """
        ...

    def get_person(self, tenant_id: str, *, person_id: str) -> Person:
        """One person by id or sign-in name. :raises NotFound:."""
        ...

    def create_person(self, tenant_id: str, *, person: NewPerson) -> Person:
        """Create a user; costs nothing. :raises Refused: with a sentence that names the field."""
        ...

    def update_person(self, tenant_id: str, *, person_id: str, changes: dict[str, str | bool]) -> None:
        """Change some fields, named as in Person (country, is_enabled, display_name, first_name, last_name …)."""
        ...

    def delete_person(self, tenant_id: str, *, person_id: str) -> None:
        """Delete; restorable for 30 days. Deleted before is success."""
        ...

    def change_licenses(
        self, tenant_id: str, *, person_id: str, add: Sequence[LicenseGrant], remove: Sequence[str]
    ) -> None:
        """Add and remove in one call, all or nothing. Removing what is not held is success."""
        ...

    def list_license_details(self, tenant_id: str, *, person_id: str) -> tuple[SeatCount, ...]:
        """What the person's licenses hold, app by app (counts are 1)."""
        ...

    def sign_out_everywhere(self, tenant_id: str, *, person_id: str) -> None:
        """Revoke the person's sign-in sessions, so that the next sign-in sees the new licenses."""
        ...
