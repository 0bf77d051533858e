"""Checkout: where a document's total comes from, and where a negative one goes (rules 12 and 14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class NothingToSettle(ValueError):
    """Only a document that gives something back is settled."""

    def __init__(self, total_minor: int) -> None:
        super().__init__(f"A total of {total_minor} gives nothing back.")
        self.total_minor = total_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaid:
    """The part of a document that is still open, positive. `reference` names the document for the caller (opaque)."""

    reference: str
    open_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Where a negative total goes, all positive: parts that close open documents, and the rest to the balance."""

    to_documents: tuple[Unpaid, ...]
    to_balance_minor: int


def split_payment(total_minor: int, balance_minor: int) -> tuple[int, int]:
    """What is taken from the balance and what is left to pay, in minor units; together they are the total.

    A balance is used as far as it goes. Nothing is taken or asked for a total of zero or less, and a negative balance
    is not made up for here.

    >>> split_payment(1771, 500)
    (500, 1271)
    >>> split_payment(-1000, 500)
    (0, 0)
    """
    due_minor = max(total_minor, 0)
    from_balance_minor = min(due_minor, max(balance_minor, 0))
    return from_balance_minor, due_minor - from_balance_minor


def settle_negative(total_minor: int, *, unpaid: Sequence[Unpaid]) -> Settlement:
    """A negative total: first to what is still open of the documents it credits, in the order given, then to balance.

    >>> settle_negative(-1000, unpaid=[Unpaid(reference="INV-7", open_minor=300)]).to_balance_minor
    700

    :raises NothingToSettle: for a total of zero or more.
    """
    if total_minor >= 0:
        raise NothingToSettle(total_minor)
    left_minor = -total_minor
    closed: list[Unpaid] = []
    for document in unpaid:
        part = min(left_minor, max(document.open_minor, 0))
        if part:
            closed.append(Unpaid(reference=document.reference, open_minor=part))
            left_minor -= part
    return Settlement(to_documents=tuple(closed), to_balance_minor=left_minor)


def returnable_minor(balance_minor: int, *, received_minor: int, returned_minor: int) -> int:
    """How much of a balance may go back as money: never more than was received and not yet returned."""
    return max(0, min(balance_minor, received_minor - returned_minor))
