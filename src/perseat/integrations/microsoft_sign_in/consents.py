"""A consent that lives as long as the process: for tests, and for programs without a database."""

from __future__ import annotations

import threading
from datetime import datetime


class ConsentInMemory:
    """Answers the Consents port."""

    def __init__(self, refresh_token: str = "") -> None:
        self._guard = threading.Lock()
        self._refresh_token = refresh_token
        self._renewed_at: datetime | None = None

    def get(self) -> str:
        """The newest one."""
        with self._guard:
            return self._refresh_token

    def renewed(self, refresh_token: str, *, at: datetime) -> None:
        """Keep it, unless a newer one is kept."""
        with self._guard:
            if self._renewed_at is None or at >= self._renewed_at:
                self._refresh_token, self._renewed_at = refresh_token, at

    def refused(self, sentence: str, *, at: datetime) -> None:
        """The caller is told anyway."""
