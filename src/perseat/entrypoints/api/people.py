"""People of a tenant and their licenses: who has what, giving and taking, and how far a change has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from perseat import wiring
from perseat.capabilities.catalog.queries import list_editions
from perseat.capabilities.licensing.queries import ChangeProgress, get_change_progress
from perseat.entrypoints.api.answers import KEY_PARAMETER, TO_MICROSOFT, TO_POST, answers
from perseat.entrypoints.api.gate import ApiRequest
from perseat.entrypoints.api.problems import RequestRefused
from perseat.entrypoints.api.shapes import Code, PersonId, Shape, reply
from perseat.journeys.assignment import MAXIMUM_PEOPLE, change_licenses
from perseat.journeys.people import PersonRow, list_people

router = Router(tags=["People"])

Editions = Annotated[list[Code], Field(max_length=50)]


class HeldLicense(Shape):
    """A license; `edition` is "" for one that we do not sell. One from a group is changed in the group only."""

    edition: str
    name: str
    is_from_group: bool
    problem: str


class Person(Shape):
    """A user of the tenant."""

    id: str
    display_name: str
    sign_in_name: str
    department: str
    job_title: str
    country: str
    is_enabled: bool
    is_guest: bool
    licenses: list[HeldLicense]


class People(Shape):
    """A page of people; `next_page` goes into the next request as `page`, null on the last page."""

    items: list[Person]
    next_page: str | None
    total: int | None


class LicensesToChange(Shape):
    """Who (ids of people) gets and loses which editions; `country` (ISO 3166) is filled in for those without one."""

    people: Annotated[list[PersonId], Field(min_length=1, max_length=MAXIMUM_PEOPLE)]
    add: Editions = []
    remove: Editions = []
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""


class ChangedPerson(Shape):
    """The change for one person; `sentence` says what stands in the way."""

    id: str
    display_name: str
    state: str
    sentence: str


class LicenseChange(Shape):
    """How far a change has come."""

    id: UUID
    asked_at: datetime
    add: list[str]
    remove: list[str]
    total: int
    done: int
    failed: int
    waiting: int
    is_finished: bool
    people: list[ChangedPerson]


@router.get("/services/{int:service_id}/people", response=answers(People, but=TO_MICROSOFT), operation_id="list_people")
def people(
    request: ApiRequest,
    service_id: int,
    page: Annotated[str, Field(max_length=4000)] = "",
    search: Annotated[str, Field(max_length=100)] = "",
) -> HttpResponse:
    """The users of the service's tenant by name, 50 a page; `search`: beginnings of names and addresses."""
    found = list_people(
        wiring.get_outside(),
        customer_id=request.auth.member.customer_id,
        service_id=service_id,
        search=search,
        page=page or None,
    )
    return reply(People(items=[_person(each) for each in found.people], next_page=found.next_page, total=found.total))


@router.post(
    "/services/{int:service_id}/license-changes",
    response=answers(LicenseChange, status=201, but=(*TO_POST, *TO_MICROSOFT)),
    operation_id="change_licenses",
    openapi_extra=KEY_PARAMETER,
)
def license_changes(request: ApiRequest, service_id: int, body: LicensesToChange) -> HttpResponse:
    """Give and take licenses. One person is changed at once, more by the worker: ask how far it has come."""
    member = request.auth.member
    skus = {each.code: each.directory_sku_id for each in list_editions()}
    change_id = change_licenses(
        wiring.get_outside(),
        customer_id=member.customer_id,
        user_id=member.user_id,
        service_id=service_id,
        person_ids=body.people,
        add=_skus(body.add, skus=skus, field="add"),
        remove=_skus(body.remove, skus=skus, field="remove"),
        now=request.now,
        country=body.country,
    )
    return reply(_change(request, change_id), status=201)


@router.get("/license-changes/{uuid:change_id}", response=answers(LicenseChange), operation_id="get_license_change")
def license_change(request: ApiRequest, change_id: UUID) -> HttpResponse:
    """How far a change has come."""
    return reply(_change(request, change_id))


def _skus(editions: Sequence[str], *, skus: dict[str, str], field: str) -> list[str]:
    for place, code in enumerate(editions):
        if code not in skus:
            sentence = f"There is no edition {code!r} here."
            raise RequestRefused(422, code="edition_unknown", sentence=sentence, field=f"{field}.{place}")
    return [skus[code] for code in dict.fromkeys(editions)]


def _person(row: PersonRow) -> Person:
    return Person(
        id=row.person_id,
        display_name=row.display_name,
        sign_in_name=row.sign_in_name,
        department=row.department,
        job_title=row.job_title,
        country=row.country,
        is_enabled=row.is_enabled,
        is_guest=row.is_guest,
        licenses=[
            HeldLicense(edition=each.edition, name=each.name, is_from_group=each.is_from_group, problem=each.problem)
            for each in row.licenses
        ],
    )


def _change(request: ApiRequest, change_id: UUID) -> LicenseChange:
    found = get_change_progress(customer_id=request.auth.member.customer_id, change_id=change_id)
    codes = {each.directory_sku_id: each.code for each in list_editions()}
    return LicenseChange(
        id=found.public_id,
        asked_at=found.asked_at,
        add=[codes.get(each, each) for each in found.add],
        remove=[codes.get(each, each) for each in found.remove],
        total=found.total,
        done=found.done,
        failed=found.failed,
        waiting=found.waiting,
        is_finished=found.is_finished,
        people=_changed_people(found),
    )


def _changed_people(found: ChangeProgress) -> list[ChangedPerson]:
    return [
        ChangedPerson(id=each.person_id, display_name=each.display_name, state=each.state, sentence=each.sentence)
        for each in found.people
    ]
