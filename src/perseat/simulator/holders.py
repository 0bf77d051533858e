"""Who holds what in one tenant, kept up as users are touched, so that a tenant of 100,000 is counted in no time."""

from __future__ import annotations

import collections
import datetime
from collections.abc import Iterable, Sequence
from typing import Protocol


class License(Protocol):
    """A license, as far as it is counted."""

    @property
    def sku_id(self) -> str:
        """What is held."""


class Holder(Protocol):
    """A user, as far as it is counted."""

    @property
    def id(self) -> str:
        """Who it is."""

    @property
    def licenses(self) -> Sequence[License]:
        """What is held."""

    @property
    def deleted_at(self) -> datetime.datetime | None:
        """Set while the user is deleted."""


class Holders:
    """Counts of the licenses of living users; one who holds a SKU twice counts once."""

    def __init__(self, users: Iterable[Holder]) -> None:
        self._held: dict[str, frozenset[str]] = {}
        self._counts: collections.Counter[str] = collections.Counter()
        self.living = 0
        for user in users:
            self.note(user)

    def note(self, user: Holder) -> bool:
        """Take up a user as it is now; whether a living user has just lost its last license."""
        is_living = user.deleted_at is None
        before = self._held.pop(user.id, None)
        held = frozenset(one.sku_id for one in user.licenses) if is_living else frozenset()
        if is_living:
            self._held[user.id] = held
        self.living += is_living - (before is not None)
        self._counts.subtract((before or frozenset()) - held)
        self._counts.update(held - (before or frozenset()))
        return is_living and bool(before) and not held

    def count(self, sku_id: str) -> int:
        """How many people hold the SKU."""
        return self._counts[sku_id]
