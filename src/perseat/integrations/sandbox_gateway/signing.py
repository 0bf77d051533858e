"""Signatures by the Standard Webhooks form (HMAC-SHA256 over id, moment and body), used for notices and page addresses.

https://github.com/standard-webhooks/standard-webhooks, read on 2026-11-22.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

_PREFIX = "whsec_"


def signature(content: bytes, *, secret: str) -> bytes:
    """The HMAC-SHA256 of the content. A secret that begins with whsec_ is base64 behind it, others are text.

    :raises ValueError: no secret, or one that is not what it says.
    """
    return hmac.digest(_key(secret), content, hashlib.sha256)


def notice_signature(body: bytes, *, notice_id: str, epoch_seconds: int, secret: str) -> str:
    """The value of the header webhook-signature: version and base64."""
    content = f"{notice_id}.{epoch_seconds}.".encode() + body
    return "v1," + base64.b64encode(signature(content, secret=secret)).decode()


def is_signed_by(header: str, *, expected: str) -> bool:
    """Whether one of the header's signatures, divided by spaces, is the expected one; compared in constant time."""
    return any(hmac.compare_digest(part.encode(), expected.encode()) for part in header.split(" "))


def seal(content: bytes, *, purpose: str, secret: str) -> str:
    """Content that can be read by all and changed by nobody, fit for an address. `purpose` keeps uses apart."""
    encoded = _to_text(content)
    return f"{encoded}.{_to_text(signature(f'{purpose}.{encoded}'.encode(), secret=secret))}"


def unseal(token: str, *, purpose: str, secret: str) -> bytes | None:
    """The content of a sealed token, None when it was not sealed by us for this purpose."""
    encoded, _, sealed = token.partition(".")
    expected = _to_text(signature(f"{purpose}.{encoded}".encode(), secret=secret))
    if not hmac.compare_digest(sealed.encode(), expected.encode()):
        return None
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError):
        return None


def _key(secret: str) -> bytes:
    if not secret:
        raise ValueError("The sandbox gateway needs a secret.")
    if secret.startswith(_PREFIX):
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    return secret.encode()


def _to_text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
