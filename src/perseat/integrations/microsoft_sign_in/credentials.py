"""How our application proves who it is: by its secret, or by a certificate that never leaves this machine."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIVES = timedelta(minutes=5)


class CertificateNotUsable(ValueError):
    """The certificate file is not what a sign-in needs; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """An RSA key with its certificate, as registered for our application."""

    key: RSAPrivateKey
    thumbprint: str
    ends_at: datetime


def read_certificate(pem: bytes) -> Certificate:
    """A certificate from a PEM file that also holds its private key, without a password.

    :raises CertificateNotUsable: when one of them is missing, or the key is none of RSA.
    """
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise CertificateNotUsable("The file has no certificate (BEGIN CERTIFICATE) in it.") from None
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise CertificateNotUsable("The file has no private key without a password in it.") from None
    if not isinstance(key, RSAPrivateKey):
        raise CertificateNotUsable("The private key must be an RSA key.")
    if key.public_key() != certificate.public_key():
        raise CertificateNotUsable("The private key belongs to another certificate.")
    return Certificate(key, _url_safe(certificate.fingerprint(SHA256())), certificate.not_valid_after_utc)


def prove_by_certificate(certificate: Certificate, *, client_id: str, address: str, now: datetime) -> dict[str, str]:
    """The part of a token request that proves us: an assertion for this address, good for five minutes."""
    claims = {
        "aud": address,
        "iss": client_id,
        "sub": client_id,
        "jti": str(uuid.uuid4()),
        "nbf": int(now.timestamp()),
        "exp": int((now + _ASSERTION_LIVES).timestamp()),
    }
    headers = {"x5t#S256": certificate.thumbprint}
    assertion = jwt.encode(claims, certificate.key, algorithm="PS256", headers=headers)
    return {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": assertion}


def _url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
