"""Consents: where the partner user's consent is kept between processes and restarts."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Consents(Protocol):
    """Keeps one refresh token. Whoever signs in gets a newer one in exchange, which must not be lost."""

    def get(self) -> str:
        """The newest refresh token; empty when there is none, and we sign in as the application alone."""
        ...

    def renewed(self, refresh_token: str, *, at: datetime) -> None:
        """Keep the token that came in exchange; one that came earlier than the kept one is dropped."""
        ...

    def refused(self, sentence: str, *, at: datetime) -> None:
        """Note why the consent opens nothing any more, for the staff; the token stays, in case it passes."""
        ...
