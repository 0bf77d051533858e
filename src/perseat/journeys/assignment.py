"""Assignment: giving licenses to people and taking them away, recorded first, then carried out person by person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.catalog.models import Edition
from perseat.capabilities.customers.models import Tenant
from perseat.capabilities.customers.queries import DoesNotBelong, require_member
from perseat.capabilities.licensing.actions import PersonToChange, finish_person, note_why_waiting, record_change
from perseat.capabilities.licensing.models import ChangeState
from perseat.capabilities.licensing.queries import (
    ChangeProgress,
    get_change_progress,
    get_change_work,
    list_unfinished_changes,
)
from perseat.domain import events
from perseat.domain.license_loss import is_kept_for_a_month, list_losses
from perseat.domain.rights import may_manage_people
from perseat.journeys.reactions import react
from perseat.journeys.seat_counts import get_seat_counts, get_tenant_of_service
from perseat.ports.directory import LicenseGrant, Person
from perseat.ports.failures import CredentialsRefused, NotFound, Refused, Unanswered, WritesAreOff
from perseat.ports.outside import Outside

__all__ = ["change_licenses", "get_change_of_service", "get_change_progress", "get_license_preview", "resume_change"]

AT_ONCE = 1
MAXIMUM_PEOPLE = 1000
_NO_ANSWER = "Microsoft has not answered yet. We ask again by ourselves."
_NO_PERMISSION = (
    "Microsoft does not let us change this person: our permission in your tenant has run out, or the person is an "
    "administrator. We try again by ourselves for a while; if it stays so, ask us."
)


class NobodyChosen(ValueError):
    """The form names nobody."""

    def __init__(self) -> None:
        super().__init__("Choose at least one person.")


class TooManyChosen(ValueError):
    """More people than one change carries."""

    def __init__(self, *, chosen: int) -> None:
        super().__init__(f"Choose at most {MAXIMUM_PEOPLE} people at a time; you chose {chosen}.")
        self.chosen = chosen


class NothingToChange(ValueError):
    """Neither a license to give nor one to take."""

    def __init__(self) -> None:
        super().__init__("Tick or untick at least one license.")


class LicenseUnknown(ValueError):
    """A license that is given and taken at once, or that we do not sell."""

    def __init__(self, sku_id: str) -> None:
        super().__init__("One of the licenses is not known here; please reload the page.")
        self.sku_id = sku_id


class NotEnoughSeats(Exception):
    """Fewer seats are available than the change needs; nothing was changed."""

    def __init__(self, *, edition: str, edition_name: str, available: int, needed: int) -> None:
        free = max(available, 0)
        seats = "1 seat is" if free == 1 else f"{free} seats are"
        super().__init__(f"{needed} needed, but only {seats} available for {edition_name}. Buy more, or choose fewer.")
        self.edition = edition
        self.edition_name = edition_name
        self.available = free
        self.needed = needed


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseShortage:
    """An edition with fewer seats available than needed."""

    edition: str
    edition_name: str
    available: int
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LicensePreview:
    """What Save changes would do. `is_checked`: the counts are current.

    `losses`: a sentence for all who lose the same, () when nobody loses anything.
    """

    people: int
    losses: tuple[str, ...]
    shortages: tuple[LicenseShortage, ...]
    without_country: tuple[str, ...]
    is_checked: bool


def get_license_preview(
    outside: Outside,
    *,
    customer_id: int,
    service_id: int,
    person_ids: Sequence[str],
    add: Sequence[str],
    remove: Sequence[str],
) -> LicensePreview:
    """What a change would mean, before it is saved; writes nothing. Raises as `change_licenses`, shortages excepted."""
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    people = _load_people(outside, tenant_id=tenant.tenant_id, person_ids=_check(person_ids, add, remove))
    counts = get_seat_counts(outside, customer_id=customer_id, service_id=service_id)
    shortages = []
    for sku_id in add:
        count, needed = counts.of(sku_id), _needed(people, sku_id)
        if count is not None and counts.is_current and needed > count.available:
            shortages.append(
                LicenseShortage(
                    edition=count.edition,
                    edition_name=count.edition_name,
                    available=max(count.available, 0),
                    needed=needed,
                )
            )
    return LicensePreview(
        people=len(people),
        losses=_describe_losses(people, add=add, remove=remove),
        shortages=tuple(shortages),
        without_country=tuple(each.display_name for each in people if not each.country) if add else (),
        is_checked=counts.is_current,
    )


def change_licenses(
    outside: Outside,
    *,
    customer_id: int,
    user_id: int,
    service_id: int,
    person_ids: Sequence[str],
    add: Sequence[str],
    remove: Sequence[str],
    now: datetime,
    country: str = "",
) -> UUID:
    """Give and take licenses (directory sku ids) in one act per person; returns the id for `get_change_progress`.

    `country` (ISO 3166 alpha-2) is filled in for people who have none; "" takes the tenant's.

    What is asked for is recorded first. One person is carried out at once, more by the worker. Saving again does
    nothing to people who are as wanted already.

    :raises DoesNotBelong, NotAllowed: for strangers, and for members who may only look.
    :raises NobodyChosen, TooManyChosen, NothingToChange, LicenseUnknown: when the form cannot be used.
    :raises NotEnoughSeats: when fewer seats are available than needed.
    :raises Refused, Unanswered, CredentialsRefused: when the people cannot be read; nothing was recorded.
    """
    member = require_member(user_id, customer_id=customer_id, right=may_manage_people, act="change licenses")
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    chosen = _check(person_ids, add, remove)
    people = _load_people(outside, tenant_id=tenant.tenant_id, person_ids=chosen)
    preview = _shortage(outside, customer_id=customer_id, service_id=service_id, people=people, add=add)
    if preview is not None:
        raise preview
    with transaction.atomic():
        change_id = record_change(
            [PersonToChange(person_id=each.person_id, display_name=each.display_name) for each in people],
            customer_id=customer_id,
            tenant_row_id=tenant.tenant_row_id,
            user_id=user_id,
            add=add,
            remove=remove,
            country=country,
            now=now,
        )
        record_audit(
            "changed licenses",
            actor=member.email,
            object_label=people[0].sign_in_name if len(people) == 1 else f"{len(people)} people",
            at=now,
            customer_number=member.customer_number,
            details={"change": str(change_id), "add": list(add), "remove": list(remove)},
        )
        react(events.LicenseChangeAsked(change_id=change_id))
    if len(people) <= AT_ONCE:
        carry_out_change(outside, change_id)
    return change_id


def carry_out_change(outside: Outside, change_id: UUID) -> bool:
    """Change everybody who still waits; True when nobody waits any more. May run any number of times.

    Whoever got no answer stays waiting, with the sentence, and is asked again by the next run. A person whom we may
    not change holds up nobody else; a silence ends the run, since the next call would wait as long.
    """
    work = get_change_work(change_id)
    tenant = Tenant.objects.get(pk=work.tenant_row_id)
    is_through = True
    for person_id in work.waiting:
        try:
            give_and_take(
                outside,
                tenant_id=str(tenant.tenant_id),
                country=work.country or tenant.country,
                person_id=person_id,
                add=work.add,
                remove=work.remove,
            )
        except Refused as refusal:
            _finish(outside, change_id, person_id=person_id, state=ChangeState.FAILED, sentence=refusal.sentence)
        except CredentialsRefused:
            note_why_waiting(change_id, person_id=person_id, sentence=_NO_PERMISSION)
            is_through = False
        except Unanswered:
            note_why_waiting(change_id, person_id=person_id, sentence=_NO_ANSWER)
            return False
        except WritesAreOff:
            return False
        else:
            _finish(outside, change_id, person_id=person_id, state=ChangeState.DONE)
    return is_through


def get_change_of_service(*, customer_id: int, service_id: int, change_id: UUID) -> ChangeProgress:
    """How far a change has come. :raises DoesNotBelong: when it is not of this customer's and this service's tenant."""
    tenant = get_tenant_of_service(customer_id=customer_id, service_id=service_id)
    progress = get_change_progress(customer_id=customer_id, change_id=change_id)
    if progress.tenant_row_id != tenant.tenant_row_id:
        raise DoesNotBelong(change_id)
    return progress


def carry_out_unfinished(outside: Outside, *, now: datetime) -> None:
    """Go on with changes in which somebody has waited for ten minutes; the schedule's safety net."""
    for change_id in list_unfinished_changes(asked_before=now - timedelta(minutes=10)):
        carry_out_change(outside, change_id)


def resume_change(outside: Outside, *, customer_id: int, change_id: UUID) -> ChangeProgress:
    """Try again whoever still waits, and say how far it has come. :raises DoesNotBelong:."""
    get_change_progress(customer_id=customer_id, change_id=change_id)
    carry_out_change(outside, change_id)
    return get_change_progress(customer_id=customer_id, change_id=change_id)


def give_and_take(
    outside: Outside, *, tenant_id: str, country: str, person_id: str, add: Sequence[str], remove: Sequence[str]
) -> None:
    """Bring one person to the wanted state in one call, so that nobody is without a license in between.

    Reads first: what is as wanted is not asked for, so a repetition costs one read. A missing country is filled in.

    :raises Refused: with the plain sentence; also for a license that comes from a group.
    """
    person = outside.directory.get_person(tenant_id, person_id=person_id)
    grants = [LicenseGrant(sku_id=each) for each in add if not _holds(person, each)]
    losses = [each for each in remove if _holds(person, each)]
    if not grants and not losses:
        return
    if grants and not person.country:
        outside.directory.update_person(tenant_id, person_id=person_id, changes={"country": country})
    outside.directory.change_licenses(tenant_id, person_id=person_id, add=grants, remove=losses)


def _finish(outside: Outside, change_id: UUID, *, person_id: str, state: ChangeState, sentence: str = "") -> None:
    finish_person(change_id, person_id=person_id, state=state, sentence=sentence, now=outside.clock.now())


def _check(person_ids: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(each for each in person_ids if each))
    if not chosen:
        raise NobodyChosen
    if len(chosen) > MAXIMUM_PEOPLE:
        raise TooManyChosen(chosen=len(chosen))
    if not add and not remove:
        raise NothingToChange
    known = {str(each) for each in Edition.objects.values_list("directory_sku_id", flat=True)}
    for sku_id in (*add, *remove):
        if sku_id not in known or (sku_id in add and sku_id in remove):
            raise LicenseUnknown(sku_id)
    return chosen


def _load_people(outside: Outside, *, tenant_id: str, person_ids: Sequence[str]) -> tuple[Person, ...]:
    people = []
    for person_id in person_ids:
        try:
            people.append(outside.directory.get_person(tenant_id, person_id=person_id))
        except NotFound:
            if len(person_ids) == 1:
                raise
    if not people:
        raise NobodyChosen
    return tuple(people)


def _shortage(
    outside: Outside, *, customer_id: int, service_id: int, people: Sequence[Person], add: Sequence[str]
) -> NotEnoughSeats | None:
    """Counts that are not current decide nothing: the directory itself refuses what it has not got."""
    if not add:
        return None
    counts = get_seat_counts(outside, customer_id=customer_id, service_id=service_id)
    for sku_id in add:
        count, needed = counts.of(sku_id), _needed(people, sku_id)
        if count is not None and counts.is_current and needed > max(count.available, 0):
            return NotEnoughSeats(
                edition=count.edition, edition_name=count.edition_name, available=count.available, needed=needed
            )
    return None


def _needed(people: Sequence[Person], sku_id: str) -> int:
    return sum(not _holds(each, sku_id) for each in people)


def _describe_losses(people: Sequence[Person], *, add: Sequence[str], remove: Sequence[str]) -> tuple[str, ...]:
    codes = {str(sku_id): code for sku_id, code in Edition.objects.values_list("directory_sku_id", "code")}
    names_by_loss: dict[tuple[str, ...], list[str]] = {}
    for person in people:
        stays_by_group = {each.sku_id for each in person.licenses if each.from_group is not None}
        held = {each.sku_id for each in person.licenses}
        taken = {each for each in remove if each in held} - stays_by_group
        lost = list_losses(_codes(taken, codes), kept=_codes((held - taken) | set(add), codes))
        if lost:
            names_by_loss.setdefault(lost, []).append(person.display_name)
    return tuple(_loss_sentence(lost, names) for lost, names in names_by_loss.items())


def _codes(sku_ids: Iterable[str], codes: Mapping[str, str]) -> list[str]:
    return [codes[each] for each in sku_ids if each in codes]


def _loss_sentence(lost: Sequence[str], names: Sequence[str]) -> str:
    who = f"{names[0]} loses" if len(names) == 1 else f"{len(names)} people ({_first(names)}) lose"
    what = lost[0] if len(lost) == 1 else f"{', '.join(lost[:-1])} and {lost[-1]}"
    kept = " Microsoft keeps mail and files for 30 days, then deletes them." if is_kept_for_a_month(lost) else ""
    return f"{who} {what}.{kept}"


def _first(names: Sequence[str]) -> str:
    """The first three names, and that there are more."""
    return ", ".join([*names[:3], *(["…"] if names[3:] else [])])


def _holds(person: Person, sku_id: str) -> bool:
    return any(each.sku_id == sku_id for each in person.licenses)
