"""`perseat connect`: takes up a partner user's consent, after trying it."""

from __future__ import annotations

import getpass
import re
import sys

from django.conf import settings

from perseat.integrations.microsoft_sign_in.consents import ConsentInMemory
from perseat.integrations.system_clock import SystemClock
from perseat.ports.failures import CredentialsRefused, Refused, Unanswered
from perseat.wiring import kept_consents, make_outside

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
    return 0


def _read() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Refresh token (it is not shown): ").strip()
    return sys.stdin.readline(_LONGEST + 2).strip()
