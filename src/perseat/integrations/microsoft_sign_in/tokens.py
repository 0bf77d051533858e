"""Access tokens by the flows of Microsoft's secure application model, kept until shortly before they end."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx
import structlog

from perseat.integrations.microsoft_sign_in.consents import ConsentInMemory
from perseat.integrations.microsoft_sign_in.credentials import Certificate, prove_by_certificate
from perseat.integrations.microsoft_sign_in.sentences import sentence_for
from perseat.ports.clock import Clock
from perseat.ports.consents import Consents
from perseat.ports.failures import CredentialsRefused, Unanswered

log = structlog.get_logger(__name__)

# A token may be minutes old when a long job uses it: it is replaced while it still has this long to live.
_RENEWED_BEFORE_ITS_END = timedelta(minutes=5)
_PASSING = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Our registration at Microsoft: it signs in with its certificate, or with its secret when there is none.

    `home_tenant_id`: the partner's own tenant, where a partner user's consent is renewed.
    """

    client_id: str
    client_secret: str
    certificate: Certificate | None = None
    home_tenant_id: str = ""

    @property
    def is_registered(self) -> bool:
        """Whether there is all that a sign-in needs."""
        return bool(self.client_id and (self.client_secret or self.certificate))


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    good_until: datetime


class TokenSource:
    """Access tokens for one audience, one for each tenant. Safe to share between threads.

    With a consent (a partner user's) App+User, else as the application alone. Microsoft gives a new refresh token with
    every access token; the one from the home tenant is kept in place of the old one. Those from customers' tenants
    are not, so that a relationship which ends takes nothing else with it.
    """

    def __init__(
        self,
        http: httpx.Client,
        *,
        login_base_url: str,
        application: Application,
        audience: str,
        clock: Clock,
        consents: Consents | None = None,
    ) -> None:
        self._http = http
        self._login_base_url = login_base_url.rstrip("/")
        self._application = application
        self._scope = f"{audience.rstrip('/')}/.default"
        self._clock = clock
        self._tokens: dict[str, _Token] = {}
        self._consents: Consents = consents or ConsentInMemory()
        self._guard = threading.Lock()
        self._one_at_a_time: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def get_token(self, tenant_id: str) -> str:
        """A token that is good for some minutes at least.

        :raises CredentialsRefused: with the sentence that says what to mend.
        :raises Unanswered: the sign-in service did not answer.
        """
        with self._lock_of(tenant_id):
            held = self._tokens.get(tenant_id)
            if held is None or self._clock.now() >= held.good_until:
                held = self._tokens[tenant_id] = self._ask(tenant_id)
            return held.text

    def get_token_instead_of(self, refused: str, *, tenant_id: str) -> str:
        """A token other than the one that was just refused; another thread's newer one will do."""
        with self._lock_of(tenant_id):
            held = self._tokens.get(tenant_id)
            if held is not None and held.text == refused:
                del self._tokens[tenant_id]
        return self.get_token(tenant_id)

    def _lock_of(self, tenant_id: str) -> threading.Lock:
        with self._guard:
            return self._one_at_a_time[tenant_id]

    def _ask(self, tenant_id: str) -> _Token:
        if not (tenant_id and self._application.is_registered):
            raise CredentialsRefused(
                "Microsoft is not connected yet. Set PERSEAT_PARTNER_TENANT_ID, PERSEAT_CLIENT_ID and "
                "PERSEAT_CLIENT_SECRET or PERSEAT_CLIENT_CERTIFICATE."
            )
        address = f"{self._login_base_url}/{quote(tenant_id, safe='')}/oauth2/v2.0/token"
        asked_at = self._clock.now()
        form = self._form(address, now=asked_at)
        try:
            answer = self._http.post(address, data=form, headers={"Accept": "application/json"})
        except httpx.TransportError as error:
            log.warning("sign-in unanswered", tenant_id=tenant_id, error=type(error).__name__)
            raise Unanswered("Microsoft's sign-in service does not answer.") from error
        log.info("signed in", tenant_id=tenant_id, status=answer.status_code)
        body = _read(answer)
        if answer.status_code != httpx.codes.OK:
            raise self._noted(_refusal(answer, body=body), tenant_id=tenant_id, at=asked_at)
        return self._keep(tenant_id, body=body, asked_at=asked_at)

    def _form(self, address: str, *, now: datetime) -> dict[str, str]:
        ours = self._application
        form = {"client_id": ours.client_id, "scope": self._scope}
        if ours.certificate:
            form |= prove_by_certificate(ours.certificate, client_id=ours.client_id, address=address, now=now)
        else:
            form |= {"client_secret": ours.client_secret}
        refresh_token = self._consents.get()
        if not refresh_token:
            return form | {"grant_type": "client_credentials"}
        return form | {"grant_type": "refresh_token", "refresh_token": refresh_token}

    def _noted(self, failure: Exception, *, tenant_id: str, at: datetime) -> Exception:
        """A refusal at home concerns the consent itself, and somebody of the staff has to hear of it."""
        if isinstance(failure, CredentialsRefused) and self._is_home(tenant_id):
            self._consents.refused(failure.sentence, at=at)
        return failure

    def _is_home(self, tenant_id: str) -> bool:
        return tenant_id == (self._application.home_tenant_id or tenant_id)

    def _keep(self, tenant_id: str, *, body: dict[str, object], asked_at: datetime) -> _Token:
        text, rotated = body.get("access_token"), body.get("refresh_token")
        if not isinstance(text, str) or not text:
            raise Unanswered("Microsoft's sign-in service answered without a token.")
        if isinstance(rotated, str) and rotated and self._is_home(tenant_id):
            self._consents.renewed(rotated, at=asked_at)
        # The older endpoint writes the number as text.
        lifetime = timedelta(seconds=int(str(body.get("expires_in") or "0")))
        return _Token(text, asked_at + max(lifetime - _RENEWED_BEFORE_ITS_END, lifetime / 2))


def _read(answer: httpx.Response) -> dict[str, object]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _refusal(answer: httpx.Response, *, body: dict[str, object]) -> Exception:
    if answer.status_code in _PASSING or not body.get("error") or body.get("error") == "temporarily_unavailable":
        return Unanswered("Microsoft's sign-in service is out of order for the moment.")
    return CredentialsRefused(
        sentence_for(error=str(body["error"]), description=str(body.get("error_description") or ""))
    )
