"""Access tokens: signed by the simulator, valid for an hour of its clock, checked on every call."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime
import enum
import hashlib
import hmac
import json
from collections.abc import Sequence

from perseat.simulator.credentials import CLIENT_ID, CLIENT_SECRET
from perseat.simulator.messages import JsonObject

PARTNER_CENTER = "https://api.partnercenter.microsoft.com"
PRICE_SHEETS = "https://api.partner.microsoft.com"
GRAPH = "https://graph.microsoft.com"
RETIRED_GRAPH = "https://graph.windows.net"
AUDIENCES = frozenset({PARTNER_CENTER, PRICE_SHEETS, GRAPH, RETIRED_GRAPH})
LIFETIME = datetime.timedelta(minutes=60)

_KEY = hashlib.sha256(f"{CLIENT_ID}/{CLIENT_SECRET}".encode()).digest()


class TokenFault(enum.StrEnum):
    """Why a token opens nothing."""

    MISSING = "missing"
    MALFORMED = "malformed"
    EXPIRED = "expired"


class TokenRefused(Exception):
    """The bearer token of a call was refused."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__(f"The token is {fault}.")
        self.fault = fault


@dataclasses.dataclass(frozen=True, kw_only=True)
class AccessToken:
    """Whom a token lets in where. `is_app_only`: asked for without a person."""

    audience: str
    tenant_id: str
    is_app_only: bool
    expires_at: datetime.datetime


def issue_token(
    *, audience: str, tenant_id: str, is_app_only: bool, now: datetime.datetime, permissions: Sequence[str] = ()
) -> str:
    """A signed token, in the form of a JSON Web Token, valid from now for an hour (the end excluded)."""
    claims: JsonObject = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{tenant_id}/",
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "tid": tenant_id,
        "appid": CLIENT_ID,
    }
    if is_app_only:
        claims |= {"idtyp": "app", "roles": list(permissions)}
    else:
        claims |= {"scp": " ".join(permissions) or "user_impersonation", "amr": ["pwd", "mfa"]}
    signed = f"{_encode({'typ': 'JWT', 'alg': 'HS256'})}.{_encode(claims)}"
    return f"{signed}.{_sign(signed)}"


def read_token(header: str | None, *, now: datetime.datetime) -> AccessToken:
    """The token of an Authorization header.

    :raises TokenRefused: when there is none, when it was not issued here, or when it has expired.
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenRefused(TokenFault.MISSING)
    signed, _, signature = token.strip().rpartition(".")
    if not hmac.compare_digest(_sign(signed), signature):
        raise TokenRefused(TokenFault.MALFORMED)
    claims = _decode(signed.rpartition(".")[2])
    expires_at = datetime.datetime.fromtimestamp(claims["exp"], datetime.UTC)
    if now >= expires_at:
        raise TokenRefused(TokenFault.EXPIRED)
    return AccessToken(
        audience=claims["aud"],
        tenant_id=claims["tid"],
        is_app_only=claims.get("idtyp") == "app",
        expires_at=expires_at,
    )


def tenant_named_in(header: str | None) -> str:
    """The tenant that a token says it is for, unchecked; "" for none."""
    parts = (header or "").split(".")
    try:
        return str(_decode(parts[1]).get("tid", "")) if len(parts) > 1 else ""
    except TokenRefused:
        return ""


def _sign(text: str) -> str:
    return _base64(hmac.new(_KEY, text.encode("utf-8", "replace"), hashlib.sha256).digest())


def _encode(claims: JsonObject) -> str:
    return _base64(json.dumps(claims, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> JsonObject:
    try:
        claims: JsonObject = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as problem:
        raise TokenRefused(TokenFault.MALFORMED) from problem
    return claims
