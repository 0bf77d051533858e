"""Notices of Partner Center (webhooks): the signature, whose certificate it is, and where they are registered."""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from perseat.integrations.partner_center.connection import Connection
from perseat.integrations.partner_center.record import Record, UnreadableAnswer
from perseat.ports.clock import Clock
from perseat.ports.failures import NotFound
from perseat.ports.supplier_notices import NoticeRefused, SupplierNotice

EVENTS = (
    "subscription-updated",
    "granular-admin-relationship-approved",
    "granular-admin-relationship-expired",
    "granular-admin-relationship-terminated",
    "reseller-relationship-accepted-by-customer",
    "test-created",
)
_REGISTRATION = "/webhooks/v1/registration"
_ALGORITHM = "rsa-sha256"
_ORGANIZATION = "Microsoft Corporation"
_LARGEST_CERTIFICATE = 32 * 1024
_KEEP_FOR = timedelta(hours=6)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class PartnerCenterNotices:
    """Checks signatures with certificates fetched from the allowed hosts only; each is kept for a few hours."""

    def __init__(
        self, http: httpx.Client, *, registrations: Connection, certificate_hosts: Collection[str], clock: Clock
    ) -> None:
        self._http = http
        self._registrations = registrations
        self._hosts = frozenset(host.casefold() for host in certificate_hosts)
        self._clock = clock
        self._kept: dict[str, tuple[datetime, x509.Certificate]] = {}

    def read(self, body: bytes, headers: Mapping[str, str]) -> SupplierNotice:
        """See the port."""
        signature = _signature(headers)
        if headers.get("X-MS-Signature-Algorithm", _ALGORITHM).casefold() != _ALGORITHM:
            raise NoticeRefused("Only rsa-sha256 is taken.")
        certificate = self._certificate(headers.get("X-MS-Certificate-Url", ""))
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise NoticeRefused("The certificate has no RSA key.")
        try:
            key.verify(signature, body, PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise NoticeRefused("The signature is not that of this body.") from None
        return _notice(body)

    def get_address(self) -> str:
        """See the port."""
        try:
            return self._registrations.get(_REGISTRATION).text("WebhookUrl")
        except NotFound:
            return ""

    def register(self, address: str) -> None:
        """See the port."""
        method = "PUT" if self.get_address() else "POST"
        wanted = {"WebhookUrl": address, "WebhookEvents": list(EVENTS)}
        self._registrations.write(method, _REGISTRATION, body=wanted, request_id=uuid.uuid4())

    def _certificate(self, address: str) -> x509.Certificate:
        now = self._clock.now()
        known = self._kept.get(address)
        if known is None or now - known[0] > _KEEP_FOR:
            known = now, self._fetch(address)
            self._kept[address] = known
        certificate = known[1]
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise NoticeRefused("The certificate is not valid now.")
        return certificate

    def _fetch(self, address: str) -> x509.Certificate:
        """From an allowed host, over TLS but on this machine itself, without following anything elsewhere."""
        self._must_be_allowed(address)
        try:
            with self._http.stream("GET", address, follow_redirects=False) as answer:
                content = b"".join(part for part in _at_most(answer, _LARGEST_CERTIFICATE))
        except httpx.HTTPError as error:
            raise NoticeRefused(f"The certificate could not be fetched ({type(error).__name__}).") from error
        if answer.status_code != httpx.codes.OK:
            raise NoticeRefused(f"The certificate could not be fetched ({answer.status_code}).")
        return _parse(content)

    def _must_be_allowed(self, address: str) -> None:
        try:
            parts = urlsplit(address)
            place, host = parts.netloc.casefold(), (parts.hostname or "").casefold()
        except ValueError:
            raise NoticeRefused("The certificate's address is none.") from None
        is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
        if place not in self._hosts or not is_safe:
            raise NoticeRefused("The certificate is at a place that is not on our list.")


def _signature(headers: Mapping[str, str]) -> bytes:
    """Base64 behind the word Signature, in the one header or the other."""
    given = headers.get("X-MS-Signature") or headers.get("Authorization", "")
    text = given.removeprefix("Signature ").strip()
    try:
        signature = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        signature = b""
    if not signature:
        raise NoticeRefused("There is no signature.")
    return signature


def _at_most(answer: httpx.Response, limit: int) -> list[bytes]:
    parts, size = [], 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > limit:
            raise NoticeRefused("The certificate is too large.")
        parts.append(part)
    return parts


def _parse(content: bytes) -> x509.Certificate:
    try:
        is_text = content.lstrip().startswith(b"-----BEGIN")
        certificate = (x509.load_pem_x509_certificate if is_text else x509.load_der_x509_certificate)(content)
        owners = [each.value for each in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    except ValueError:
        raise NoticeRefused("The certificate cannot be read.") from None
    if owners != [_ORGANIZATION]:
        raise NoticeRefused("The certificate is not Microsoft's.")
    return certificate


def _notice(body: bytes) -> SupplierNotice:
    try:
        record = Record.parse(body)
        event, changed_at = record.text("EventName"), record.moment("ResourceChangeUtcDate")
        parts = [part for part in urlsplit(record.text("ResourceUri")).path.split("/") if part]
    except (UnreadableAnswer, ValueError):
        raise NoticeRefused("The notice cannot be read.") from None
    if not event:
        raise NoticeRefused("The notice names no event.")
    return SupplierNotice(
        event=event.casefold(),
        tenant_id=_after("customers", parts),
        subscription_id=_after("subscriptions", parts),
        changed_at=changed_at,
    )


def _after(name: str, parts: list[str]) -> str:
    """The id behind a name in a path; empty when there is none, or when it is no id."""
    following = dict(zip((part.casefold() for part in parts), parts[1:], strict=False)).get(name, "")
    try:
        return str(uuid.UUID(following))
    except ValueError:
        return ""
