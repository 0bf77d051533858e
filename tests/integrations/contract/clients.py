"""Our real clients at an address, and the calls of theirs that the table names."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import httpx
from tests.integrations.canned import PARTNER, CountedTokens, StandingClock
from tests.integrations.contract.rows import Row
from tests.simulator.world import ACME

from perseat.integrations.graph.client import GraphDirectory
from perseat.integrations.graph.connection import Connection as GraphConnection
from perseat.integrations.microsoft_sign_in.consents import ConsentInMemory
from perseat.integrations.microsoft_sign_in.tokens import Application, TokenSource
from perseat.integrations.partner_center.client import PartnerCenter
from perseat.integrations.partner_center.connection import Connection as PartnerCenterConnection
from perseat.integrations.partner_center.notices import PartnerCenterNotices
from perseat.integrations.partner_center.price_sheets import PartnerCenterPriceSheets
from perseat.integrations.partner_center.tenants import PartnerCenterTenancies
from perseat.ports.directory import LicenseGrant, NewPerson, PeopleFilter
from perseat.ports.failures import OutsideFailure
from perseat.ports.seat_provider import AgreementContact
from perseat.ports.tenancies import NewTenant, PostalAddress

CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "our-application", "our-secret", "our-consent"
REQUEST = UUID("5f0d4a3e-0000-4000-8000-00000000000a")
_WRITES = {"accept_agreement", "prepare_purchase", "complete_purchase", "set_seats", "set_renewal_seats"}
_WRITES |= {"end_subscription", "set_suspended"}
_WRITES |= {"end_subscription", "create_tenant"}
# Calls that are about no tenant that there is.
_WITHOUT_TENANT = {
    "check_address",
    "create_tenant",
    "get_address",
    "get_invitation_link",
    "is_domain_free",
    "list_offers",
    "register",
}


@dataclass(frozen=True, kw_only=True)
class _Clients:
    seats: PartnerCenter
    notices: PartnerCenterNotices
    tenancies: PartnerCenterTenancies
    directory: GraphDirectory
    sheets: PartnerCenterPriceSheets
    http: httpx.Client
    root: str
    clock: StandingClock


def read_by_client(row: Row, *, root: str, http: httpx.Client) -> Any:
    """What our client makes of the row's answer, in plain values; a failure by its name and facts."""
    clients = _make_clients(http, root=root)
    try:
        return as_plain(_call(clients, row))
    except OutsideFailure as failure:
        return {"failure": type(failure).__name__} | vars(failure)


def as_plain(value: Any) -> Any:
    """Values of our ports as JSON would hold them; a lone text or truth value is named `value`."""
    return {"value": value} if isinstance(value, (str, bool)) and not isinstance(value, Enum) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _make_clients(http: httpx.Client, *, root: str) -> _Clients:
    clock = StandingClock()
    tokens = CountedTokens()
    partner = PartnerCenterConnection(
        http, base_url=root, partner_tenant_id=PARTNER, tokens=tokens, clock=clock, writes=True
    )
    sheets = PartnerCenterPriceSheets(http, base_url=root, partner_tenant_id=PARTNER, tokens=tokens, catalog=partner)
    graph = GraphConnection(http, base_url=root, tokens=tokens, clock=clock, writes=True)
    registrations = PartnerCenterConnection(
        http, base_url=root, partner_tenant_id=PARTNER, tokens=tokens, clock=clock, writes=True, root=""
    )
    return _Clients(
        notices=PartnerCenterNotices(http, registrations=registrations, certificate_hosts=(), clock=clock),
        seats=PartnerCenter(partner, clock=clock),
        tenancies=PartnerCenterTenancies(partner),
        directory=GraphDirectory(graph),
        sheets=sheets,
        http=http,
        root=root,
        clock=clock,
    )


def _call(clients: _Clients, row: Row) -> Any:
    owner, _, name = row.client["call"].partition(".")
    given = {key: _argument(key, value) for key, value in row.client.get("with", {}).items()}
    if owner == "tokens":
        return _token_source(clients, **given).get_token(ACME)
    if name == "fetch":
        content = io.BytesIO()
        clients.sheets.fetch(given["market"], into=content)
        content.seek(0)
        return list(clients.sheets.read(content, market=given["market"]))
    if owner == "sheets":
        return clients.sheets.get_edition(given.pop("product_id"), **given)
    again = {"request_id": REQUEST} if name in _WRITES else {}
    call = getattr(getattr(clients, owner), name)
    if name not in _WITHOUT_TENANT:
        return call(ACME, **given, **again)
    return call(*given.values(), **again)  # they take one value, or none


def _argument(name: str, value: Any) -> Any:
    """The values of the table as our ports take them."""
    return _MAKERS[name](value) if name in _MAKERS else value


def _contact(value: dict[str, str]) -> AgreementContact:
    return AgreementContact(**value | {"agreed_on": date.fromisoformat(value["agreed_on"])})


def _with_tuples(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


_MAKERS: dict[str, Callable[[Any], Any]] = {
    "contact": _contact,
    "person": lambda value: NewPerson(**value),
    "address": lambda value: value if isinstance(value, str) else PostalAddress(**value),
    "tenant": lambda value: NewTenant(**value | {"address": PostalAddress(**value["address"])}),
    "add": lambda grants: [LicenseGrant(**_with_tuples(grant)) for grant in grants],
    "only": PeopleFilter,
}


def _token_source(clients: _Clients, *, refresh_token: str = "") -> TokenSource:
    return TokenSource(
        clients.http,
        login_base_url=clients.root,
        application=Application(client_id=CLIENT_ID, client_secret=CLIENT_SECRET),
        audience="https://api.partnercenter.microsoft.com",
        clock=clients.clock,
        consents=ConsentInMemory(REFRESH_TOKEN if refresh_token else ""),
    )
