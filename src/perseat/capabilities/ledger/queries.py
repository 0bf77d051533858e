"""Reads of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from perseat.capabilities.ledger.models import Account, LedgerEntry, LedgerLine


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLineView:
    """One side of an entry: debit positive, credit negative, in minor units."""

    account: Account
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntryView:
    """A movement of money with all its sides."""

    entry_id: int
    occurred_on: date
    recorded_at: datetime
    description: str
    reference: str
    recorded_by: str
    reason: str
    lines: tuple[LedgerLineView, ...]


def get_account_minor(customer_number: str, *, account: Account, currency: str) -> int:
    """The sum of an account of one customer: debit positive, credit negative, in minor units."""
    lines = LedgerLine.objects.filter(customer_number=customer_number, account=account, currency=currency)
    return int(lines.aggregate(total=Sum("amount_minor"))["total"] or 0)


def get_balance_minor(customer_number: str, currency: str) -> int:
    """What we hold for a customer by the ledger, in minor units; zero or more when the books hold."""
    return -get_account_minor(customer_number, account=Account.BALANCE, currency=currency)


def list_ledger_entries(customer_number: str, *, page: int = 1) -> tuple[LedgerEntryView, ...]:
    """A customer's movements, newest first, 50 a page."""
    entries = LedgerEntry.objects.filter(customer_number=customer_number).prefetch_related("lines").order_by("-pk")
    return tuple(_view(entry) for entry in entries[(page - 1) * 50 : page * 50])


def _view(entry: LedgerEntry) -> LedgerEntryView:
    return LedgerEntryView(
        entry_id=entry.pk,
        occurred_on=entry.occurred_on,
        recorded_at=entry.recorded_at,
        description=entry.description,
        reference=entry.reference,
        recorded_by=entry.recorded_by,
        reason=entry.reason,
        lines=tuple(
            LedgerLineView(account=Account(line.account), currency=line.currency, amount_minor=line.amount_minor)
            for line in sorted(entry.lines.all(), key=lambda line: line.pk)
        ),
    )
