"""Which integration stands behind each port. The only place that knows both the settings and the suppliers."""

from __future__ import annotations

import functools
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import httpx
from django.conf import settings as django_settings

from perseat.capabilities.connections.consents import KeptConsents
from perseat.capabilities.connections.sealing import Seal
from perseat.integrations.factur_x.writer import FacturXWriter
from perseat.integrations.graph.client import GraphDirectory
from perseat.integrations.graph.connection import Connection as GraphConnection
from perseat.integrations.graph.delegated_access import GraphDelegatedAccess
from perseat.integrations.microsoft_sign_in.consents import ConsentInMemory
from perseat.integrations.microsoft_sign_in.credentials import read_certificate
from perseat.integrations.microsoft_sign_in.tokens import Application, TokenSource
from perseat.integrations.partner_center.client import PartnerCenter
from perseat.integrations.partner_center.connection import Connection as PartnerCenterConnection
from perseat.integrations.partner_center.notices import PartnerCenterNotices
from perseat.integrations.partner_center.price_sheets import PartnerCenterPriceSheets
from perseat.integrations.partner_center.tenants import PartnerCenterTenancies
from perseat.integrations.sandbox_gateway.client import SandboxGateway
from perseat.integrations.smtp.mailers import FolderMailer, SmtpMailer, SmtpServer
from perseat.integrations.system_clock import SystemClock
from perseat.integrations.typst.renderer import TypstRenderer
from perseat.ports.clock import Clock
from perseat.ports.consents import Consents
from perseat.ports.mailer import Mailer
from perseat.ports.outside import Outside
from perseat.ports.payment_gateway import PaymentGateway

SANDBOX = "sandbox"
# What a token is made for stays the same where the calls go to the simulator or through a proxy.
PARTNER_CENTER_AUDIENCE = "https://api.partnercenter.microsoft.com"
PRICE_SHEET_AUDIENCE = "https://api.partner.microsoft.com"
GRAPH_AUDIENCE = "https://graph.microsoft.com"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PATIENCE = httpx.Timeout(60.0, connect=5.0)
# Somebody waits for a page: it rather tells what was known last, and the worker goes on where a write was cut short.
_PATIENCE_OF_PAGES = httpx.Timeout(10.0, connect=3.0)


class Secret(Protocol):
    """A setting that is not shown by accident."""

    def get_secret_value(self) -> str:
        """The secret itself."""
        ...


class OutsideSettings(Protocol):
    """What the outside is made from; `settings.PERSEAT` has it all."""

    @property
    def supplier_writes(self) -> str: ...
    @property
    def partner_center_base_url(self) -> str: ...
    @property
    def price_sheet_base_url(self) -> str: ...
    @property
    def graph_base_url(self) -> str: ...
    @property
    def notice_certificate_hosts(self) -> tuple[str, ...]: ...
    @property
    def login_base_url(self) -> str: ...
    @property
    def partner_tenant_id(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> Secret: ...
    @property
    def client_certificate(self) -> Path | None: ...
    @property
    def refresh_token(self) -> Secret: ...
    @property
    def gdap_group_id(self) -> str: ...
    @property
    def base_url(self) -> str: ...
    @property
    def sandbox_gateway(self) -> str: ...
    @property
    def sandbox_gateway_secret(self) -> Secret: ...
    @property
    def email_from(self) -> str: ...
    @property
    def smtp_url(self) -> Secret | None: ...
    @property
    def data_dir(self) -> Path: ...


def get_outside() -> Outside:
    """The outside of this process. Tests put one of their own, on the simulator, into the setting OUTSIDE."""
    given: Outside | None = getattr(django_settings, "OUTSIDE", None)
    return _outside_of_this_process() if given is None else given


def make_outside(
    settings: OutsideSettings,
    *,
    clock: Clock | None = None,
    microsoft: httpx.BaseTransport | None = None,
    gateway: httpx.BaseTransport | None = None,
    mailer: Mailer | None = None,
    consents: Consents | None = None,
    is_for_pages: bool = False,
) -> Outside:
    """Every port answered by the real client that the settings ask for.

    `consents`: where a renewed consent is kept; left out, in memory only.
    `is_for_pages`: with the patience of somebody who waits for a page, instead of a worker's.
    `microsoft` and `gateway` are transports to use instead of the network, such as one into the simulator.
    """
    clock = clock or SystemClock()
    consents = consents or ConsentInMemory(settings.refresh_token.get_secret_value())
    asking = _Asking(settings=settings, clock=clock, transport=microsoft, consents=consents, is_for_pages=is_for_pages)
    return Outside(
        seats=_make_seats(asking),
        notices=_make_notices(asking),
        price_sheets=_make_price_sheets(asking),
        directory=GraphDirectory(_graph(asking)),
        tenancies=PartnerCenterTenancies(_partner_center(asking)),
        access=GraphDelegatedAccess(
            _graph(asking), partner_tenant_id=settings.partner_tenant_id, group_id=settings.gdap_group_id
        ),
        gateways=_make_gateways(settings, transport=gateway),
        renderer=TypstRenderer(),
        invoices=FacturXWriter(),
        mailer=mailer or _make_mailer(settings, clock=clock),
        clock=clock,
        supplier_writes=settings.supplier_writes == "on",
    )


def sandbox_secret(settings: OutsideSettings) -> str:
    """What signs the sandbox gateway's pages and notices: the setting, else a secret made from Django's own."""
    given = settings.sandbox_gateway_secret.get_secret_value()
    if given:
        return given
    key = str(django_settings.SECRET_KEY).encode()
    return hmac.digest(key, b"perseat sandbox gateway", hashlib.sha256).hex()


def kept_consents(settings: OutsideSettings) -> KeptConsents:
    """The consents of this installation, encrypted in its database by Django's key; former keys still open them."""
    keys = [str(django_settings.SECRET_KEY), *map(str, django_settings.SECRET_KEY_FALLBACKS)]
    return KeptConsents(given=settings.refresh_token.get_secret_value(), seal=Seal(keys, purpose="perseat consents"))


@functools.cache
def _outside_of_this_process() -> Outside:
    settings: OutsideSettings = django_settings.PERSEAT
    return make_outside(
        settings, consents=kept_consents(settings), is_for_pages=getattr(django_settings, "SERVES_PAGES", False)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """What every client of Microsoft's is made from."""

    settings: OutsideSettings
    clock: Clock
    transport: httpx.BaseTransport | None
    consents: Consents
    is_for_pages: bool

    def tokens(self, audience: str, *, patience: httpx.Timeout) -> TokenSource:
        settings = self.settings
        certificate = settings.client_certificate
        return TokenSource(
            _http(settings.login_base_url, transport=self.transport, patience=patience),
            login_base_url=settings.login_base_url,
            application=Application(
                client_id=settings.client_id,
                client_secret=settings.client_secret.get_secret_value(),
                certificate=read_certificate(certificate.read_bytes()) if certificate else None,
                home_tenant_id=settings.partner_tenant_id,
            ),
            audience=audience,
            clock=self.clock,
            consents=self.consents,
        )


def _make_seats(asking: _Asking) -> PartnerCenter:
    return PartnerCenter(_partner_center(asking), clock=asking.clock)


def _make_notices(asking: _Asking) -> PartnerCenterNotices:
    settings = asking.settings
    return PartnerCenterNotices(
        _http(settings.partner_center_base_url, transport=asking.transport, patience=_PATIENCE_OF_PAGES),
        registrations=_partner_center(asking, root=""),
        certificate_hosts=settings.notice_certificate_hosts,
        clock=asking.clock,
    )


def _make_price_sheets(asking: _Asking) -> PartnerCenterPriceSheets:
    settings = asking.settings
    return PartnerCenterPriceSheets(
        _http(settings.price_sheet_base_url, transport=asking.transport),
        base_url=settings.price_sheet_base_url,
        partner_tenant_id=settings.partner_tenant_id,
        tokens=asking.tokens(PRICE_SHEET_AUDIENCE, patience=_PATIENCE),
        catalog=_partner_center(asking),
    )


def _partner_center(asking: _Asking, *, root: str = "/v1") -> PartnerCenterConnection:
    settings = asking.settings
    return PartnerCenterConnection(
        _http(settings.partner_center_base_url, transport=asking.transport),
        base_url=settings.partner_center_base_url,
        partner_tenant_id=settings.partner_tenant_id,
        tokens=asking.tokens(PARTNER_CENTER_AUDIENCE, patience=_PATIENCE),
        clock=asking.clock,
        writes=settings.supplier_writes == "on",
        root=root,
    )


def _graph(asking: _Asking) -> GraphConnection:
    settings = asking.settings
    patience = _PATIENCE_OF_PAGES if asking.is_for_pages else _PATIENCE
    return GraphConnection(
        _http(settings.graph_base_url, transport=asking.transport, patience=patience),
        base_url=settings.graph_base_url,
        tokens=asking.tokens(GRAPH_AUDIENCE, patience=patience),
        clock=asking.clock,
        writes=settings.supplier_writes == "on",
        patience_seconds=5.0 if asking.is_for_pages else 20.0,
    )


def _make_gateways(settings: OutsideSettings, *, transport: httpx.BaseTransport | None) -> dict[str, PaymentGateway]:
    if settings.sandbox_gateway != "on":
        return {}
    http = _http(settings.base_url, transport=transport)
    return {SANDBOX: SandboxGateway(http, base_url=settings.base_url, secret=sandbox_secret(settings))}


def _make_mailer(settings: OutsideSettings, *, clock: Clock) -> Mailer:
    if settings.smtp_url is None:
        return FolderMailer(settings.data_dir / "mail", sender=settings.email_from, clock=clock)
    parts = urlsplit(settings.smtp_url.get_secret_value())
    is_encrypted = parts.scheme == "smtps"
    server = SmtpServer(
        host=parts.hostname or "localhost",
        port=parts.port or (465 if is_encrypted else 587),
        is_encrypted=is_encrypted,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
    return SmtpMailer(server, sender=settings.email_from, clock=clock)


def _http(base_url: str, *, transport: httpx.BaseTransport | None, patience: httpx.Timeout = _PATIENCE) -> httpx.Client:
    """A client that obeys the machine's proxies, except towards the machine itself, and follows no redirect."""
    is_near = urlsplit(base_url).hostname in _LOOPBACK
    return httpx.Client(transport=transport, timeout=patience, trust_env=not is_near)
