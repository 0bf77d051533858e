"""API tokens: a member's own programs act for the customer, in the member's role, until the token ends.

The token is random and shown once; the table keeps its SHA-256. What it may do is asked at every request, so a changed
role counts at once, and a member who is taken off the team takes their tokens along.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from perseat.capabilities.accounts.actions import record_audit
from perseat.capabilities.customers.models import ApiToken, Membership
from perseat.capabilities.customers.queries import DoesNotBelong, Member, get_member, require_member

PREFIX = "perseat_"
LONGEST_NAME = 60
MOST_TOKENS = 20
VALID_FOR_DAYS = (30, 90, 365)
_USE_IS_NOTED_EVERY = timedelta(hours=1)


class WhyRefused(StrEnum):
    """Why a token opens nothing."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class TokenRefused(Exception):
    """The token opens nothing; `why` says the reason."""

    def __init__(self, why: WhyRefused) -> None:
        self.why = why
        super().__init__(why)


class TokenNameNotUsable(ValueError):
    """A token needs a name of its own; the message says what is wrong with this one."""


class TooManyTokens(ValueError):
    """The member has as many open tokens as one may have."""

    def __init__(self) -> None:
        super().__init__(f"You have {MOST_TOKENS} tokens. Withdraw one that you no longer use; then this works.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token that was just made; `secret` is shown once and kept nowhere."""

    token_id: int
    name: str
    expires_at: datetime
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenToken:
    """A token that was not withdrawn; it may have expired. `last_used_at`: to the hour, None when never."""

    token_id: int
    name: str
    made_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    is_expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHolder:
    """On whose behalf a request comes, and with which token."""

    member: Member
    token_id: int
    token_name: str
    expires_at: datetime


@transaction.atomic
def make_token(name: str, *, valid_for_days: int, customer_id: int, user_id: int, now: datetime) -> NewToken:
    """Make a token for the member themselves; an expired one of the same name is withdrawn in passing.

    :raises DoesNotBelong: when they are no member.
    :raises TokenNameNotUsable: without a name, or with one that an open token has.
    :raises TooManyTokens: when they have enough.
    """
    member = require_member(user_id, customer_id=customer_id)
    Membership.objects.select_for_update().get(pk=member.membership_id)
    open_ones = ApiToken.objects.filter(membership_id=member.membership_id, withdrawn_at=None)
    open_ones.filter(expires_at__lte=now).filter(name=_usable(name)).update(withdrawn_at=now)
    if open_ones.filter(name=_usable(name)).exists():
        raise TokenNameNotUsable("You have a token of this name already. Choose another name, or withdraw that one.")
    if open_ones.filter(expires_at__gt=now).count() >= MOST_TOKENS:
        raise TooManyTokens
    if valid_for_days not in VALID_FOR_DAYS:
        raise ValueError("a token is valid for one of the offered numbers of days")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        membership_id=member.membership_id,
        name=_usable(name),
        token_hash=_hash(secret),
        made_at=now,
        expires_at=now + timedelta(days=valid_for_days),
    )
    record_audit(
        "made API token",
        actor=member.email,
        object_label=token.name,
        at=now,
        customer_number=member.customer_number,
        details={"expires_at": token.expires_at.isoformat()},
    )
    return NewToken(token_id=token.pk, name=token.name, expires_at=token.expires_at, secret=secret)


@transaction.atomic
def withdraw_token(token_id: int, *, customer_id: int, user_id: int, now: datetime) -> str:
    """End one of the member's own tokens at once and return its name.

    :raises DoesNotBelong: when it is not theirs, or not open any more.
    """
    member = require_member(user_id, customer_id=customer_id)
    token = (
        ApiToken.objects.select_for_update()
        .filter(pk=token_id, membership_id=member.membership_id, withdrawn_at=None)
        .first()
    )
    if token is None:
        raise DoesNotBelong(token_id)
    token.withdrawn_at = now
    token.save(update_fields=["withdrawn_at"])
    record_audit(
        "withdrew API token",
        actor=member.email,
        object_label=token.name,
        at=now,
        customer_number=member.customer_number,
    )
    return token.name


def list_tokens(*, customer_id: int, user_id: int, now: datetime) -> tuple[OpenToken, ...]:
    """The member's own tokens that are not withdrawn, the newest first."""
    rows = ApiToken.objects.filter(
        membership__customer_id=customer_id, membership__user_id=user_id, withdrawn_at=None
    ).order_by("-pk")
    return tuple(
        OpenToken(
            token_id=each.pk,
            name=each.name,
            made_at=each.made_at,
            expires_at=each.expires_at,
            last_used_at=each.last_used_at,
            is_expired=each.expires_at <= now,
        )
        for each in rows
    )


def get_token_holder(secret: str, *, now: datetime) -> TokenHolder:
    """Whose token it is, in the role they have now.

    :raises TokenRefused: unknown (also of somebody who was taken off the team or cannot log in), expired, withdrawn.
    """
    token = ApiToken.objects.select_related("membership").filter(token_hash=_hash(secret)).first()
    if token is None:
        raise TokenRefused(WhyRefused.UNKNOWN)
    if token.withdrawn_at is not None:
        raise TokenRefused(WhyRefused.WITHDRAWN)
    if token.expires_at <= now:
        raise TokenRefused(WhyRefused.EXPIRED)
    try:
        member = get_member(token.membership.user_id, customer_id=token.membership.customer_id)
    except DoesNotBelong:
        raise TokenRefused(WhyRefused.UNKNOWN) from None
    unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - _USE_IS_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at <= now - _USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
    return TokenHolder(member=member, token_id=token.pk, token_name=token.name, expires_at=token.expires_at)


def _usable(name: str) -> str:
    words = " ".join(name.split())
    if not words or len(words) > LONGEST_NAME:
        raise TokenNameNotUsable(f"Give the token a name of at most {LONGEST_NAME} characters.")
    return words


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
