"""Supplier notices: the supplier tells that something changed, never what; only its signature is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class NoticeRefused(Exception):
    """It is not the supplier's, or cannot be read; nothing was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierNotice:
    """Something changed at a tenant; `subscription_id` is empty where it was no subscription.

    `event`: the supplier's own name for it. `changed_at`: by the supplier's clock; None when it does not say.
    """

    event: str
    tenant_id: str
    subscription_id: str
    changed_at: datetime | None


class SupplierNotices(Protocol):
    """Who signs the notices, and where they are asked for."""

    def read(self, body: bytes, headers: Mapping[str, str]) -> SupplierNotice:
        """The notice, once its signature is checked. :raises NoticeRefused: see the sentence. May ask the network."""
        ...

    def get_address(self) -> str:
        """Where notices are sent, empty when nowhere. Fails as the seat provider does."""
        ...

    def register(self, address: str) -> None:
        """Have notices sent to this address, in place of any other. Fails as the seat provider does."""
        ...
