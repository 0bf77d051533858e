"""The Directory port on Microsoft Graph v1.0."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from perseat.integrations.graph.answers import JsonObject
from perseat.integrations.graph.connection import Connection, list_of_objects, path_part
from perseat.integrations.graph.permissions import missing_permissions
from perseat.integrations.graph.reading import (
    PERSON_FIELDS,
    read_domain,
    read_license_detail,
    read_organization,
    read_person,
    read_seat_count,
    read_shown_subscription,
)
from perseat.integrations.graph.sentences import NAME_TAKEN, NOT_HELD
from perseat.ports.directory import (
    Domain,
    LicenseGrant,
    NewPerson,
    Organization,
    PeopleFilter,
    PeoplePage,
    Person,
    SeatCount,
    ShownSubscription,
)
from perseat.ports.failures import NotFound, Refused, Unanswered

_T = TypeVar("_T")

_SORT_FIELDS = {"display_name": "displayName", "sign_in_name": "userPrincipalName"}
_SEARCH_FIELDS = ("displayName", "givenName", "surname", "userPrincipalName", "mail")
_FIELD_OF = {
    "sign_in_name": "userPrincipalName",
    "display_name": "displayName",
    "first_name": "givenName",
    "last_name": "surname",
    "department": "department",
    "job_title": "jobTitle",
    "country": "usageLocation",
    "is_enabled": "accountEnabled",
}
_FILTERS = {
    PeopleFilter.NO_LICENSE: "assignedLicenses/$count eq 0",
    PeopleFilter.BLOCKED: "accountEnabled eq false",
}
# A subscription in its time of grace still gives licenses.
_GIVES_SEATS = frozenset({"enabled", "warning"})
_PAGE_SIZE_AT_MOST = 999
# A person created a moment ago is not known everywhere yet; the waits before asking again, in seconds.
_WAITS_FOR_A_NEW_PERSON = (1.0, 2.0, 4.0)
# A person of the same names, created this recently, is the one that a lost answer was about.
_OURS_FOR = timedelta(minutes=15)


class GraphDirectory:
    """Answers the Directory port, for any tenant that our application has the consent of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- the tenant

    def get_organization(self, tenant_id: str) -> Organization:
        """The tenant's name and country."""
        found = self._connection.list_all(
            tenant_id, path="/organization", params={"$select": "id,displayName,countryLetterCode"}
        )
        if not found:
            raise Unanswered("Microsoft Graph answered without an organization.")
        return read_organization(found[0], tenant_id=tenant_id)

    def list_missing_permissions(self, tenant_id: str) -> tuple[str, ...]:
        """What the token of that tenant does not carry of what we need."""
        return missing_permissions(self._connection.get_token(tenant_id))

    def list_domains(self, tenant_id: str) -> tuple[Domain, ...]:
        """The default one first, then by name."""
        found = map(read_domain, self._connection.list_all(tenant_id, path="/domains"))
        return tuple(sorted(found, key=lambda domain: (not domain.is_default, domain.name)))

    def list_seat_counts(self, tenant_id: str) -> tuple[SeatCount, ...]:
        """Editions that are given to people; those of the company as a whole are left out."""
        found = self._connection.list_all(tenant_id, path="/subscribedSkus")
        return tuple(read_seat_count(sku) for sku in found if str(sku.get("appliesTo")).casefold() != "company")

    def list_shown_subscriptions(self, tenant_id: str) -> tuple[ShownSubscription, ...]:
        """Those that are switched off, or gone, are left out."""
        found = self._connection.list_all(tenant_id, path="/directory/subscriptions")
        return tuple(read_shown_subscription(row) for row in found if str(row.get("status")).casefold() in _GIVES_SEATS)

    # --- people

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
        """A page. While searching or filtering Microsoft's index answers, which may be some moments behind.

        :raises ValueError: a sort that Microsoft does not offer.
        :raises Refused: a page that we did not hand out.
        """
        if page is None:
            path, params = "/users", _query(search=search, sort=sort, only=only, page_size=page_size)
        else:
            path, params = _read_page(page), None
        is_by_index = "$count" in params if params else "search=" in path or "count=true" in path
        body = self._connection.get(
            tenant_id,
            path=path,
            params=params,
            headers={"ConsistencyLevel": "eventual"} if is_by_index else None,
        )
        link, total = body.get("@odata.nextLink"), body.get("@odata.count")
        return PeoplePage(
            people=tuple(read_person(user) for user in list_of_objects(body)),
            next_page=_write_page(self._connection.path_of(str(link))) if link else None,
            total=total if isinstance(total, int) else None,
        )

    def get_person(self, tenant_id: str, *, person_id: str) -> Person:
        """One person by id or sign-in name."""
        path = f"/users/{path_part(person_id)}"
        return read_person(self._connection.get(tenant_id, path=path, params={"$select": PERSON_FIELDS}))

    def create_person(self, tenant_id: str, *, person: NewPerson) -> Person:
        """Create a user. After a lost answer the same call finds the one that was created."""
        try:
            created = self._connection.write("POST", tenant_id=tenant_id, path="/users", body=_new_user(person))
        except Refused as refusal:
            if refusal.details.get("reason") != NAME_TAKEN:
                raise
            return self._created_before(tenant_id, person=person, refusal=refusal)
        person_id = str(created.get("id") or person.sign_in_name)
        return self._patiently(lambda: self.get_person(tenant_id, person_id=person_id))

    def update_person(self, tenant_id: str, *, person_id: str, changes: dict[str, str | bool]) -> None:
        """Change some fields; an empty text clears one. :raises ValueError: a field that cannot be changed."""
        unknown = sorted(set(changes) - set(_FIELD_OF))
        if unknown:
            raise ValueError(f"These fields of a person cannot be changed: {', '.join(unknown)}.")
        if not changes:
            return
        body = {_FIELD_OF[name]: None if value == "" else value for name, value in changes.items()}
        path = f"/users/{path_part(person_id)}"
        self._patiently(lambda: self._connection.write("PATCH", tenant_id=tenant_id, path=path, body=body))

    def delete_person(self, tenant_id: str, *, person_id: str) -> None:
        """Delete; a person who is gone already is success."""
        try:
            self._connection.write("DELETE", tenant_id=tenant_id, path=f"/users/{path_part(person_id)}")
        except NotFound:
            return

    # --- licenses

    def change_licenses(
        self, tenant_id: str, *, person_id: str, add: Sequence[LicenseGrant], remove: Sequence[str]
    ) -> None:
        """One call for all. If Microsoft stumbles over a license that is not held, the call is made without it."""
        if not add and not remove:
            return
        try:
            self._patiently(lambda: self._assign(tenant_id, person_id=person_id, add=add, remove=remove))
        except Refused as refusal:
            if refusal.details.get("reason") != NOT_HELD:
                raise
            person = self.get_person(tenant_id, person_id=person_id)
            held = {license_.sku_id for license_ in person.licenses if license_.from_group is None}
            still_held = [sku_id for sku_id in remove if sku_id.lower() in held]
            if len(still_held) == len(remove):
                raise
            if add or still_held:
                self._assign(tenant_id, person_id=person_id, add=add, remove=still_held)

    def list_license_details(self, tenant_id: str, *, person_id: str) -> tuple[SeatCount, ...]:
        """App by app."""
        path = f"/users/{path_part(person_id)}/licenseDetails"
        return tuple(map(read_license_detail, self._connection.list_all(tenant_id, path=path)))

    def sign_out_everywhere(self, tenant_id: str, *, person_id: str) -> None:
        """Revoke the person's sign-in sessions."""
        path = f"/users/{path_part(person_id)}/revokeSignInSessions"
        self._connection.write("POST", tenant_id=tenant_id, path=path)

    def _assign(self, tenant_id: str, *, person_id: str, add: Sequence[LicenseGrant], remove: Sequence[str]) -> None:
        # Microsoft wants both keys, also when one is empty.
        body = {
            "addLicenses": [{"skuId": grant.sku_id, "disabledPlans": list(grant.disabled_plans)} for grant in add],
            "removeLicenses": list(remove),
        }
        path = f"/users/{path_part(person_id)}/assignLicense"
        self._connection.write("POST", tenant_id=tenant_id, path=path, body=body)

    def _created_before(self, tenant_id: str, *, person: NewPerson, refusal: Refused) -> Person:
        found = self._patiently(lambda: self.get_person(tenant_id, person_id=person.sign_in_name))
        is_same = (found.display_name, found.first_name, found.last_name) == (
            person.display_name,
            person.first_name,
            person.last_name,
        )
        is_new = found.created_at is not None and self._connection.clock.now() - found.created_at <= _OURS_FOR
        if is_same and is_new:
            return found
        raise refusal

    def _patiently(self, act: Callable[[], _T]) -> _T:
        """Ask again while a person who may have just been created is not known yet."""
        for seconds in _WAITS_FOR_A_NEW_PERSON:
            try:
                return act()
            except NotFound:
                self._connection.clock.wait(seconds)
        return act()


def _new_user(person: NewPerson) -> JsonObject:
    user = {
        "accountEnabled": True,
        "displayName": person.display_name,
        "givenName": person.first_name,
        "surname": person.last_name,
        "userPrincipalName": person.sign_in_name,
        "mailNickname": _nickname(person.sign_in_name),
        "usageLocation": person.country,
        "department": person.department,
        "jobTitle": person.job_title,
    }
    password = {"password": person.password, "forceChangePasswordNextSignIn": True}
    # An empty text is refused where nothing at all is fine.
    return {name: value for name, value in user.items() if value != ""} | {"passwordProfile": password}


def _nickname(sign_in_name: str) -> str:
    """What stands before the @, at most 64 characters, as Microsoft demands."""
    return sign_in_name.partition("@")[0][:64]


def _query(*, search: str, sort: str, only: PeopleFilter | None, page_size: int) -> dict[str, str | int]:
    name = sort.removeprefix("-")
    if name not in _SORT_FIELDS:
        raise ValueError(f"People can be sorted by {', '.join(sorted(_SORT_FIELDS))}, not by {name}.")
    query: dict[str, str | int] = {
        "$select": PERSON_FIELDS,
        "$top": max(1, min(page_size, _PAGE_SIZE_AT_MOST)),
        "$orderby": _SORT_FIELDS[name] + (" desc" if sort.startswith("-") else ""),
    }
    words = search.split()
    if words:
        query["$search"] = _search(words)
    if only:
        query["$filter"] = _FILTERS[only]
    if words or only:
        query["$count"] = "true"
    return query


def _search(words: Sequence[str]) -> str:
    """The words as the beginning of one of the fields or of a word in it."""
    text = " ".join(words).replace("\\", "\\\\").replace('"', '\\"')
    return " OR ".join(f'"{field}:{text}"' for field in _SEARCH_FIELDS)


def _write_page(path: str) -> str:
    return base64.urlsafe_b64encode(path.encode()).decode().rstrip("=")


def _read_page(page: str) -> str:
    """The path of a page, which always lies below our root: what came from a browser cannot lead anywhere else."""
    try:
        path = base64.urlsafe_b64decode(page + "=" * (-len(page) % 4)).decode()
    except (binascii.Error, ValueError):
        path = ""
    if not path.startswith("/users?") or any(character in path for character in "#\r\n\\"):
        raise Refused(code="bad-page", sentence="This page of the list is no longer there. Begin at the first page.")
    return path
