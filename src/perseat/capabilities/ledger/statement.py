"""Statement of account: what a customer owed on each day, from the ledger alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from perseat.capabilities.ledger.facts import LedgerFact, fact_of
from perseat.capabilities.ledger.models import Account, LedgerEntry, LedgerLine

_OF_CUSTOMER = (Account.RECEIVABLE.value, Account.BALANCE.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """A movement and what is owed after it, in minor units: positive is owed to us, negative is held for them."""

    day: date
    description: str
    reference: str
    amount_minor: int
    owed_minor: int
    fact: LedgerFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """All movements from `starts_on` to `ends_on`, both included, in minor units of `currency`."""

    currency: str
    starts_on: date
    ends_on: date
    opening_minor: int
    rows: tuple[StatementRow, ...]
    closing_minor: int


def get_statement(customer_number: str, *, currency: str, starts_on: date, ends_on: date) -> Statement:
    """The customer's statement. What merely settles one document with another moves nothing and is left out."""
    lines = LedgerLine.objects.filter(
        entry__customer_number=customer_number, currency=currency, account__in=_OF_CUSTOMER
    )
    before = lines.filter(entry__occurred_on__lt=starts_on).aggregate(total=Sum("amount_minor"))["total"]
    opening = owed = int(before or 0)
    moved = (
        LedgerEntry.objects.filter(
            customer_number=customer_number,
            occurred_on__range=(starts_on, ends_on),
            lines__currency=currency,
            lines__account__in=_OF_CUSTOMER,
        )
        .annotate(moved_minor=Sum("lines__amount_minor"))
        .exclude(moved_minor=0)
        .order_by("occurred_on", "pk")
    )
    rows = []
    for entry in moved:
        amount = int(vars(entry)["moved_minor"])
        owed += amount
        rows.append(
            StatementRow(
                day=entry.occurred_on,
                description=entry.description,
                reference=entry.reference,
                amount_minor=amount,
                owed_minor=owed,
                fact=fact_of(entry.idempotency_key, reference=entry.reference),
            )
        )
    return Statement(
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
        opening_minor=opening,
        rows=tuple(rows),
        closing_minor=owed,
    )
