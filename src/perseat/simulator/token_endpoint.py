"""The token endpoint of both versions: client credentials and refresh tokens."""

from __future__ import annotations

import datetime
import hmac
import secrets
import uuid
from urllib.parse import parse_qs

from perseat.simulator.client_assertions import TokenRequestRefused, check_assertion
from perseat.simulator.credentials import CLIENT_ID, CLIENT_SECRET, PARTNER_TENANT, REFRESH_TOKEN
from perseat.simulator.graph_permissions import granted
from perseat.simulator.messages import Answer, JsonObject, Request
from perseat.simulator.store import RefreshGrant, Store, Tenant
from perseat.simulator.tokens import AUDIENCES, GRAPH, LIFETIME, issue_token

_REVOKED = "The provided grant has expired due to it being revoked; a fresh auth token is needed."
REFRESH_TOKEN_LIFETIME = datetime.timedelta(days=90)


def answer_token_request(
    request: Request, *, tenant: str, version: int, store: Store, now: datetime.datetime
) -> Answer:
    """A token or the refusal of one, as the identity platform words it."""
    form = {name: values[-1] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    try:
        return _grant(form, tenant=tenant, version=version, store=store, now=now)
    except TokenRequestRefused as refusal:
        return Answer(status=refusal.status, body=_refusal_body(refusal, now=now))


def revoked_answer(now: datetime.datetime) -> Answer:
    """The answer once whoever consented has taken it back."""
    refusal = TokenRequestRefused(400, "invalid_grant", 50173, _REVOKED)
    return Answer(status=refusal.status, body=_refusal_body(refusal, now=now))


def _grant(form: dict[str, str], *, tenant: str, version: int, store: Store, now: datetime.datetime) -> Answer:
    tenant_id = _check_tenant(tenant, store=store)
    _check_client(form, store=store, now=now)
    if not _lets_us_in(form, tenant=store.tenants.get(tenant_id)):
        text = f"The user or administrator has not consented to use the application with ID '{CLIENT_ID}'."
        raise TokenRequestRefused(400, "invalid_grant", 65001, text)
    audience = _audience(form, version=version)
    match form.get("grant_type"):
        case "client_credentials":
            refresh_token = None
        case "refresh_token":
            _check_mfa(tenant_id, store=store)
            refresh_token = _exchange(form.get("refresh_token", ""), store=store, now=now)
        case other:
            text = f"The app requested an unsupported grant type '{other}'."
            raise TokenRequestRefused(400, "unsupported_grant_type", 70003, text)
    token = issue_token(
        audience=audience,
        tenant_id=tenant_id,
        is_app_only=refresh_token is None,
        now=now,
        permissions=_permissions(audience, tenant_id=tenant_id, store=store),
    )
    body = _token_body(token, audience=audience, version=version, now=now)
    if refresh_token is not None:
        scope = "user_impersonation" if version == 1 else f"{audience}/user_impersonation"
        body |= {"refresh_token": refresh_token, "scope": scope}
    return Answer(status=200, body=body, headers={"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"})


def _lets_us_in(form: dict[str, str], *, tenant: Tenant | None) -> bool:
    """Whether the tenant's administrator lets the application in; at home, and as a delegated person, that is given."""
    if tenant is None:
        return True
    is_alone = form.get("grant_type") == "client_credentials"
    return tenant.has_consent and tenant.is_customer and not (is_alone and tenant.needs_relationship)


def _check_mfa(tenant_id: str, *, store: Store) -> None:
    tenant = store.tenants.get(tenant_id)
    if store.demands_mfa or (tenant is not None and tenant.demands_mfa):
        text = (
            "Due to a configuration change made by your administrator, or because you moved to a new location, you "
            "must use multi-factor authentication to access the resource."
        )
        raise TokenRequestRefused(400, "interaction_required", 50076, text)


def _check_tenant(tenant: str, *, store: Store) -> str:
    if tenant.lower() == PARTNER_TENANT or tenant.lower() in store.tenants:
        return tenant.lower()
    for known in store.tenants.values():
        if any(domain.name == tenant.lower() for domain in known.domains):
            return known.id
    text = f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
    raise TokenRequestRefused(400, "invalid_request", 90002, text)


def _permissions(audience: str, *, tenant_id: str, store: Store) -> list[str]:
    return granted(store.tenants[tenant_id]) if audience == GRAPH and tenant_id in store.tenants else []


def _check_client(form: dict[str, str], *, store: Store, now: datetime.datetime) -> None:
    if form.get("client_id") != CLIENT_ID:
        text = f"Application with identifier '{form.get('client_id', '')}' was not found in the directory."
        raise TokenRequestRefused(400, "unauthorized_client", 700016, text)
    if "client_assertion" in form:
        check_assertion(form["client_assertion"], certificates=store.certificates, now=now)
        return
    if not hmac.compare_digest(form.get("client_secret", "").encode(), CLIENT_SECRET.encode()):
        raise TokenRequestRefused(401, "invalid_client", 7000215, "Invalid client secret provided.")


def _audience(form: dict[str, str], *, version: int) -> str:
    asked = form.get("resource", "") if version == 1 else _scope_resource(form.get("scope", ""))
    audience = asked.rstrip("/")
    if audience not in AUDIENCES:
        error, number = ("invalid_resource", 500011) if version == 1 else ("invalid_scope", 70011)
        raise TokenRequestRefused(
            400, error, number, f"The resource '{asked}' was not found or the scope is not valid."
        )
    return audience


def _scope_resource(scope: str) -> str:
    resources = [part.rpartition("/")[0] for part in scope.split() if part.startswith("https://")]
    return resources[0] if resources else scope


def _exchange(refresh_token: str, *, store: Store, now: datetime.datetime) -> str:
    if store.is_consent_revoked:
        raise TokenRequestRefused(400, "invalid_grant", 50173, _REVOKED)
    grant = store.refresh_grants.get(refresh_token)
    if refresh_token != REFRESH_TOKEN and grant is None:
        raise TokenRequestRefused(400, "invalid_grant", 9002313, "Invalid request. The refresh token is malformed.")
    if grant is not None:
        if now >= grant.last_used_at + REFRESH_TOKEN_LIFETIME:
            text = "The refresh token has expired due to inactivity. It was inactive for 90.00:00:00."
            raise TokenRequestRefused(400, "invalid_grant", 700082, text)
        grant.last_used_at = now
    fresh = f"0.{secrets.token_urlsafe(32)}"
    store.refresh_grants[fresh] = RefreshGrant(last_used_at=now)
    return fresh


def _token_body(token: str, *, audience: str, version: int, now: datetime.datetime) -> JsonObject:
    seconds = int(LIFETIME.total_seconds())
    body: JsonObject = {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}
    if version == 1:
        body |= {
            "expires_in": str(seconds),
            "ext_expires_in": str(seconds),
            "expires_on": str(int((now + LIFETIME).timestamp())),
            "not_before": str(int(now.timestamp())),
            "resource": audience,
        }
    return body


def _refusal_body(refusal: TokenRequestRefused, *, now: datetime.datetime) -> JsonObject:
    return {
        "error": refusal.error,
        "error_description": f"AADSTS{refusal.number}: {refusal.text}",
        "error_codes": [refusal.number],
        "timestamp": now.strftime("%Y-%m-%d %H:%M:%SZ"),
        "trace_id": str(uuid.uuid4()),
        "correlation_id": str(uuid.uuid4()),
    }
