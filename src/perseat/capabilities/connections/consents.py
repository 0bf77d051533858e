"""The consents port on the database: encrypted, renewed at each use, shared by all processes."""

from __future__ import annotations

import hashlib
from datetime import datetime

import structlog
from django.db import transaction

from perseat.capabilities.connections.models import Consent
from perseat.capabilities.connections.sealing import CannotBeOpened, Seal

log = structlog.get_logger(__name__)

MICROSOFT = "microsoft"


class KeptConsents:
    """Answers the Consents port for one supplier.

    `given`: the refresh token of the settings, "" for none. It is used until a newer one has come in exchange for it,
    and again when it was replaced by another in the settings.
    """

    def __init__(self, *, given: str, seal: Seal, supplier: str = MICROSOFT) -> None:
        self._given = given
        self._made_from = hashlib.sha256(given.encode()).hexdigest()
        self._seal = seal
        self._supplier = supplier

    def get(self) -> str:
        """The newest token that can be read."""
        kept = Consent.objects.filter(supplier=self._supplier).exclude(sealed="").first()
        if kept is None or (self._given and kept.made_from != self._made_from):
            return self._given
        try:
            return self._seal.open(kept.sealed)
        except CannotBeOpened:
            log.warning("the kept consent was encrypted with another key", supplier=self._supplier)
            return self._given

    def renewed(self, refresh_token: str, *, at: datetime) -> None:
        """Keep it, unless another process kept a newer one of the same origin."""
        with transaction.atomic():
            kept = self._row()
            is_older = kept.renewed_at is not None and at < kept.renewed_at
            if is_older and kept.made_from == self._made_from:
                return
            kept.sealed, kept.made_from = self._seal.close(refresh_token), self._made_from
            kept.renewed_at, kept.refused_at, kept.refused_because = at, None, ""
            kept.save()

    def refused(self, sentence: str, *, at: datetime) -> None:
        """Keep the sentence; the token stays."""
        with transaction.atomic():
            kept = self._row()
            if kept.renewed_at is None or at >= kept.renewed_at:
                kept.refused_at, kept.refused_because = kept.refused_at or at, sentence[:500]
                kept.save()

    def _row(self) -> Consent:
        Consent.objects.bulk_create(
            [Consent(supplier=self._supplier, sealed="", made_from=self._made_from)], ignore_conflicts=True
        )
        return Consent.objects.select_for_update(no_key=True).get(supplier=self._supplier)
