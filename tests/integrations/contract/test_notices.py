"""Microsoft's notices, signed as it signs them, are read as the table says, however they are spelled."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.integrations.canned import StandingClock, Wire, partner_center_connection
from tests.integrations.certificates import make_key
from tests.integrations.contract.clients import as_plain
from tests.integrations.contract.comparing import missing_values
from tests.integrations.contract.rows import Row, load_rows

from perseat.integrations.partner_center.notices import PartnerCenterNotices

NOTICES = [pytest.param(row, id=row.name) for row in load_rows() if row.is_notice]
KEY = make_key()
HOST = "certificates.example"


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Microsoft Corporation")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    made = made.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    return made.not_valid_after(datetime(2030, 1, 1, tzinfo=UTC)).sign(KEY, SHA256()).public_bytes(Encoding.DER)


def read(row: Row, body: bytes) -> object:
    wire = Wire(httpx.Response(200, content=certificate()))
    notices = PartnerCenterNotices(
        httpx.Client(transport=httpx.MockTransport(wire)),
        registrations=partner_center_connection(wire),
        certificate_hosts=(HOST,),
        clock=StandingClock(),
    )
    signature = base64.b64encode(KEY.sign(body, PKCS1v15(), SHA256())).decode()
    headers = row.headers | {"Authorization": f"{row.headers['Authorization']} {signature}"}
    return as_plain(notices.read(body, httpx.Headers(headers)))


@pytest.mark.parametrize("row", NOTICES)
def test_a_notice_tells_what_changed_and_when(row: Row) -> None:
    found = read(row, json.dumps(row.body).encode())

    assert missing_values(row.client["reads"], found) == []


@pytest.mark.parametrize("row", NOTICES)
def test_a_mark_in_front_and_small_letters_change_nothing(row: Row) -> None:
    small = {name[:1].lower() + name[1:]: value for name, value in row.body.items()}

    found = read(row, b"\xef\xbb\xbf" + json.dumps(small).encode())

    assert missing_values(row.client["reads"], found) == []
