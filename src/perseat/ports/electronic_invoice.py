"""Electronic invoice: an issued document as a file that the buyer's bookkeeping reads. Same input, same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol


class InvoiceNotExpressible(Exception):
    """The European standard has no room for such a document; the text says why, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceParty:
    """Seller or buyer. What is not known is "".

    `identifier`: a name given by the seller, such as the customer's number. `legal_number`: in an official register,
    whose ISO 6523 code is `legal_scheme`. `vat_number` begins with its country's prefix; any other number by which a
    seller is taxed is `tax_number`.
    """

    name: str
    country: str
    identifier: str = ""
    legal_number: str = ""
    legal_scheme: str = ""
    vat_number: str = ""
    tax_number: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """A line without tax. `net` = `quantity` × `price` ÷ `price_per`, exactly; what lowers the sum has quantity < 0.

    `rate` in percent, None where nothing is taxed at all. `last_day` is included. `facts`: name and value pairs.
    """

    number: int
    name: str
    note: str
    facts: tuple[tuple[str, str], ...]
    quantity: int
    price: Decimal
    price_per: int
    net: Decimal
    category: str
    rate: Decimal | None
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTax:
    """Tax of one category and rate. `reason` and its code say why there is none."""

    category: str
    rate: Decimal | None
    net: Decimal
    tax: Decimal
    reason: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectronicInvoice:
    """An issued invoice, or a credit note whose amounts are above zero when it gives something back.

    Amounts have the currency's digits. `iban` or else `account`: where to pay, "" when nothing is to be paid.
    `credits`: numbers of the documents that lines of this one credit.
    """

    number: str
    is_credit_note: bool
    issued_on: date
    due_on: date | None
    currency: str
    seller: InvoiceParty
    buyer: InvoiceParty
    order_reference: str
    payment_reference: str
    iban: str
    account: str
    terms: str
    notes: tuple[str, ...]
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[InvoiceTax, ...]
    net: Decimal
    tax: Decimal
    total: Decimal
    credits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFile:
    """A written electronic invoice. `profile`: what a PDF that carries it says of it."""

    name: str
    content: bytes
    profile: str


class ElectronicInvoiceWriter(Protocol):
    """Pure: no network, no clock."""

    def write(self, invoice: ElectronicInvoice) -> InvoiceFile:
        """The invoice as a file."""
        ...
