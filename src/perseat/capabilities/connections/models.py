"""Connections: the kept consents."""

from __future__ import annotations

from django.db import models


class Consent(models.Model):
    """A partner user's consent to a supplier. `sealed`: the refresh token, encrypted (see sealing.py).

    `made_from`: a fingerprint of the token in the settings when this began, so that a new one there is taken up.
    `refused_at` and `refused_because`: of the last sign-in that was refused; None and "" since the last that worked.
    """

    supplier = models.CharField(max_length=30, unique=True)
    sealed = models.TextField()
    made_from = models.CharField(max_length=64)
    renewed_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_because = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "consent"

    def __str__(self) -> str:
        return self.supplier
