"""`perseat connect`: takes up a partner user's consent, after trying it."""

from __future__ import annotations

import getpass
import re
import sys

from django.conf import settings

from perseat.integrations.microsoft_sign_in.consents import ConsentInMemory
from perseat.integrations.system_clock import SystemClock
from perseat.journeys.microsoft_access import notice_address
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered, WritesAreOff
from perseat.ports.outside import Outside
from perseat.wiring import get_outside, kept_consents, make_outside

_LONGEST = 20_000
_TOKEN = re.compile(rf"[!-~]{{1,{_LONGEST}}}")


def main() -> int:
    """Read a refresh token, try it at Partner Center, keep it encrypted. Exit code: 0 kept, 1 refused, 2 none given."""
    token = _read()
    if not token:
        print("No refresh token was given; pipe it in, or type it when asked.", file=sys.stderr)
        return 2
    if not _TOKEN.fullmatch(token):
        print("This is no refresh token: one line of visible signs, as Microsoft gave it.", file=sys.stderr)
        return 2
    tried = ConsentInMemory(token)
    try:
        make_outside(settings.PERSEAT, consents=tried).tenancies.get_invitation_link()
    except (CredentialsRefused, Refused, Unanswered) as failure:
        print(f"Nothing is kept: {failure.sentence}", file=sys.stderr)
        return 1
    kept_consents(settings.PERSEAT).renewed(tried.get(), at=SystemClock().now())
    print("Microsoft has accepted the consent; it is kept encrypted and renewed by itself from now on.")
    print(ask_for_notices(get_outside(), base_url=settings.PERSEAT.base_url))
    return 0


def ask_for_notices(outside: Outside, *, base_url: str) -> str:
    """Have Microsoft send notices of changes to this installation; says in a sentence what came of it."""
    address = notice_address(base_url)
    if not address:
        return "Microsoft sends notices to https addresses only; without them, tenants are looked at every few hours."
    try:
        outside.notices.register(address)
    except (CredentialsRefused, Refused, Unanswered, WritesAreOff) as failure:
        return (
            f"Notices of changes could not be asked for: {failure} Tenants are looked at every few hours all the same."
        )
    return f"Microsoft sends notices of changes to {address}."


def _read() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Refresh token (it is not shown): ").strip()
    return sys.stdin.readline(_LONGEST + 2).strip()
