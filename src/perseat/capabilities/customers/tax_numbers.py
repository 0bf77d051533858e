"""Tax numbers: whether one has the form that its country gives out. Nobody is asked whether it is registered."""

from __future__ import annotations

from stdnum.au import abn
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

# Countries whose VAT numbers begin with another prefix than their ISO code.
_EU_PREFIXES = {"GR": "EL"}
EU_COUNTRIES = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)


class TaxNumberUnusable(Exception):
    """A tax number that its country cannot have given out; the text says what is expected."""


class ReverseChargeImpossible(Exception):
    """What a document under reverse charge must say is missing; `field` is what to mend, the text says how."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def vat_prefix(country: str) -> str:
    """What the VAT numbers of a country of the European Union begin with."""
    return _EU_PREFIXES.get(country, country)


def check_reverse_charge(*, tax_number: str, country: str, seller_country: str) -> None:
    """Under reverse charge the buyer accounts for the tax, abroad, and is named with the number for it.

    :raises ReverseChargeImpossible: without a number, or in the seller's own country.
    """
    if country == seller_country:
        raise ReverseChargeImpossible(
            "country", "Reverse charge is for customers in another country than the provider's."
        )
    if not tax_number:
        raise ReverseChargeImpossible(
            "tax_number", "Invoices without tax under reverse charge must name the customer's VAT number."
        )


def normalize_tax_number(text: str, *, country: str) -> str:
    """Return the number as documents print it; "" stays "".

    Australia: an ABN with its check digits ("51 824 753 556"). The European Union: a VAT number with the country's
    prefix and check digits ("DE136695976"; the prefix may be left out). Other countries: as typed, spaces joined.

    :raises TaxNumberUnusable: when the form or the check digits are wrong.
    """
    typed = " ".join(text.split())
    if not typed:
        return ""
    if country == "AU":
        return _australian(typed)
    if country in EU_COUNTRIES:
        return _european(typed, prefix=vat_prefix(country))
    return typed


def _australian(typed: str) -> str:
    try:
        return str(abn.format(abn.validate(typed)))
    except ValidationError:
        raise TaxNumberUnusable(
            f"{typed} is not an ABN. An ABN has 11 digits, such as 51 824 753 556; please check each digit."
        ) from None


def _european(typed: str, *, prefix: str) -> str:
    compact = typed.replace(" ", "").replace("-", "").replace(".", "").upper()
    if not compact.startswith(prefix):
        compact = prefix + compact
    try:
        return str(vat.validate(compact))
    except ValidationError:
        raise TaxNumberUnusable(
            f"{typed} is not a VAT number of this country. It begins with {prefix}; please check each character, "
            "or the country."
        ) from None
