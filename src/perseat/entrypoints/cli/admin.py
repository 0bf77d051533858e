"""`perseat admin EMAIL`: makes an administrator and prints a link with which they choose a password, once."""

from __future__ import annotations

import sys

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from perseat.capabilities.accounts.actions import make_first_administrator
from perseat.journeys.welcome import make_password_link


def main(email: str) -> int:
    """Make the administrator; returns the exit code: 0 done, 2 unusable input. Running it again prints a new link."""
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        print(f"{email!r} is not an e-mail address.", file=sys.stderr)
        return 2
    try:
        person = make_first_administrator(address, now=timezone.now())
    except LookupError:
        print(f"{address} is switched off; switch the account on first.", file=sys.stderr)
        return 1
    print(f"{address} is an administrator.")
    if not person.has_password:
        print(f"Choose a password here; the link works once, for three days:\n{make_password_link(person.user_id)}")
    return 0
