"""Notices that Partner Center sends: where they are registered, and how each is written and signed."""

from __future__ import annotations

import base64
import dataclasses
import datetime
import functools
import json
import uuid
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID

from perseat.simulator.calls import Call
from perseat.simulator.messages import Answer, JsonObject, instant
from perseat.simulator.partner_errors import PartnerRefusal
from perseat.simulator.partner_resources import read_body
from perseat.simulator.router import Router
from perseat.simulator.store import Store, Tenant

CERTIFICATE_PATH = "/certificates/notices.cer"
EVENTS = (
    "granular-admin-relationship-approved",
    "granular-admin-relationship-expired",
    "granular-admin-relationship-terminated",
    "reseller-relationship-accepted-by-customer",
    "subscription-updated",
    "test-created",
)
_REGISTRATION = "/webhooks/v1/registration"
_ALWAYS = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Notice:
    """A notice on its way: where to, and what is sent."""

    address: str
    headers: dict[str, str]
    body: bytes


def add_routes(router: Router) -> None:
    """Answer the addresses at which notices are asked for."""
    router.add("GET", f"{_REGISTRATION}/events", lambda _call: Answer(status=200, body=list(EVENTS)))
    router.add("POST", f"{_REGISTRATION}/validationEvents", send_test)
    router.add("GET", f"{_REGISTRATION}/validationEvents/{{event}}", get_test)
    router.add("GET", _REGISTRATION, get_registration)
    router.add("POST", _REGISTRATION, register)
    router.add("PUT", _REGISTRATION, register)


def get_registration(call: Call) -> Answer:
    """Where notices go. :raises PartnerRefusal: 1000 when nowhere."""
    if not call.store.notice_address:
        raise PartnerRefusal(1000)
    return Answer(status=200, body=_registration(call.store))


def register(call: Call) -> Answer:
    """Send the named events to an address from now on."""
    wanted = read_body(call)
    address, events = str(wanted.get("webhookurl") or ""), wanted.get("webhookevents")
    if not address.startswith(("http://", "https://")) or not isinstance(events, list) or not set(events) <= {*EVENTS}:
        raise PartnerRefusal(2000)
    store = call.store
    store.notice_address, store.notice_events = address, [str(each) for each in events]
    store.noted_versions = {
        one.id: one.version for tenant in store.tenants.values() for one in tenant.subscriptions.values()
    }
    return Answer(status=200, body={"SubscriberId": str(uuid.uuid4()), **_registration(store)})


def send_test(call: Call) -> Answer:
    """A notice of the event test-created; it must be among those asked for."""
    if "test-created" not in call.store.notice_events:
        raise PartnerRefusal(2000)
    correlation_id = str(uuid.uuid4())
    call.store.waiting_notices.append(_body("test-created", "/v1/webhooks/registration/test", kind="test", at=call.now))
    return Answer(status=200, body={"correlationId": correlation_id})


def get_test(call: Call) -> Answer:
    """How a test event fared."""
    body = {
        "correlationId": call.names["event"],
        "partnerId": str(uuid.uuid4()),
        "status": "completed",
        "callbackUrl": call.store.notice_address,
        "results": [
            {"responseCode": "OK", "responseMessage": "", "systemError": False, "dateTimeUtc": instant(call.now)}
        ],
    }
    return Answer(status=200, body=body)


def note_changes(store: Store, *, now: datetime.datetime, only: Sequence[Tenant] | None = None) -> None:
    """Write a notice for each subscription that is another version than before, in `only` these tenants or in all.

    Nothing while nobody has asked for notices.
    """
    if "subscription-updated" not in store.notice_events:
        return
    for tenant in store.tenants.values() if only is None else only:
        for one in tenant.subscriptions.values():
            if store.noted_versions.get(one.id) == one.version:
                continue
            store.noted_versions[one.id] = one.version
            path = f"/webhooks/v1/customers/{tenant.id}/subscriptions/{one.id}"
            store.waiting_notices.append(_body("subscription-updated", path, kind="subscription", at=now))


def sign(body: str, *, address: str, certificate_address: str) -> Notice:
    """A notice as it is sent."""
    content = body.encode()
    signature = _key().sign(content, PKCS1v15(), hashes.SHA256())
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Signature {base64.b64encode(signature).decode()}",
        "X-MS-Certificate-Url": certificate_address,
        "X-MS-Signature-Algorithm": "rsa-sha256",
    }
    return Notice(address=address, headers=headers, body=content)


@functools.cache
def certificate() -> bytes:
    """The certificate of whoever signs (DER), made when it is first asked for; every process has another."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Microsoft Corporation"),
            x509.NameAttribute(NameOID.COMMON_NAME, "pcnotifications-dispatch.simulator.example"),
        ]
    )
    builder = x509.CertificateBuilder(name, name, _key().public_key(), x509.random_serial_number(), *_ALWAYS)
    return builder.sign(_key(), hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _registration(store: Store) -> JsonObject:
    return {"WebhookUrl": store.notice_address, "WebhookEvents": store.notice_events}


def _body(event: str, path: str, *, kind: str, at: datetime.datetime) -> str:
    body = {
        "EventName": event,
        "ResourceUri": f"http://api.partnercenter.microsoft.com{path}",
        "ResourceName": kind,
        "AuditUri": None
        if kind == "test"
        else f"https://api.partnercenter.microsoft.com/v1/auditrecords/{uuid.uuid4()}",
        "ResourceChangeUtcDate": at.isoformat(),
    }
    return json.dumps(body)
