"""Which fact an entry is of: its key names it, so that pages can lead from the entry to the document or payment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFact:
    """A document by its number, or money that came or went back by its id; the others are empty."""

    document_number: str = ""
    payment_id: int | None = None
    repayment_id: int | None = None


def fact_of(idempotency_key: str, *, reference: str) -> LedgerFact:
    """The fact behind an entry.

    >>> fact_of("payment:7:received", reference="ST-1")
    LedgerFact(document_number='', payment_id=7, repayment_id=None)
    """
    kind, _, name = idempotency_key.partition(":")
    number = name.partition(":")[0]
    match kind:
        case "document":
            return LedgerFact(document_number=name)
        case "allocation":
            return LedgerFact(document_number=reference)
        case "payment" if number.isdigit():
            return LedgerFact(payment_id=int(number))
        case "repayment" if number.isdigit():
            return LedgerFact(repayment_id=int(number))
        case _:
            return LedgerFact()
