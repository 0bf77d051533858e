"""People's own facts: changing them, blocking and allowing sign-in, deleting a user; each said in the audit trail."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.customers.queries import require_member
from perseat.domain.rights import may_manage_people
from perseat.journeys.people import FieldNotUsable
from perseat.journeys.seat_counts import get_tenant_of_service
from perseat.ports.outside import Outside


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What may be changed of a person. `country`: ISO 3166 alpha-2; empty texts clear a field."""

    display_name: str
    first_name: str
    last_name: str
    department: str
    job_title: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoAndWhere:
    """The member who acts, and the person in the tenant of one service."""

    customer_id: int
    user_id: int
    service_id: int
    person_id: str


def change_person(outside: Outside, who: WhoAndWhere, *, facts: PersonFacts) -> None:
    """Bring a person's facts to these.

    :raises DoesNotBelong, NotAllowed: for strangers, and for members who may only look.
    :raises FieldNotUsable: a field cannot be used.
    :raises Refused, NotFound, Unanswered, WritesAreOff, CredentialsRefused: (perseat.ports.failures).
    """
    if not facts.display_name.strip():
        raise FieldNotUsable("display_name", sentence="Please type the name that others will see.")
    changes: dict[str, str | bool] = {name: str(value).strip() for name, value in asdict(facts).items()}
    _update(outside, who, changes=changes, act="change users", verb="changed user")


def block_sign_in(outside: Outside, who: WhoAndWhere) -> None:
    """Let a person no longer sign in, and end the open sessions; licenses stay. Raises as `change_person`."""
    _update(outside, who, changes={"is_enabled": False}, act="block users", verb="blocked sign-in")
    tenant = get_tenant_of_service(customer_id=who.customer_id, service_id=who.service_id)
    outside.directory.sign_out_everywhere(tenant.tenant_id, person_id=who.person_id)


def allow_sign_in(outside: Outside, who: WhoAndWhere) -> None:
    """Let a blocked person sign in again. Raises as `change_person`."""
    _update(outside, who, changes={"is_enabled": True}, act="unblock users", verb="allowed sign-in")


def delete_person(outside: Outside, who: WhoAndWhere) -> None:
    """Delete a user; licenses become free at once, the directory can restore for 30 days. Raises as `change_person`.

    To the directory, who is gone already is as good as deleted; here it is told apart (NotFound).
    """
    member = require_member(who.user_id, customer_id=who.customer_id, right=may_manage_people, act="delete users")
    tenant = get_tenant_of_service(customer_id=who.customer_id, service_id=who.service_id)
    outside.directory.get_person(tenant.tenant_id, person_id=who.person_id)
    outside.directory.delete_person(tenant.tenant_id, person_id=who.person_id)
    _audit(outside, who, actor=member.email, customer_number=member.customer_number, verb="deleted user")


def _update(outside: Outside, who: WhoAndWhere, *, changes: dict[str, str | bool], act: str, verb: str) -> None:
    member = require_member(who.user_id, customer_id=who.customer_id, right=may_manage_people, act=act)
    tenant = get_tenant_of_service(customer_id=who.customer_id, service_id=who.service_id)
    outside.directory.update_person(tenant.tenant_id, person_id=who.person_id, changes=changes)
    _audit(outside, who, actor=member.email, customer_number=member.customer_number, verb=verb)


def _audit(outside: Outside, who: WhoAndWhere, *, actor: str, customer_number: str, verb: str) -> None:
    record_audit(verb, actor=actor, object_label=who.person_id, at=outside.clock.now(), customer_number=customer_number)
