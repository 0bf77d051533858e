"""Mailer: sends one plain message to one address."""

from __future__ import annotations

from typing import Protocol


class Mailer(Protocol):
    """May raise Unanswered; the caller may send the same `message_id` again (the receiver sees one thread).

    May raise Refused (this address will never take it) and CredentialsRefused (our sign-in at the mail server).
    """

    def send(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Send plain text."""
        ...
