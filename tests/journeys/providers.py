"""Providers: who sells in a story, put in the place of the settings' own."""

from __future__ import annotations

from pytest_django.fixtures import Settings


def sell_from_germany(settings: Settings) -> None:
    """A seller in Berlin with a VAT number and an IBAN."""
    settings.PERSEAT = settings.PERSEAT.model_copy(
        update={
            "provider_name": "Beispiel Hosting GmbH",
            "provider_address": "Beispielweg 1, 10115 Berlin",
            "provider_country": "DE",
            "provider_tax_number": "DE136695976",
            "provider_bank_account": "DE89 3704 0044 0532 0130 00",
        }
    )
