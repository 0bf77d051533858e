"""Writes of the ledger: balanced entries, written once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from perseat.capabilities.ledger.models import Account, LedgerEntry, LedgerLine
from perseat.capabilities.ledger.months import open_day


class EntryDoesNotBalance(ValueError):
    """The sides of an entry do not sum to zero."""


def record_entry(
    *,
    customer_number: str,
    currency: str,
    amounts: Mapping[Account, int],
    description: str,
    reference: str,
    idempotency_key: str,
    occurred_on: date,
    recorded_at: datetime,
    recorded_by: str = "",
    reason: str = "",
) -> None:
    """Enter one movement of money: debits positive, credits negative, in minor units; sides of zero are left out.

    `idempotency_key` names the fact; the database refuses to enter it twice. Without any amount nothing is entered.
    What belongs into a closed month is dated on the first open day, and its description says so.

    :raises EntryDoesNotBalance: when the amounts do not sum to zero.
    """
    sides = {account: amount for account, amount in amounts.items() if amount}
    if sum(sides.values()):
        raise EntryDoesNotBalance(f"{description}: {sides}")
    if not sides:
        return
    day = open_day(occurred_on, at=recorded_at)
    late = f" (of {occurred_on:%Y-%m-%d}, whose month is closed)" if day != occurred_on else ""
    entry = LedgerEntry.objects.create(
        occurred_on=day,
        recorded_at=recorded_at,
        description=description[: 300 - len(late)] + late,
        reference=reference,
        customer_number=customer_number,
        idempotency_key=idempotency_key,
        reason=reason[:300],
        recorded_by=recorded_by,
    )
    # One INSERT for all sides: the database checks the balance once a statement.
    LedgerLine.objects.bulk_create(
        [
            LedgerLine(
                entry=entry,
                account=account,
                customer_number=customer_number,
                currency=currency,
                amount_minor=amount,
            )
            for account, amount in sides.items()
        ]
    )
