"""People: the users of a customer's tenant, as Active users shows them; adding one; signing one out everywhere."""

from __future__ import annotations

import hashlib
import secrets
import string
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.customers.queries import require_member
from perseat.domain.rights import may_manage_people
from perseat.journeys.seat_counts import TenantOfService, get_tenant_of_service
from perseat.ports.directory import NewPerson, PeopleFilter, Person
from perseat.ports.failures import NotFound
from perseat.ports.outside import Outside

_PAGES_OF_HOLDERS = 10  # of 200 users; a bigger tenant chooses on Active users, where it can search


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLicense:
    """A license that a person holds. `edition` is empty for one that we do not sell.

    `is_from_group`: it comes from a group of the tenant and can only be changed there.
    """

    edition: str
    name: str
    sku_id: str
    is_from_group: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A user of the tenant. `country` is empty when not set. `has_problem`: a license could not be given in full."""

    person_id: str
    display_name: str
    sign_in_name: str
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
    licenses: tuple[PersonLicense, ...]
    has_problem: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleView:
    """A page of people. `next_page` is opaque, None on the last page; `total` None when not counted."""

    people: tuple[PersonRow, ...]
    next_page: str | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDomain:
    """A domain in which a user can be added."""

    name: str
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonToAdd:
    """What the form says. `country`: ISO 3166 alpha-2, empty for the tenant's."""

    user_name: str
    domain: str
    display_name: str
    first_name: str = ""
    last_name: str = ""
    country: str = ""
    department: str = ""
    job_title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAdded:
    """The new user, and the first password: shown once, kept nowhere."""

    person: PersonRow
    password: str = field(repr=False)


class TooManyPeople(Exception):
    """More people than fit in a list to choose from."""

    def __init__(self, *, most: int) -> None:
        super().__init__(f"more than {most} people hold such a license")
        self.most = most


class FieldNotUsable(ValueError):
    """A field of the form cannot be used as it is; `sentence` says why, beside the field."""

    def __init__(self, field_name: str, *, sentence: str) -> None:
        super().__init__(sentence)
        self.field_name = field_name
        self.sentence = sentence


def list_people(
    outside: Outside,
    *,
    customer_id: int,
    service_id: int,
    search: str = "",
    sort: str = "display_name",
    only: PeopleFilter | None = None,
    page: str | None = None,
    page_size: int = 50,
) -> PeopleView:
    """A page of the tenant's people. `search`: beginnings of names and addresses; `sort` with "-" descends.

    :raises DoesNotBelong: when the service is not the customer's.
    :raises Unanswered, Refused, CredentialsRefused: (perseat.ports.failures) when the directory says nothing.
    """
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    found = outside.directory.list_people(
        tenant.tenant_id, search=search.strip(), sort=sort, only=only, page=page, page_size=page_size
    )
    names = _edition_names()
    return PeopleView(
        people=tuple(_row(each, names) for each in found.people), next_page=found.next_page, total=found.total
    )


def list_holders(
    outside: Outside, *, customer_id: int, service_id: int, editions: Collection[str], most: int = 300
) -> dict[str, tuple[PersonRow, ...]]:
    """By edition code: the people who hold it themselves (not by a group), by name. Raises as `list_people`.

    :raises TooManyPeople: when the tenant has more than `most` of them, or more users than can be read at once.
    """
    found: dict[str, list[PersonRow]] = {code: [] for code in editions}
    page = None
    for _ in range(_PAGES_OF_HOLDERS):
        people = list_people(outside, customer_id=customer_id, service_id=service_id, page=page, page_size=200)
        for person in people.people:
            for held in person.licenses:
                if held.edition in found and not held.is_from_group:
                    found[held.edition].append(person)
        page = people.next_page
        if page is None or max(map(len, found.values()), default=0) > most:
            break
    if page is not None or max(map(len, found.values()), default=0) > most:
        raise TooManyPeople(most=most)
    return {code: tuple(rows) for code, rows in found.items()}


def get_person(outside: Outside, *, customer_id: int, service_id: int, person_id: str) -> PersonRow:
    """One person of the tenant. Raises as `list_people`; NotFound when there is no such person."""
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    return _row(outside.directory.get_person(tenant.tenant_id, person_id=person_id), _edition_names())


def get_people(
    outside: Outside, *, customer_id: int, service_id: int, person_ids: Sequence[str]
) -> tuple[PersonRow, ...]:
    """These people in this order; whoever is no longer there is left out. Raises as `list_people`."""
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    names = _edition_names()
    rows = []
    for person_id in dict.fromkeys(person_ids):
        with suppress(NotFound):
            rows.append(_row(outside.directory.get_person(tenant.tenant_id, person_id=person_id), names))
    return tuple(rows)


def list_mail_domains(outside: Outside, *, customer_id: int, service_id: int) -> tuple[MailDomain, ...]:
    """Domains in which a user with a password can be added, the default one first. Raises as `list_people`."""
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    domains = outside.directory.list_domains(tenant.tenant_id)
    return tuple(
        MailDomain(name=each.name, is_default=each.is_default)
        for each in domains
        if each.is_verified and not each.is_federated
    )


def add_person(
    outside: Outside,
    *,
    customer_id: int,
    user_id: int,
    service_id: int,
    person: PersonToAdd,
    form_key: bytes | None = None,
) -> PersonAdded:
    """Create a user in the tenant; costs nothing and gives no license.

    `form_key`: secret and of one form only; the first password comes from it, so that a form sent twice at once, or
    an answer that was lost, never shows another password than the one that counts.

    :raises DoesNotBelong, NotAllowed: for strangers, and for members who may only look.
    :raises FieldNotUsable: a field cannot be used.
    :raises Refused: (perseat.ports.failures) with the directory's reason in plain words.
    :raises Unanswered, WritesAreOff, CredentialsRefused: nothing is known, or nothing was sent.
    """
    member = require_member(user_id, customer_id=customer_id, right=may_manage_people, act="add users")
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    new = _new_person(person, tenant, form_key or secrets.token_bytes(32))
    with suppress(NotFound):
        outside.directory.get_person(tenant.tenant_id, person_id=new.sign_in_name)
        raise FieldNotUsable("user_name", sentence="Somebody has this sign-in name already. Choose another.")
    created = outside.directory.create_person(tenant.tenant_id, person=new)
    record_audit(
        "added user",
        actor=member.email,
        object_label=created.sign_in_name,
        at=outside.clock.now(),
        customer_number=member.customer_number,
    )
    return PersonAdded(person=_row(created, _edition_names()), password=new.password)


def sign_out_everywhere(outside: Outside, *, customer_id: int, user_id: int, service_id: int, person_id: str) -> None:
    """End all sign-in sessions of a person, so that the next sign-in sees the new licenses. Raises as `add_person`."""
    member = require_member(user_id, customer_id=customer_id, right=may_manage_people, act="sign users out")
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    outside.directory.sign_out_everywhere(tenant.tenant_id, person_id=person_id)
    record_audit(
        "signed out everywhere",
        actor=member.email,
        object_label=person_id,
        at=outside.clock.now(),
        customer_number=member.customer_number,
    )


def make_password(form_key: bytes, *, sign_in_name: str) -> str:
    """A first password of 16 signs that the directory accepts: all four kinds, none that look alike.

    As hard to guess as the key; the same key and name give the same password.
    """
    kinds = ("ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghjkmnpqrstuvwxyz", "23456789", "!#%+-?@")
    drawn = hashlib.blake2b(sign_in_name.encode(), key=form_key[:64], digest_size=64).digest()
    alphabets = [*kinds, *(["".join(kinds)] * 12)]
    return "".join(
        signs[int.from_bytes(drawn[4 * place : 4 * place + 4]) % len(signs)] for place, signs in enumerate(alphabets)
    )


def _new_person(person: PersonToAdd, tenant: TenantOfService, form_key: bytes) -> NewPerson:
    user_name, domain = person.user_name.strip().lower(), person.domain.strip().lower()
    if not user_name:
        raise FieldNotUsable("user_name", sentence="Please type the part of the address before the @.")
    if not set(user_name) <= set(string.ascii_lowercase + string.digits + "._-'") or user_name.endswith("."):
        raise FieldNotUsable(
            "user_name",
            sentence="Use letters without accents, digits, dots, hyphens and underscores; no dot at the end.",
        )
    if not domain:
        raise FieldNotUsable("domain", sentence="Please choose one of the domains.")
    if not person.display_name.strip():
        raise FieldNotUsable("display_name", sentence="Please type the name that others will see.")
    sign_in_name = f"{user_name}@{domain}"
    return NewPerson(
        sign_in_name=sign_in_name,
        display_name=person.display_name.strip(),
        first_name=person.first_name.strip(),
        last_name=person.last_name.strip(),
        country=person.country.strip().upper() or tenant.country,
        password=make_password(form_key, sign_in_name=sign_in_name),
        department=person.department.strip(),
        job_title=person.job_title.strip(),
    )


def _edition_names() -> dict[str, tuple[str, str]]:
    rows = Edition.objects.values_list("directory_sku_id", "code", "name")
    return {str(sku_id): (code, name) for sku_id, code, name in rows}


def _row(person: Person, names: dict[str, tuple[str, str]]) -> PersonRow:
    licenses = []
    for held in person.licenses:
        code, name = names.get(held.sku_id, ("", "Another license"))
        licenses.append(
            PersonLicense(
                edition=code,
                name=name,
                sku_id=held.sku_id,
                is_from_group=held.from_group is not None,
                problem=held.error,
            )
        )
    return PersonRow(
        person_id=person.person_id,
        display_name=person.display_name,
        sign_in_name=person.sign_in_name,
        first_name=person.first_name,
        last_name=person.last_name,
        mail=person.mail,
        department=person.department,
        job_title=person.job_title,
        country=person.country,
        is_enabled=person.is_enabled,
        is_guest=person.is_guest,
        created_at=person.created_at,
        last_sign_in_at=person.last_sign_in_at,
        licenses=tuple(licenses),
        has_problem=any(each.problem for each in licenses),
    )
