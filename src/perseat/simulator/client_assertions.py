"""An application that proves itself by a certificate instead of its secret."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Sequence

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from perseat.simulator.credentials import CLIENT_ID


class TokenRequestRefused(Exception):
    """A token was refused; the fields are those of the answer."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.error = error
        self.number = number
        self.text = text


def check_assertion(assertion: str, *, certificates: Sequence[str], now: datetime.datetime) -> None:
    """:raises TokenRequestRefused: unless one of the registered certificates (PEM) signed it for this moment."""
    try:
        named = jwt.get_unverified_header(assertion).get("x5t#S256")
        certificate = next(each for each in map(_read, certificates) if _thumbprint(each) == named)
        claims = jwt.decode(
            assertion,
            certificate.public_key(),  # type: ignore[arg-type] # only RSA certificates are registered
            algorithms=["PS256"],
            issuer=CLIENT_ID,
            options={"verify_exp": False, "verify_nbf": False, "verify_aud": False, "require": ["exp", "nbf", "aud"]},
        )
    except StopIteration:
        text = "The certificate with identifier used to sign the client assertion is not registered on application."
        raise TokenRequestRefused(401, "invalid_client", 700027, text) from None
    except jwt.InvalidTokenError as problem:
        raise TokenRequestRefused(401, "invalid_client", 700027, f"Client assertion failed: {problem}.") from problem
    if not claims["nbf"] <= now.timestamp() < claims["exp"] or now >= certificate.not_valid_after_utc:
        text = "Client assertion is not within its valid time range."
        raise TokenRequestRefused(401, "invalid_client", 700024, text)


def _read(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def _thumbprint(certificate: x509.Certificate) -> str:
    return base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).rstrip(b"=").decode()
